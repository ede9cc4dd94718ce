// How far she has seen each ticket: makes the badge and tells the desk. Kept, so that a new page does not count anew.
(function () {
  'use strict';

  var seen = {}; // ticket → seq
  var before = {}; // the same when the panel was opened: the line «new» stands there

  function put(id, seq) {
    if (seq <= (seen[id] || 0)) return false;
    seen[id] = seq;
    H.host.set('seen', JSON.stringify(seen));
    return true;
  }

  function fresh(t) {
    return t.messages.filter(function (m) { return m.author.kind !== 'contact' && !m.state && m.seq > (seen[t.id] || 0); }).length;
  }

  H.seen = {
    load: function () {
      seen = H.parse(H.host.get('seen') || '{}', null) || {};
      H.emit('unread');
    },

    unread: function () { return H.thread.tickets().reduce(function (n, t) { return n + fresh(t); }, 0); },

    // look begins a look at the thread: what is new by now is marked so until it ends.
    look: function () { before = H.thread.tickets().filter(fresh).reduce(function (all, t) { all[t.id] = seen[t.id] || 0; return all; }, {}); },
    endLook: function () { before = {}; },
    before: function (id) { return before[id] || 0; },

    // mark takes a place from outside: the desk's memory or her other tab.
    mark: function (id, seq) { if (put(id, seq)) H.emit('unread'); },

    // all: she has everything before her eyes.
    all: function () {
      var moved = false;
      H.thread.tickets().forEach(function (t) {
        if (!put(t.id, t.after)) return;
        moved = true;
        H.link.send({ type: 'read', ticket: t.id, seq: t.after });
      });
      if (moved) H.emit('unread');
    }
  };
})();
