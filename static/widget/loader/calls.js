// The call `huiyin(name, …)` and its events, as the contract's section «Shop's page» names them.
(function () {
  'use strict';

  var EVENTS = ['ready', 'open', 'close', 'message', 'unread', 'error'];
  var OUTCOMES = ['ok', 'failed', 'abandoned'];
  var listeners = {};
  var happened = {};
  var arms = {}; // by trial: her arm
  var asking = {}; // by trial: who waits for it

  // emit tells the shop's listeners; what one of them throws is its own affair.
  L.emit = function (name, data) {
    if (name === 'ready') happened[name] = data;
    (listeners[name] || []).slice().forEach(function (fn) { run(fn, data); });
  };

  function run(fn, data) {
    try { fn(data); } catch (e) { setTimeout(function () { throw e; }); }
  }

  function text(v) { return v === undefined || v === null ? '' : String(v).slice(0, 500); }

  function random() {
    return [].map.call(crypto.getRandomValues(new Uint8Array(16)), function (b) { return (b < 16 ? '0' : '') + b.toString(16); }).join('');
  }

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
    // attempt lies in the store until the desk has it: the page may be left the next moment.
    attempt: function (a) {
      if (!a || OUTCOMES.indexOf(a.outcome) < 0) return L.say('attempt wants an object {order, outcome: ' + OUTCOMES.join('|') + ', reason, step}.');
      var one = { id: text(a.id).slice(0, 64) || random(), at: Date.now(), page: L.page().url };
      ['outcome', 'order', 'reason', 'step'].forEach(function (k) { if (text(a[k])) one[k] = text(a[k]); });
      L.store.set('try.' + one.id, JSON.stringify(one));
      L.later('attempt', { attempt: one });
    },
    // trial asks once for each key on a page; without an answer nobody is treated.
    trial: function (key, fn) {
      key = text(key).toLowerCase();
      if (!/^[a-z0-9_-]{1,64}$/.test(key) || typeof fn !== 'function') return L.say('trial wants the key of a trial and a function.');
      if (arms[key]) return run(fn, arms[key]);
      (asking[key] = asking[key] || []).push(fn);
      L.later('trial', { key: key });
    },
    // Kinds of pages have no reader in the desk yet: the call is taken, so that a shop can put it in its pages once.
    track: function () {}
  };

  // answered: the desk has said in which arm she is; null: it knows no such trial.
  L.answered = function (key, answer) {
    if (!answer || typeof answer.arm !== 'string') {
      L.say('the desk does not assign in a trial "' + key + '": look at its key on the task\'s page.');
      answer = { state: 'unknown', arm: 'untreated', treated: false };
    }
    arms[key] = { trial: key, state: answer.state, arm: answer.arm, treated: answer.treated === true, share: answer.share };
    (asking[key] || []).splice(0).forEach(function (fn) { run(fn, arms[key]); });
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
