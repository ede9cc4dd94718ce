// One step at a time, with a bar that says how far it is.
var formSteps = function (form, answers, t) {
  'use strict';

  var steps = Array.prototype.slice.call(form.querySelectorAll('.step'));
  var bar = document.getElementById('progress');
  var back = document.getElementById('back');
  var next = document.getElementById('next');
  var send = document.getElementById('send');
  var now = 0;

  function asked(step) { return Array.prototype.some.call(step.querySelectorAll('.question'), function (q) { return !q.hidden; }); }

  // open are the steps that ask something after the answers of now.
  function open() { return steps.filter(asked); }

  function draw() {
    var list = open();
    if (list.indexOf(steps[now]) < 0) now = steps.indexOf(list[0]);
    var place = list.indexOf(steps[now]);
    steps.forEach(function (step, i) { step.hidden = i !== now; });
    back.hidden = place === 0;
    next.hidden = place === list.length - 1;
    send.hidden = place !== list.length - 1;
    bar.hidden = list.length < 2;
    var of = t('feedback.page.progress', { step: place + 1, of: list.length });
    bar.querySelector('p').textContent = of;
    bar.querySelector('.bar').setAttribute('aria-valuenow', String(Math.round(100 * place / list.length)));
    bar.querySelector('.bar').setAttribute('aria-valuetext', of);
    bar.querySelector('.bar span').style.width = Math.round(100 * (place + 1) / list.length) + '%';
  }

  function good(step) {
    var all = answers.all.filter(function (q) { return step.contains(q) && !q.hidden; });
    var bad = all.filter(function (q) { return !answers.judge(q); });
    if (bad.length) focusOn(bad[0].querySelector('input:not([type=hidden]), textarea'));
    return !bad.length;
  }

  function focusOn(el) {
    if (!el) return;
    el.focus();
    if (el.scrollIntoView) el.scrollIntoView({ block: 'center' });
  }

  function go(by) {
    var list = open();
    var to = list[list.indexOf(steps[now]) + by];
    if (!to || (by > 0 && !good(steps[now]))) return false;
    now = steps.indexOf(to);
    draw();
    focusOn(to.querySelector('h2') || to.querySelector('input, textarea'));
    document.getElementById('announce').textContent = bar.querySelector('p').textContent;
    return true;
  }

  var track = bar.querySelector('.bar');
  track.setAttribute('role', 'progressbar');
  track.setAttribute('aria-label', t('feedback.page.progress_name'));
  track.setAttribute('aria-valuemin', '0');
  track.setAttribute('aria-valuemax', '100');
  back.addEventListener('click', function () { go(-1); });
  next.addEventListener('click', function () { go(1); });
  return {
    draw: draw,
    // ready is called when the form is to go; before the last step it only goes on.
    ready: function () {
      var list = open();
      if (steps[now] !== list[list.length - 1]) { go(1); return false; }
      return good(steps[now]);
    },
    // to shows the step of a question.
    to: function (q) {
      steps.forEach(function (step, i) { if (step.contains(q)) now = i; });
      draw();
    }
  };
};
