// The iframe and the talk with it. Both sides check who speaks: here the window and the desk's origin; there the parent
// and an origin of the inbox's allowed sites. Messages are {huiyin: 1, type, …}.
(function () {
  'use strict';

  var WAIT = 6000; // ms between the iframe's load and the frame's first word
  var RETRY = 30000; // ms until a frame that never spoke is loaded again

  var frame = null;
  var ready = false;
  var queue = [];
  var silence = 0;
  var told = {};
  var hear = {};

  // once says a line only the first time.
  function once(name, text) {
    if (told[name]) return;
    told[name] = true;
    L.say(text);
  }

  function address() {
    var locale = L.locale || L.store.get('locale') || '';
    return L.base + 'widget/frame?inbox=' + encodeURIComponent(L.key) + '&origin=' + encodeURIComponent(location.origin) +
      (locale ? '&lang=' + encodeURIComponent(locale) : '');
  }

  function send(type, data) {
    if (frame && frame.contentWindow) frame.contentWindow.postMessage(Object.assign({ huiyin: 1, type: type }, data), L.desk);
  }

  // post sends to the frame; what changes before it is ready is in its first message anyway.
  L.post = function (type, data) { if (ready) send(type, data); };
  L.later = function (type, data) { ready ? send(type, data) : queue.push([type, data]); };
  L.frame = function () { return frame; };
  L.hear = function (type, fn) { hear[type] = fn; };

  L.makeFrame = function () {
    frame = document.createElement('iframe');
    frame.id = 'huiyin-frame';
    frame.title = 'Chat';
    frame.setAttribute('allow', 'clipboard-write');
    L.dress(frame);
    frame.addEventListener('load', function () {
      clearTimeout(silence);
      if (!ready) silence = setTimeout(unheard, WAIT);
    });
    L.load();
    document.body.appendChild(frame);
  };

  // keep puts the iframe back where a site that exchanges its whole body has dropped it; it loads anew.
  L.keep = function () {
    if (frame && document.body && !document.documentElement.contains(frame)) document.body.appendChild(frame);
  };

  // load (re)loads the frame: at the start, in another language, after a failure.
  L.load = function () {
    ready = false;
    if (frame) frame.src = address();
  };

  function unheard() {
    if (ready) return;
    once('silent', 'no answer from ' + L.desk + '. If the desk is up, let this page\'s Content-Security-Policy allow it (script-src, frame-src ' +
      L.desk + ') and the inbox\'s allowed_origins name ' + location.origin + '.');
    setTimeout(function () { if (!ready) L.load(); }, RETRY);
  }

  hear.ready = function (d) {
    clearTimeout(silence);
    ready = true;
    if (typeof d.title === 'string') frame.title = d.title;
    L.moveTo(d.position);
    send('init', L.greeting());
    queue.splice(0).forEach(function (q) { send(q[0], q[1]); });
    L.isReady();
  };

  // refused: the desk does not serve this page; each reason is one setting.
  hear.refused = function (d) {
    clearTimeout(silence);
    var mend = {
      origin: 'the desk refuses this page\'s origin; add ' + location.origin + ' to allowed_origins of inbox ' + L.key + '.',
      key: 'the desk knows no chat inbox with the key ' + L.key + '; check data-inbox on the script tag.',
      signature: 'the signature is wrong or its time has passed; identify and order must be signed on the shop\'s server with the secret of inbox ' + L.key + '.',
      identity_invalid: 'the desk cannot read what identify or order say (too long, or of the wrong type).',
      identity: 'inbox ' + L.key + ' takes signed shoppers only (enforce_identity); call identify with a signature.'
    };
    var code = Object.prototype.hasOwnProperty.call(mend, d.code) ? d.code : 'refused';
    once(code, mend[code] || 'the desk refuses this page.');
    L.emit('error', { code: code });
  };

  window.addEventListener('message', function (e) {
    if (!frame || e.source !== frame.contentWindow || e.origin !== L.desk) return;
    var d = e.data;
    if (d && d.huiyin === 1 && Object.prototype.hasOwnProperty.call(hear, d.type)) hear[d.type](d);
  });
})();
