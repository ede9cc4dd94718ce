// On a phone the panel covers the page: the page behind stands still and is silent for screen readers, and the phone's
// Back closes the panel, not the page.
(function () {
  'use strict';

  var before = null;
  var pushed = false;
  var after = null; // what waits for our own step back

  function marked() { return !!(history.state && history.state.huiyin); }

  // lock holds the page where it is. iPhones scroll a page under anything unless its body is fixed.
  L.lock = function (frame) {
    if (before) return;
    var html = document.documentElement.style;
    var body = document.body.style;
    before = { y: window.pageYOffset, html: html.cssText, body: body.cssText, quiet: [] };
    html.setProperty('overflow', 'hidden', 'important');
    html.setProperty('scroll-behavior', 'auto', 'important');
    body.setProperty('position', 'fixed', 'important');
    body.setProperty('top', -before.y + 'px', 'important');
    body.setProperty('left', '0', 'important');
    body.setProperty('width', '100%', 'important');
    [].forEach.call(document.body.children, function (el) {
      if (el === frame || el.hasAttribute('aria-hidden')) return;
      el.setAttribute('aria-hidden', 'true');
      before.quiet.push(el);
    });
  };

  L.unlock = function () {
    if (!before) return;
    document.body.style.cssText = before.body;
    before.quiet.forEach(function (el) { el.removeAttribute('aria-hidden'); });
    window.scrollTo(0, before.y);
    document.documentElement.style.cssText = before.html;
    before = null;
  };

  // mark adds a step to the history with the router's own state in it: a router that compares states sees no move.
  // The prototype's method is called, so that patched ones (routers, statistics) do not count a page.
  L.mark = function () {
    if (marked()) { pushed = true; return; }
    try {
      History.prototype.pushState.call(history, Object.assign({}, history.state, { huiyin: 1 }), '');
      pushed = true;
    } catch (e) { pushed = false; /* too many steps in a short time: Back then leaves the page */ }
  };

  // unmark takes our step away again when the panel was closed by other means, then calls fn.
  L.unmark = function (fn) {
    if (!pushed || !marked()) { pushed = false; return fn(); }
    pushed = false;
    after = fn;
    setTimeout(arrived, 500);
    history.back();
  };

  function arrived() {
    var fn = after;
    after = null;
    if (fn) fn();
  }

  L.markedAtStart = function (reopen) {
    if (!marked()) return;
    if (L.phone()) return reopen();
    var state = Object.assign({}, history.state);
    delete state.huiyin;
    History.prototype.replaceState.call(history, Object.keys(state).length ? state : null, '');
  };

  L.watchBack = function (open, close) {
    window.addEventListener('popstate', function () {
      if (after) return arrived();
      if (pushed && !marked()) { pushed = false; close(); }
      else if (!pushed && marked() && L.phone()) open();
    });
  };
})();
