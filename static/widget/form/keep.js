// What is typed is kept in this browser until it is sent, for a day at most, so that a reload loses no word.
var formKeep = function (key) {
  'use strict';

  var DAY = 24 * 3600 * 1000;

  function read() {
    try {
      var kept = JSON.parse(localStorage.getItem(key) || 'null');
      return kept && Date.now() - kept.at < DAY ? kept : null;
    } catch (e) { return null; }
  }

  // save keeps texts and choices; files are kept by the desk.
  function save(answers) {
    var values = {};
    answers.all.forEach(function (q) {
      if (q.getAttribute('data-kind') !== 'photo') values[q.getAttribute('data-question')] = answers.values(q);
    });
    try { localStorage.setItem(key, JSON.stringify({ at: Date.now(), values: values })); } catch (e) { /* then it lives as long as the page */ }
  }

  function restore(answers) {
    var kept = key && read();
    if (!kept || !kept.values) return;
    answers.all.forEach(function (q) {
      var values = kept.values[q.getAttribute('data-question')];
      if (!Array.isArray(values) || !values.length || answers.values(q).length) return;
      answers.inputs(q).forEach(function (one) {
        if (one.type === 'radio' || one.type === 'checkbox') one.checked = values.indexOf(one.value) >= 0;
        else if (one.type !== 'file') one.value = values[0];
      });
    });
  }

  return { save: save, restore: restore };
};

// formForget drops what was kept for forms whose name begins so.
var formForget = function (start) {
  'use strict';
  if (!start) return;
  try {
    Object.keys(localStorage).forEach(function (name) { if (name.indexOf(start) === 0) localStorage.removeItem(name); });
  } catch (e) { /* nothing was kept */ }
};
