// One WebSocket from opening to end. on.up is called with the welcome, on.frame with every frame, on.down once.
(function () {
  'use strict';

  var HELLO = 10000; // ms for opening and welcome
  var BEAT = 25000; // ms between heartbeats
  var SILENCE = 8000; // ms to wait for an answer to a heartbeat
  var QUICK = 5000; // the same when the page wakes up: a phone's socket is often dead without knowing

  H.socket = function (on) {
    var ended = false;
    var up = false;
    var count = 0;
    var deadline = setTimeout(end, HELLO, 0);
    var beat = 0;
    var ws;

    function end(code) {
      if (ended) return;
      ended = true;
      clearTimeout(deadline);
      clearInterval(beat);
      if (ws) {
        ws.onopen = ws.onmessage = ws.onclose = ws.onerror = null;
        try { ws.close(); } catch (e) { /* it never opened */ }
      }
      on.down(code || 0, up);
    }

    function send(frame) {
      if (ended || ws.readyState !== 1) return;
      ws.send(JSON.stringify(frame));
    }

    function hello() {
      var known = H.thread.known();
      var frame = { type: 'hello', session: H.session.token, page: H.host.page };
      if (known) frame.tickets = known;
      send(frame);
    }

    function ping(wait) {
      send({ type: 'ping', n: ++count });
      clearTimeout(deadline);
      deadline = setTimeout(end, wait, 0);
    }

    try {
      ws = new WebSocket(H.config.socket, 'huiyin.chat.v1');
    } catch (e) {
      setTimeout(end, 0, 0);
      return { send: send, hello: hello, check: function () {}, stop: end, recalls: true };
    }
    ws.onopen = hello;
    ws.onclose = function (e) { end(e.code); };
    ws.onerror = function () {};
    ws.onmessage = function (e) {
      var frame = H.parse(e.data, null);
      if (!frame) return;
      if (up || frame.type === 'welcome') clearTimeout(deadline);
      if (frame.type === 'welcome' && !up) {
        up = true;
        beat = setInterval(ping, BEAT, SILENCE);
        on.frame(frame);
        return on.up();
      }
      on.frame(frame);
    };

    return { send: send, hello: hello, check: function () { if (up) ping(QUICK); }, stop: function () { end(1000); }, recalls: true };
  };
})();
