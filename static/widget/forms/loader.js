// Puts feedback forms into a shop's page: each <div data-huiyin-form="KEY" data-order data-exp data-signature data-locale> gets a frame of
// the desk's, as high as the form is. It sets no cookie and needs no library.
(function () {
  'use strict';

  var script = document.currentScript || document.querySelector('script[src*="/forms.js"]');
  var desk = new URL(script.src, location.href);
  var frames = [];

  function say(text) { if (window.console) console.warn('Huiyin: ' + text); }

  function address(el) {
    var q = ['embed=1', 'origin=' + encodeURIComponent(location.origin), 'page=' + encodeURIComponent(location.origin + location.pathname)];
    ['order', 'exp', 'signature'].forEach(function (name) {
      var value = el.getAttribute('data-' + name);
      if (value) q.push(name + '=' + encodeURIComponent(value));
    });
    var locale = el.getAttribute('data-locale') || document.documentElement.lang;
    if (locale) q.push('lang=' + encodeURIComponent(locale));
    return desk.href.replace(/\/forms\.js.*$/, '/f/') + encodeURIComponent(el.getAttribute('data-huiyin-form')) + '?' + q.join('&');
  }

  function set(el, rules) { Object.keys(rules).forEach(function (name) { el.style.setProperty(name, rules[name]); }); }

  function put(el) {
    if (el.getAttribute('data-huiyin-shown') || !el.getAttribute('data-huiyin-form')) return;
    el.setAttribute('data-huiyin-shown', '1');
    var frame = document.createElement('iframe');
    frame.title = el.getAttribute('data-title') || 'Feedback';
    set(frame, { display: 'block', width: '100%', border: '0', height: '260px' });
    frame.src = address(el);
    el.appendChild(frame);
    frames.push({ frame: frame, key: el.getAttribute('data-huiyin-form') });
  }

  function look() { Array.prototype.forEach.call(document.querySelectorAll('[data-huiyin-form]'), put); }

  window.addEventListener('message', function (e) {
    if (e.origin !== desk.origin || !e.data || e.data.huiyin !== 1) return;
    frames.forEach(function (one) {
      if (e.source !== one.frame.contentWindow) return;
      if (e.data.type === 'form' && e.data.height > 0) {
        set(one.frame, { height: Math.min(20000, Number(e.data.height)) + 'px' });
        if (typeof e.data.title === 'string') one.frame.title = e.data.title;
      }
      if (e.data.type === 'refused') {
        set(one.frame, { display: 'none' });
        say(e.data.code === 'origin' ? 'the desk refuses this page\'s origin; add ' + location.origin + ' to the allowed sites of the inbox of form ' + one.key + '.'
          : 'the desk knows no form with the key ' + one.key + '; check data-huiyin-form.');
      }
    });
  });

  if (document.readyState === 'loading') document.addEventListener('DOMContentLoaded', look);
  look();
  new MutationObserver(look).observe(document.documentElement, { childList: true, subtree: true });
})();
