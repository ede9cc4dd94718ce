// A feedback form comes to life where scripts run; without them it is one long page that posts.
(function () {
  'use strict';

  var data = JSON.parse(document.getElementById('page-data').textContent);
  var form = document.getElementById('form');

  function t(key, args) {
    return String(data.texts[key] || key).replace(/\{\{\s*\.(\w+)\s*\}\}/g, function (all, name) { return args && args[name] !== undefined ? String(args[name]) : ''; });
  }

  formForget(data.clear);
  formHeight(data);
  if (!form) return;

  var answers = formAnswers(form, t);
  var keep = formKeep(data.keep);
  var photos = null;
  var steps = null;

  function changed() {
    answers.show();
    steps.draw();
  }

  document.documentElement.classList.add('js');
  form.noValidate = true;
  keep.restore(answers);
  steps = formSteps(form, answers, t);
  photos = formPhotos(form, data, t, function () {});
  changed();

  var wrong = document.querySelector('#wrongs');
  if (wrong) {
    var first = document.querySelector('.question .wrong:not([hidden])');
    while (first && !first.classList.contains('question')) first = first.parentNode;
    if (first) steps.to(first);
    wrong.focus();
  }

  function said() {
    changed();
    if (data.keep) keep.save(answers);
  }
  form.addEventListener('input', said);
  form.addEventListener('change', function (e) {
    said();
    var q = questionOf(e.target);
    if (q && q.classList.contains('bad')) answers.judge(q);
  });
  // What is wrong is said when she leaves a question, not while she is at it.
  form.addEventListener('focusout', function (e) {
    var q = questionOf(e.target);
    if (!q || (e.relatedTarget && q.contains(e.relatedTarget))) return;
    if (e.target.tagName === 'TEXTAREA' || e.target.type === 'text') { if (e.target.value.trim() || q.classList.contains('bad')) answers.judge(q); }
  });

  function questionOf(el) {
    while (el && el !== form && !el.classList.contains('question')) el = el.parentNode;
    return el && el !== form ? el : null;
  }

  form.addEventListener('submit', function (e) {
    var place = document.getElementById('step-wrong');
    place.hidden = true;
    if (form.getAttribute('data-sent') || !steps.ready()) return e.preventDefault();
    if (photos.busy()) {
      place.textContent = t('feedback.page.photo_wait');
      place.hidden = false;
      return e.preventDefault();
    }
    form.setAttribute('data-sent', '1');
    setTimeout(function () { form.removeAttribute('data-sent'); }, 8000);
  });
  window.addEventListener('pageshow', function (e) { if (e.persisted) form.removeAttribute('data-sent'); });
})();
