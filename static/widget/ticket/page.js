// The ticket's page comes to life where scripts run: news without a reload, and no word lost by a second tap.
(function () {
  'use strict';

  var live = document.getElementById('live');
  var form = document.getElementById('answer');
  var data = JSON.parse(document.getElementById('page-data').textContent);
  var SPAN = 2000; // ms between questions at least
  var pause = SPAN;
  var asked = null;
  var timer = 0;

  function seq() { return live.querySelector('.state').getAttribute('data-seq'); }

  function status() { return live.querySelector('.state').getAttribute('data-status'); }

  function again(wait) {
    clearTimeout(timer);
    timer = setTimeout(ask, wait);
  }

  function ask() {
    if (document.hidden || asked) return;
    asked = new XMLHttpRequest();
    asked.open('GET', data.news + '?seq=' + seq() + '&status=' + status());
    asked.responseType = 'document'; // the browser reads the page's part; no text becomes markup here
    asked.timeout = 40000;
    asked.onloadend = answered;
    asked.send();
  }

  function answered() {
    var got = asked;
    asked = null;
    if (got.status === 404) return; // the address holds no more
    if (got.status === 200) show(got.responseXML);
    pause = got.status === 200 || got.status === 204 ? SPAN : Math.min(60000, pause * 2);
    again(pause);
  }

  function show(part) {
    if (!part || !part.querySelector('.state')) return;
    var before = live.querySelector('.state').getAttribute('data-closed');
    live.textContent = '';
    while (part.body.firstChild) live.appendChild(document.adoptNode(part.body.firstChild));
    // Solved or opened again: other forms belong to the page now. What she is writing comes first.
    if (live.querySelector('.state').getAttribute('data-closed') !== before && !form.elements.body.value) location.reload();
  }

  var files = trayOf(data, form);

  form.addEventListener('submit', function (e) {
    if (!form.getAttribute('data-sent') && !files.ready()) return e.preventDefault();
    if (form.getAttribute('data-sent')) return e.preventDefault();
    form.setAttribute('data-sent', '1');
    setTimeout(function () { form.removeAttribute('data-sent'); }, 5000);
  });
  document.addEventListener('visibilitychange', function () { if (!document.hidden) again(0); });
  window.addEventListener('online', function () { again(0); });
  window.addEventListener('pageshow', function (e) { if (e.persisted) { form.removeAttribute('data-sent'); again(0); } });
  again(SPAN);
})();
