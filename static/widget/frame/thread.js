// What was said, by ticket. `after` of a ticket moves only by message frames taken without a gap; a gap makes the link
// say hello again.
(function () {
  'use strict';

  var TYPING = 6000; // ms until a typing mark that nobody renews goes away

  var tickets = {};
  var typing = null;
  var timer = 0;

  function ticket(id) {
    if (!tickets[id]) tickets[id] = { id: id, after: 0, messages: [], had: 0, number: null, status: '', agent: null, read: 0 };
    return tickets[id];
  }

  function changed() { H.emit('thread'); }

  // ready: small pictures of a message's files can be had now.
  function ready(f) {
    ticket(f.ticket).messages.forEach(function (m) {
      if (m.seq !== f.seq) return;
      (f.attachments || []).forEach(function (one) {
        m.files.forEach(function (file) { if (file.id === one.id && one.thumb) file.thumb = one.thumb; });
      });
    });
    changed();
  }

  function still() {
    typing = null;
    changed();
  }

  H.thread = {
    // tickets in the order in which they began.
    tickets: function () { return Object.keys(tickets).sort(H.older).map(function (id) { return tickets[id]; }); },

    current: function () { return H.thread.tickets().pop() || null; },

    // known is what hello says: how far each ticket was taken.
    known: function () {
      var known = {};
      Object.keys(tickets).forEach(function (id) { known[id] = tickets[id].after; });
      return Object.keys(known).length ? known : null;
    },

    typing: function () { return typing; },

    clear: function () {
      tickets = {};
      typing = null;
      H.seen.load();
      changed();
    },

    welcome: function (f) {
      if (f.ticket) {
        var t = ticket(f.ticket);
        if (!t.after) t.had = f.seq || 0;
        t.number = f.number || t.number;
        t.status = f.status || t.status;
        if (f.read) {
          t.read = Math.max(t.read, f.read.agent || 0);
          H.seen.mark(f.ticket, f.read.contact || 0);
        }
      }
      changed();
    },

    // message takes one message frame; false tells of a gap.
    message: function (f) {
      var t = ticket(f.ticket);
      if (f.guest) f.author.kind = 'guest'; // somebody else who takes part: not her own
      if (f.author.kind === 'contact') H.shelf.drop(f.id);
      if (f.seq <= t.after) {
        if (f.state) H.thread.change(f);
        return true;
      }
      if (f.seq !== t.after + 1) return false;
      var m = { ticket: t.id, seq: f.seq, id: f.id, author: f.author, body: f.body || '', files: f.attachments || [], at: Date.parse(f.at), state: f.state || '' };
      m.fresh = f.seq > t.had && f.author.kind !== 'contact'; // not one that stood there when the page came up
      t.after = f.seq;
      t.messages.push(m);
      if (f.author.kind !== 'contact') still(); else changed();
      H.emit('message', m);
      return true;
    },

    change: function (f) {
      if (f.state === 'attachment_ready') return ready(f);
      if (f.state !== 'recalled' && f.state !== 'erased') return;
      ticket(f.ticket).messages.forEach(function (m) {
        if (m.seq !== f.seq || m.state === f.state) return;
        m.was = f.state === 'recalled' ? m.body : ''; // she may write it anew
        m.state = f.state;
        m.body = '';
        m.files = [];
      });
      changed();
    },

    type: function (f) {
      if (!f.author || f.author.kind === 'contact') return;
      clearTimeout(timer);
      typing = f.on ? f.author : null;
      if (f.on) timer = setTimeout(still, TYPING);
      changed();
    },

    read: function (f) {
      if (f.author && f.author.kind === 'contact') return H.seen.mark(f.ticket, f.seq);
      var t = ticket(f.ticket);
      t.read = Math.max(t.read, f.seq);
      changed();
    },

    status: function (f) {
      var t = ticket(f.ticket);
      t.status = f.status;
      t.number = f.number || t.number;
      t.agent = f.agent || t.agent;
      changed();
    }
  };
})();
