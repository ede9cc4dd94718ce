// Where words on their way lie until the desk has them: in this page and in the store that outlives it. One item each:
// {id, body, files, at, state, reason}; outbox.js says what the states are.
(function () {
  'use strict';

  var TAKE_OVER = 15000; // ms: what another tab has not sent by then, it will not: it was closed
  var KEY = 'out.';

  var items = [];

  function find(id) { return items.filter(function (i) { return i.id === id; })[0]; }

  function remove(id) { items = items.filter(function (i) { return i.id !== id; }); }

  // revive takes up a stored item, unless it is here already.
  function revive(key) {
    var kept = H.parse(H.host.get(key) || '', null);
    if (!kept || typeof kept.id !== 'string' || typeof kept.body !== 'string' || find(kept.id)) return false;
    items.push({ id: kept.id, body: kept.body, files: Array.isArray(kept.files) ? kept.files : [], at: Number(kept.at) || Date.now(), state: kept.failed ? 'failed' : 'waiting', reason: kept.failed });
    items.sort(function (a, b) { return a.at - b.at; });
    return true;
  }

  H.shelf = {
    items: function () { return items; },
    find: find,

    add: function (item) {
      items.push(item);
      H.shelf.write(item);
    },

    write: function (item) {
      var kept = { id: item.id, body: item.body, at: item.at };
      if (item.files.length) kept.files = item.files;
      if (item.state === 'failed') kept.failed = item.reason;
      H.host.set(KEY + item.id, JSON.stringify(kept));
    },

    // safe: the desk has it; it stays in this page only until it stands in the thread.
    safe: function (id) { H.host.del(KEY + id); },

    drop: function (id) {
      remove(id);
      H.host.del(KEY + id);
    },

    // empty forgets what is here; what is stored is another tab's affair.
    empty: function () {
      items = [];
      H.emit('outbox');
    },

    // load takes up what an earlier page left; true when there is some.
    load: function () {
      return H.host.keys().filter(function (k) { return k.indexOf(KEY) === 0; }).filter(revive).length > 0;
    },

    // stored: another tab of the shop added an item, or had one acked.
    stored: function (key, value) {
      if (key.indexOf(KEY) !== 0) return;
      if (value !== null) {
        setTimeout(function () { if (revive(key)) H.emit('revived'); }, TAKE_OVER);
        return;
      }
      var item = find(key.slice(KEY.length));
      if (item && item.state === 'waiting') remove(item.id);
      H.emit('outbox');
    }
  };
})();
