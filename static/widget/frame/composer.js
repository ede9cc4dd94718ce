// The box she writes in. Its text goes nowhere but into the outbox, and stays as a draft until it does.
(function () {
  'use strict';

  var MAX = 10000; // characters, as the desk counts them
  var NEAR = 9500; // from here on the room left is shown
  var TYPING = 3000; // ms between typing frames
  var IDLE = 4000; // ms without a key until she is no longer typing
  var AFTER = 60; // ms after the end of a composition in which Safari still sends its Enter
  var SAVE = 300;

  var text = H.$('text');
  var send = H.$('send');
  var count = H.$('count');
  var composed = -AFTER;
  var told = 0;
  var idle = 0;
  var saving = 0;
  var waiting = false; // she has sent, and files are still on their way

  function room() { return text.value.length < NEAR / 2 ? MAX : MAX - H.length(text.value.trim()); }

  function fit() {
    text.style.height = 'auto';
    text.style.height = Math.min(text.scrollHeight, 140) + 'px';
  }

  function show() {
    var left = room();
    var near = left <= MAX - NEAR;
    count.hidden = !near;
    count.className = left < 0 ? 'bad' : '';
    if (near) count.textContent = H.t(left < 0 ? 'widget.count.over' : 'widget.count.left', { count: Math.abs(left) });
    text.setAttribute('aria-invalid', left < 0 ? 'true' : 'false');
    send.setAttribute('aria-disabled', left < 0 || !(text.value.trim() || H.files.views().length || H.files.busy()) ? 'true' : 'false');
    fit();
  }

  function save() {
    clearTimeout(saving);
    saving = 0;
    if (text.value) H.host.set('draft', text.value); else H.host.del('draft');
  }

  function typing(on) {
    clearTimeout(idle);
    if (on) idle = setTimeout(typing, IDLE, false);
    if (on && Date.now() - told < TYPING) return;
    if (!on && !told) return;
    told = on ? Date.now() : 0;
    H.link.send({ type: 'typing', on: on });
  }

  function submit() {
    var body = text.value.trim();
    var files = H.files.views();
    if (H.files.busy()) {
      waiting = true;
      H.$('rules').textContent = H.t('widget.file.wait');
      return H.announce(H.t('widget.file.wait'));
    }
    if (!body && !files.length) return text.focus();
    if (room() < 0) {
      H.announce(count.textContent);
      return text.focus();
    }
    H.emit('sending');
    H.outbox.add(body, files);
    H.files.sent();
    text.value = '';
    save();
    typing(false);
    show();
    H.link.start();
    text.focus();
  }

  text.addEventListener('input', function () {
    show();
    if (!saving) saving = setTimeout(save, SAVE);
    typing(!!text.value.trim());
  });
  text.addEventListener('compositionend', function (e) { composed = e.timeStamp; });
  text.addEventListener('keydown', function (e) {
    if (e.key !== 'Enter' || e.shiftKey || e.ctrlKey || e.metaKey || e.altKey) return;
    // An input method's Enter takes its words into the box and never sends.
    if (e.isComposing || e.keyCode === 229 || e.timeStamp - composed < AFTER) return;
    e.preventDefault();
    submit();
  });
  // Where a keyboard sends the character apart from the key, Enter leaves no line behind.
  text.addEventListener('keypress', function (e) {
    if (e.key === 'Enter' && !e.shiftKey) e.preventDefault();
  });
  H.$('composer').addEventListener('submit', function (e) {
    e.preventDefault();
    submit();
  });
  // A tap on the button must not close a phone's keyboard.
  send.addEventListener('mousedown', function (e) { e.preventDefault(); });
  window.addEventListener('pagehide', save);

  H.composer = {
    load: function () {
      text.value = H.host.get('draft') || '';
      H.files.load();
      show();
    },
    clear: function () {
      text.value = '';
      show();
    },
    focus: function () { text.focus(); },
    // propose puts words into an empty box, for her to send or change.
    propose: function (words) {
      if (text.value.trim()) return;
      text.value = words;
      save();
      show();
    },
    fit: fit
  };

  // A text that comes back (recalled, not sent) stands before what she has begun.
  H.on('take-back', function (body) {
    text.value = text.value ? body + '\n' + text.value : body;
    save();
    show();
    text.focus();
  });
  // What she has sent goes by itself when its last file is there; when one fails, she is asked.
  H.on('files', function () {
    show();
    if (!waiting || H.files.busy()) return;
    waiting = false;
    H.$('rules').textContent = H.config.files.says;
    if (!H.files.failed()) submit();
  });
  H.on('logout', H.composer.clear);
})();
