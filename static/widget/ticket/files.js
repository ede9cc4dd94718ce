// Files on the ticket's page: sent at once like in the chat, named by their ids when the answer goes. Without scripts the
// form takes them itself.
var trayOf = function (data, form) {
  'use strict';

  var KEY = 'huiyin:page:' + location.pathname;
  var pick = form.querySelector('[type=file]');
  var texts = data.texts;
  var announce = document.getElementById('announce');
  var waiting = false;

  function t(key, args) {
    return String(texts[key] || key).replace(/\{\{\s*\.(\w+)\s*\}\}/g, function (all, name) { return args && args[name] !== undefined ? String(args[name]) : ''; });
  }

  function ids() { return Array.prototype.map.call(form.querySelectorAll('.kept [name=attachments]'), function (box) { return box.value; }); }

  var tray = makeTray({
    list: document.getElementById('tray'), tag: 'li', max: 10, maxBytes: data.files.max_bytes, says: data.files.says, t: t,
    words: {
      remove: 'widget.file.remove', sending: 'widget.file.sending', there: 'widget.file.there', again: 'widget.file.again',
      large: 'widget.file.large', many: 'widget.file.many', picture: 'widget.file.picture', unreachable: 'widget.file.unreachable'
    },
    announce: function (text) { announce.textContent = text; },
    url: function () { return data.send; },
    headers: function () { return {}; },
    reason: function (answer) { return (answer.errors && answer.errors[0] && answer.errors[0].message) || answer.detail; },
    changed: function () {
      if (!waiting || tray.busy()) return;
      waiting = false;
      if (!tray.failed()) form.querySelector('.go').click();
    },
    kept: function () { try { return sessionStorage.getItem(KEY); } catch (e) { return null; } },
    keep: function (value) {
      try { if (value) sessionStorage.setItem(KEY, value); else sessionStorage.removeItem(KEY); } catch (e) { /* then it lives as long as the page */ }
    }
  });

  // ready is called when the answer is to go: false while files are on their way; it goes by itself then.
  function ready() {
    if (tray.busy()) {
      waiting = true;
      announce.textContent = t('widget.file.wait');
      return false;
    }
    tray.views().forEach(function (view) {
      var field = document.createElement('input');
      field.type = 'hidden';
      field.name = 'attachments';
      field.value = view.id;
      form.appendChild(field);
    });
    tray.sent();
    return true;
  }

  pick.addEventListener('change', function () {
    tray.add(pick.files);
    pick.value = '';
  });
  form.elements.body.addEventListener('paste', function (e) {
    var files = e.clipboardData && e.clipboardData.files;
    if (!files || !files.length) return;
    e.preventDefault();
    tray.add(files);
  });
  form.addEventListener('dragover', function (e) { e.preventDefault(); });
  form.addEventListener('drop', function (e) {
    e.preventDefault();
    if (e.dataTransfer) tray.add(e.dataTransfer.files);
  });
  tray.restore(ids());
  return { ready: ready };
};
