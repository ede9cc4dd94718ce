// What stands around the chat: the loader in the shop's page, or, on the full page, the page itself. Both give the same:
// a store that outlives the page, where the shopper is, and what the shop told about her.
(function () {
  'use strict';

  var kept = {};
  var hear = {};
  var inFrame = H.config.mode === 'frame';

  H.host = {
    inFrame: inFrame,
    page: null, identity: null, order: null,
    get: function (k) { return kept[k]; },
    keys: function () { return Object.keys(kept); },
    set: function (k, v) { kept[k] = v; keep(k, v); },
    del: function (k) { delete kept[k]; keep(k, null); },
    post: function () {},
    hear: function (type, fn) { hear[type] = fn; },
    start: null
  };

  var keep;
  var prefix = 'huiyin:' + H.config.inbox + ':';

  function call(type, data) { if (Object.prototype.hasOwnProperty.call(hear, type)) hear[type](data); }

  function stored(k, v) {
    if (v === null) delete kept[k]; else kept[k] = v;
    call('stored', { key: k, value: v });
  }

  function take(init) {
    kept = init.store || {};
    H.host.page = init.page;
    H.host.identity = init.identity;
    H.host.order = init.order;
  }

  if (inFrame) {
    // The desk has checked config.origin against the inbox's allowed sites and lets only these frame this page.
    H.host.post = function (type, data) {
      window.parent.postMessage(Object.assign({ huiyin: 1, type: type }, data), H.config.origin);
    };
    keep = function (k, v) {
      if (v === null) H.host.post('del', { key: k }); else H.host.post('set', { key: k, value: v });
    };
    H.host.start = function (fn) {
      var begun = false;
      window.addEventListener('message', function (e) {
        if (e.source !== window.parent || e.origin !== H.config.origin) return;
        var d = e.data;
        if (!d || d.huiyin !== 1) return;
        if (d.type === 'init') {
          if (begun) return;
          begun = true;
          take(d);
          fn(d);
        } else if (d.type === 'stored') {
          stored(d.key, d.value);
        } else if (begun) {
          call(d.type, d);
        }
      });
      H.host.post('ready', { title: document.title, position: H.config.position });
    };
    return;
  }

  keep = function (k, v) {
    try {
      if (v === null) localStorage.removeItem(prefix + k); else localStorage.setItem(prefix + k, v);
    } catch (e) { /* then it lives as long as the page */ }
  };

  function all() {
    var found = {};
    try {
      for (var i = 0; i < localStorage.length; i++) {
        var k = localStorage.key(i);
        if (k.indexOf(prefix) === 0) found[k.slice(prefix.length)] = localStorage.getItem(k);
      }
    } catch (e) { /* refused: begin empty */ }
    return found;
  }

  H.host.start = function (fn) {
    var init = { store: all(), page: { url: location.origin + location.pathname, title: document.title }, identity: null, order: H.config.order || null, open: true };
    window.addEventListener('storage', function (e) {
      if (e.key && e.key.indexOf(prefix) === 0) stored(e.key.slice(prefix.length), e.newValue);
    });
    take(init);
    fn(init);
  };
})();
