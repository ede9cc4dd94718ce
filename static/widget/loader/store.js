// What must outlive the page: session token, words on their way, draft. It lies in the shop page's own storage, because
// browsers forget the storage of a third party's iframe. One key an item, so that two tabs never overwrite each other.
(function () {
  'use strict';

  var prefix = 'huiyin:' + L.key + ':';
  var memory = {};
  var told = false;

  function refused() {
    if (told) return;
    told = true;
    L.say('this page\'s localStorage is refused or full; the conversation is kept until the page is left.');
  }

  // each calls fn for every key of ours; it collects first, so that fn may remove.
  function each(fn) {
    var keys = [];
    for (var i = 0; i < localStorage.length; i++) {
      var k = localStorage.key(i);
      if (k.indexOf(prefix) === 0) keys.push(k);
    }
    keys.forEach(fn);
  }

  L.store = {
    all: function () {
      var found = Object.assign({}, memory);
      try {
        each(function (k) { found[k.slice(prefix.length)] = localStorage.getItem(k); });
      } catch (e) { refused(); }
      return found;
    },
    get: function (k) { return L.store.all()[k]; },
    set: function (k, v) {
      if (typeof k !== 'string' || typeof v !== 'string' || k.length > 100 || v.length > 100000) return;
      try {
        localStorage.setItem(prefix + k, v);
        delete memory[k];
      } catch (e) {
        memory[k] = v;
        refused();
      }
    },
    del: function (k) {
      delete memory[k];
      try { localStorage.removeItem(prefix + k); } catch (e) { refused(); }
    },
    clear: function () {
      memory = {};
      try { each(function (k) { localStorage.removeItem(k); }); } catch (e) { refused(); }
    },
    // watch tells of changes that another tab of the shop made; v is null when the key went.
    watch: function (fn) {
      window.addEventListener('storage', function (e) {
        if (e.key && e.key.indexOf(prefix) === 0) fn(e.key.slice(prefix.length), e.newValue);
      });
    }
  };

  // Per tab: whether the panel stood open, so that it does after a change of page.
  L.tab = {
    get: function () { try { return sessionStorage.getItem(prefix + 'open') === '1'; } catch (e) { return false; } },
    set: function (on) {
      try { on ? sessionStorage.setItem(prefix + 'open', '1') : sessionStorage.removeItem(prefix + 'open'); } catch (e) { /* then it stays closed */ }
    }
  };
})();
