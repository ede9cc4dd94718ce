// What is answered now, which questions are shown, and what is wrong: the same rules as the desk's own, which looks again.
var formAnswers = function (form, t) {
  'use strict';

  var questions = Array.prototype.slice.call(form.querySelectorAll('.question'));

  function inputs(q) { return Array.prototype.slice.call(q.querySelectorAll('[name="' + q.getAttribute('data-question') + '"]')); }

  function values(q) {
    return inputs(q).filter(function (one) {
      return one.type === 'file' ? one.files && one.files.length : one.type === 'radio' || one.type === 'checkbox' ? one.checked : one.value.trim() !== '';
    }).map(function (one) { return one.value; });
  }

  function named(name) { return questions.filter(function (q) { return q.getAttribute('data-question') === name; })[0]; }

  function holds(q) {
    var name = q.getAttribute('data-if');
    if (!name) return true;
    var of = named(name);
    var given = of && !of.hidden ? values(of) : [];
    var value = q.getAttribute('data-value');
    if (!given.length) return false;
    switch (q.getAttribute('data-op')) {
      case 'answered': return true;
      case 'is': return given.indexOf(value) >= 0;
      case 'not': return given.indexOf(value) < 0;
      case 'at_most': return Number(given[0]) <= Number(value);
      case 'at_least': return Number(given[0]) >= Number(value);
    }
    return false;
  }

  // show hides what is not asked after the answers of now. A question stands behind the one that it depends on.
  function show() { questions.forEach(function (q) { q.hidden = !holds(q); }); }

  function address(text) {
    if (text.indexOf('@') >= 0) return /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(text);
    return /^\+?[\d\s()-]{6,20}$/.test(text) && text.replace(/\D/g, '').length >= 6;
  }

  function wrong(q) {
    var given = values(q);
    var kind = q.getAttribute('data-kind');
    if (!given.length) {
      if (!q.getAttribute('data-required')) return '';
      if (kind === 'photo') return t('feedback.page.need_photo');
      return t(kind === 'text' || kind === 'contact' ? 'feedback.page.need_text' : 'feedback.page.need_choice');
    }
    return kind === 'contact' && !address(given[0].trim()) ? t('feedback.page.need_address') : '';
  }

  // judge says at the question what is wrong with it, or that nothing is any more.
  function judge(q) {
    var text = q.hidden ? '' : wrong(q);
    var place = q.querySelector('.wrong');
    place.textContent = text;
    place.hidden = !text;
    q.classList.toggle('bad', !!text);
    var target = q.querySelector('fieldset, textarea, input:not([type=checkbox])');
    if (text && target.tagName !== 'FIELDSET') target.setAttribute('aria-invalid', 'true');
    else target.removeAttribute('aria-invalid');
    describe(target, place.id, !!text);
    return !text;
  }

  function describe(el, id, on) {
    var ids = (el.getAttribute('aria-describedby') || '').split(' ').filter(function (one) { return one && one !== id; });
    if (on) ids.push(id);
    if (ids.length) el.setAttribute('aria-describedby', ids.join(' '));
    else el.removeAttribute('aria-describedby');
  }

  return { all: questions, inputs: inputs, values: values, show: show, judge: judge };
};
