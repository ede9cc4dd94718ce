// The call `huiyin(name, …)` and its events, as the contract's section «Shop's page» names them.
(function () {
  'use strict';

  var EVENTS = ['ready', 'open', 'close', 'message', 'unread', 'error'];
  var listeners = {};
  var happened = {};

  // emit tells the shop's listeners; what one of them throws is its own affair.
  L.emit = function (name, data) {
    if (name === 'ready') happened[name] = data;
    (listeners[name] || []).slice().forEach(function (fn) { run(fn, data); });
  };

  function run(fn, data) {
    try { fn(data); } catch (e) { setTimeout(function () { throw e; }); }
  }

  function text(v) { return v === undefined || v === null ? '' : String(v).slice(0, 500); }

  var calls = {
    open: function () { L.open(); },
    close: function () { L.close(); },
    toggle: function () { L.toggle(); },
    hide: function () { L.hide(); },
    show: function () { L.show(); },
    identify: function (who) {
      if (!who || typeof who !== 'object') return L.say('identify wants an object {id, name, email, phone, signature}.');
      L.identity = {};
      ['id', 'name', 'email', 'phone', 'signature', 'exp'].forEach(function (k) { if (text(who[k])) L.identity[k] = text(who[k]); });
      L.post('identity', { identity: L.identity });
    },
    order: function (id, signature, exp) {
      L.order = text(id) ? { id: text(id), signature: text(signature), exp: text(exp) } : null;
      L.post('order', { order: L.order });
    },
    locale: function (locale) {
      L.locale = text(locale);
      L.store.set('locale', L.locale);
      L.load();
    },
    logout: function () {
      var token = L.store.get('token');
      L.identity = L.order = null;
      L.store.clear();
      L.later('logout', { token: token || '' });
    },
    on: function (name, fn) {
      if (EVENTS.indexOf(name) < 0 || typeof fn !== 'function') return L.say('on wants one of ' + EVENTS.join(', ') + ' and a function.');
      (listeners[name] = listeners[name] || []).push(fn);
      if (happened[name]) run(fn, happened[name]);
    },
    // Order attempts and page kinds have no reader in the desk yet: the calls are taken, so that a shop can put them in
    // its pages once, and nothing is kept or sent.
    attempt: function () {},
    track: function () {}
  };

  function huiyin(name) {
    if (!Object.prototype.hasOwnProperty.call(calls, name)) return L.say('there is no call "' + name + '".');
    calls[name].apply(null, [].slice.call(arguments, 1));
  }

  // install puts the call in place and drains what the page asked for before the script came.
  L.install = function () {
    var waiting = (window.huiyin && window.huiyin.q) || [];
    huiyin.inbox = L.key;
    window.huiyin = huiyin;
    if (L.given) calls.identify(L.given);
    [].forEach.call(waiting, function (args) { huiyin.apply(null, args); });
  };
})();
