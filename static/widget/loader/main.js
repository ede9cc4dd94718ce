// Begins when the page has its body and is done with the pictures, or at once when the shopper asks for the chat.
(function () {
  'use strict';

  var PATIENCE = 3000; // ms: a page that never finishes loading gets its bubble all the same
  var begun = false;

  L.begin = function () {
    if (begun || !L.usable) return;
    if (!document.body) return void document.addEventListener('DOMContentLoaded', L.begin);
    begun = true;
    L.restore();
    L.makeFrame();
    L.followPage();
  };

  if (!L.usable) return;

  L.hear('set', function (d) { L.store.set(d.key, d.value); });
  L.hear('del', function (d) { L.store.del(d.key); });
  L.hear('drawn', L.drawn);
  L.hear('unread', function (d) { L.emit('unread', { count: Number(d.count) || 0 }); });
  L.hear('message', function (d) { L.emit('message', { ticket: d.ticket, seq: d.seq, author: d.author }); });
  L.hear('trial', function (d) { L.answered(String(d.key), d.answer); });
  L.hear('error', function (d) { L.emit('error', { code: String(d.code) }); });
  L.store.watch(function (k, v) { L.post('stored', { key: k, value: v }); });
  L.watchPanel();
  // The frame hears most of this itself; a phone's browser tells only the page that it came back from its cache.
  ['pageshow', 'online', 'focus'].forEach(function (name) {
    window.addEventListener(name, function () { L.post('wake', {}); });
  });
  L.install();

  if (document.readyState === 'complete') return L.begin();
  window.addEventListener('load', L.begin);
  setTimeout(L.begin, PATIENCE);
})();
