// The link to the desk: keeps one wire alive (a socket; polling when sockets fail again and again) and heals it.
// frames.js reads what comes over it.
(function () {
  'use strict';

  var FIRST = 400; // ms, doubled with each failure, with jitter
  var LAST = 30000;
  var ABUSE = 60000;
  var ASIDE = 1500; // ms in which a token that another tab got (she signed in there) arrives
  var GIVE_UP = 3; // sockets that never got a welcome, until polling takes over

  var wire = null;
  var token = ''; // of the wire
  var up = false;
  var wanted = false;
  var polling = false;
  var fails = 0;
  var deaf = 0;
  var timer = 0;

  H.link = {
    live: function () { return up; },
    wanted: function () { return wanted; },
    recalls: function () { return up && wire.recalls; },
    send: function (frame) { if (up) wire.send(frame); },
    hello: function () { if (wire) wire.hello(); },

    // start connects and stays connected.
    start: function () {
      wanted = true;
      if (!H.session.ready) return H.session.ensure();
      if (!wire && !timer) connect();
    },

    stop: function () {
      wanted = false;
      cut();
    },

    // wake: the page is seen again or the network is back, so now is the moment.
    wake: function () {
      H.session.wake();
      if (up) return wire.check();
      fails = 0;
      if (timer) { cut(); connect(); }
    },

    useSocket: function () {
      polling = false;
      deaf = 0;
      cut();
      connect();
    }
  };

  function cut() {
    clearTimeout(timer);
    timer = 0;
    if (wire) wire.stop();
  }

  function connect() {
    timer = 0;
    if (!wanted || wire) return;
    if (!H.session.ready) return H.session.ensure();
    token = H.session.token;
    wire = (polling ? H.poll : H.socket)({ up: opened, frame: H.frame, down: closed });
  }

  function opened() {
    up = true;
    fails = deaf = 0;
    H.emit('link');
    H.outbox.pump();
  }

  // closed is called once for each wire; code 1000 is our own stop.
  function closed(code, welcomed) {
    wire = null;
    up = false;
    if (!welcomed && code !== 1000) deaf++;
    polling = deaf >= GIVE_UP && !(polling && !welcomed); // where neither works they take turns
    H.outbox.broken();
    H.emit('link');
    if (!wanted || code === 1000) return;
    if (code === 4401) {
      timer = setTimeout(function () { timer = 0; H.session.renew(); }, ASIDE);
      return;
    }
    if (code === 4403) {
      wanted = false;
      return H.emit('refused', 'refused');
    }
    var pause = code === 1008 ? ABUSE : Math.min(LAST, FIRST * Math.pow(2, fails++));
    timer = setTimeout(connect, pause * (0.5 + Math.random() / 2));
  }

  H.on('session', function () {
    if (!wanted || (wire && token === H.session.token)) return;
    cut();
    connect();
  });
})();
