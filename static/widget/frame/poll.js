// The way without WebSocket, where something between cuts it: the same frames over plain requests. Sends go one after
// the other, so that they keep their order.
(function () {
  'use strict';

  var WAIT = 25; // s that the desk may hold a question
  var PAGE = 100; // items in one answer: more follow at once
  var PROBE = 120000; // ms between looks whether a WebSocket works by now

  H.poll = function (on) {
    var ended = false;
    var up = false;
    var asked = null;
    var sends = [];
    var probe = setInterval(look, PROBE);
    var at = H.thread.current();
    var ticket = at ? at.id : '';

    function end(code) {
      if (ended) return;
      ended = true;
      clearInterval(probe);
      if (asked) asked.abort();
      on.down(code || 0, up);
    }

    function after() {
      var known = H.thread.known() || {};
      return known[ticket] || 0;
    }

    function ask() {
      if (ended) return;
      var path = '/messages?after=' + after() + '&wait=' + (up ? WAIT : 0) + (ticket ? '&ticket=' + encodeURIComponent(ticket) : '');
      asked = H.api('GET', path, null, answered, { timeout: (WAIT + 15) * 1000 });
    }

    function answered(status, data) {
      if (ended) return;
      if (status !== 200) return end(status === 401 ? 4401 : status === 403 ? 4403 : 0);
      var id = data.ticket || '';
      on.frame({ type: up ? 'presence' : 'welcome', ticket: id || null, seq: data.seq, online: data.online, answer_by: data.answer_by, status: data.status, read: data.read });
      (data.changed || []).concat(data.items || []).forEach(on.frame);
      if (id) ticket = id;
      if (data.read && id) on.frame({ type: 'read', ticket: id, seq: data.read.agent || 0, author: { kind: 'agent' } });
      if (data.status && id) on.frame({ type: 'status', ticket: id, status: data.status });
      if (data.next_ticket && (data.items || []).length < PAGE) {
        ticket = data.next_ticket;
        on.frame({ type: 'status', ticket: ticket, status: 'open' });
      }
      if (!up) { up = true; on.up(); }
      ask();
    }

    function post() {
      var f = sends[0];
      if (ended || !f) return;
      H.api('POST', '/messages', { id: f.id, body: f.body, attachments: f.attachments, notice: f.notice, page: f.page }, function (status, data, wait) {
        if (ended) return;
        if (status === 0) return end(0);
        if (status === 401) return end(4401);
        sends.shift();
        if (status === 200) on.frame(Object.assign({ type: 'ack' }, data));
        else on.frame({ type: 'error', id: f.id, code: data.code || 'unavailable', message: data.message, retry_after: wait / 1000 || (status >= 500 ? 5 : 0) });
        post();
      });
    }

    function send(frame) {
      if (frame.type === 'send') {
        if (sends.push(frame) === 1) post();
      } else if (frame.type === 'read') {
        H.api('POST', '/read', { seq: frame.seq, ticket: frame.ticket }, function () {});
      } else if (frame.type === 'typing') {
        H.api('POST', '/typing', { on: frame.on }, function () {});
      }
    }

    function look() {
      var ws;
      try { ws = new WebSocket(H.config.socket, 'huiyin.chat.v1'); } catch (e) { return; }
      ws.onopen = function () { ws.close(); H.link.useSocket(); };
    }

    ask();
    return { send: send, hello: function () {}, check: function () {}, stop: function () { end(1000); }, recalls: false };
  };
})();
