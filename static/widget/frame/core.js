// The chat itself, in the widget's iframe and on the full page /c/KEY. The desk joins the files of this folder into one
// function; H, private to it, is how they see each other. Every file is one part: core, host, session, outbox, thread,
// link (socket or poll), rows and view, head, composer, panel, main. They talk by H.on and H.emit.
var H = {};

(function () {
  'use strict';

  H.config = JSON.parse(document.getElementById('chat-data').textContent);
  H.zh = H.config.locale === 'zh-CN';
  H.config.socket = location.protocol.replace('http', 'ws') + '//' + location.host + H.config.api + '/socket';

  var listeners = {};

  H.on = function (name, fn) { (listeners[name] = listeners[name] || []).push(fn); };
  H.emit = function (name, data) { (listeners[name] || []).forEach(function (fn) { fn(data); }); };

  function form(forms, count) {
    if (typeof Intl !== 'undefined' && Intl.PluralRules) {
      return forms[new Intl.PluralRules(H.config.locale).select(count)] || forms.other;
    }
    return (count === 1 && forms.one) || forms.other;
  }

  // t is the text of a key with its {{.name}} places filled.
  H.t = function (key, args) {
    var text = H.config.texts[key];
    if (text === undefined) return key;
    if (typeof text !== 'string') text = form(text, args.count);
    return text.replace(/\{\{\s*\.(\w+)\s*\}\}/g, function (all, name) {
      return args && args[name] !== undefined ? String(args[name]) : '';
    });
  };

  H.$ = function (id) { return document.getElementById(id); };

  // el makes an element; its text is always text, never markup.
  H.el = function (tag, className, text) {
    var el = document.createElement(tag);
    if (className) el.className = className;
    if (text !== undefined) el.textContent = text;
    return el;
  };

  // id is a new client id: 128 random bits, so that no other client ever makes the same.
  H.id = function () {
    var out = '';
    crypto.getRandomValues(new Uint8Array(16)).forEach(function (b) { out += (b < 16 ? '0' : '') + b.toString(16); });
    return out;
  };

  // length counts characters as the desk does: code points after NFC.
  H.length = function (text) { return Array.from(text.normalize('NFC')).length; };

  // older compares two ids of the desk, decimal texts too long for a number.
  H.older = function (a, b) { return a.length !== b.length ? a.length - b.length : a < b ? -1 : a > b ? 1 : 0; };

  H.parse = function (text, otherwise) {
    try { return JSON.parse(text); } catch (e) { return otherwise; }
  };

  // announce says something to screen readers without moving anything.
  H.announce = function (text) {
    var line = H.$('announce');
    line.textContent = '';
    setTimeout(function () { line.textContent = text; }, 60);
  };
})();
