// The iframe's place: a small square around the bubble, a panel, or the whole screen of a phone. All styles are set
// through the CSSOM, which a strict style-src allows, and as important, so that a shop's own rules do not move them.
(function () {
  'use strict';

  var TOP = 2147483647;
  var PHONE = window.matchMedia('(max-width: 560px), (max-height: 480px) and (max-width: 960px)');
  var drawn = function () {};
  var still = window.matchMedia('(prefers-reduced-motion: reduce)');

  var BUBBLE = 76; // the bubble's iframe: 56 px and 10 px around it
  var PANEL = 396;
  var OFFER = 320;
  var LOW = 440; // px of height that a panel keeps, however high it stands

  L.phone = function () { return PHONE.matches; };

  function set(el, rules) {
    Object.keys(rules).forEach(function (name) {
      el.style.setProperty(name, String(rules[name]), 'important');
    });
  }

  L.dress = function (frame) {
    set(frame, {
      position: 'fixed', border: 0, margin: 0, padding: 0, 'z-index': TOP, background: 'transparent', display: 'block', float: 'none',
      'max-width': 'none', 'max-height': 'none', 'min-width': 0, 'min-height': 0, transform: 'none', filter: 'none',
      'color-scheme': 'light dark', 'user-select': 'none', visibility: 'hidden'
    });
  };

  // edge keeps clear of a phone's notch and home bar.
  function edge(px, side) { return 'calc(' + px + 'px + env(safe-area-inset-' + side + ', 0px))'; }

  // moveTo takes the desk's place for the bubble; what is no distance is left alone.
  L.moveTo = function (at) {
    if (!at || typeof at !== 'object') return;
    if (!L.sideGiven && (at.side === 'left' || at.side === 'right')) L.side = at.side;
    ['x', 'y'].forEach(function (name) {
      if (at[name] >= 0 && at[name] <= 200) L[name] = Number(at[name]);
    });
  };

  // place lays the iframe out for a state: hidden, open, ready, offer.
  L.place = function (frame, state) {
    var open = state.open && !state.hidden;
    var full = open && PHONE.matches;
    var other = L.side === 'left' ? 'right' : 'left';
    var view = window.visualViewport;
    var rules = { visibility: state.ready && !state.hidden ? 'visible' : 'hidden', 'pointer-events': state.hidden ? 'none' : 'auto' };
    if (full) {
      rules.top = (view ? view.offsetTop : 0) + 'px';
      rules.height = (view ? view.height : window.innerHeight) + 'px';
      rules.left = '0'; rules.right = 'auto'; rules.bottom = 'auto'; rules.width = '100%';
    } else {
      rules.top = 'auto';
      rules[other] = 'auto';
      var x = L.x - 10;
      var y = L.y + L.lift - 10;
      if (open) {
        x = Math.max(0, Math.min(L.x, window.innerWidth - PANEL - 8));
        y = Math.max(0, Math.min(L.y, window.innerHeight - LOW - 20));
      }
      rules[L.side] = edge(x, L.side);
      rules.bottom = edge(y, 'bottom');
      var offer = state.offer ? state.offer + 12 : 0;
      rules.width = (open ? PANEL : offer ? Math.min(OFFER, window.innerWidth - x) : BUBBLE) + 'px';
      rules.height = open ? Math.min(700, window.innerHeight - y - 20) + 'px' : BUBBLE + offer + 'px';
    }
    rules['border-radius'] = open && !full ? '16px' : '0';
    rules['box-shadow'] = open && !full ? '0 2px 6px rgba(10,30,20,.10), 0 16px 48px rgba(10,30,20,.18)' : 'none';
    set(frame, rules);
  };

  // fade changes the state behind a moment of transparency, until the frame has drawn itself anew, so that no jump is
  // seen.
  L.fade = function (frame, change) {
    if (still.matches || document.hidden) return change();
    set(frame, { transition: 'none', opacity: 0 });
    change();
    var shown = false;
    drawn = function () {
      if (shown) return;
      shown = true;
      set(frame, { transition: 'opacity .16s ease-out', opacity: 1 });
    };
    setTimeout(drawn, 250);
  };
  L.drawn = function () { drawn(); };

  // insets are a phone's notch and home bar: an iframe cannot ask for them itself.
  L.insets = function () {
    var probe = document.createElement('div');
    var sides = ['top', 'right', 'bottom', 'left'];
    set(probe, { position: 'fixed', visibility: 'hidden', 'pointer-events': 'none' });
    sides.forEach(function (s) { probe.style.setProperty('padding-' + s, 'env(safe-area-inset-' + s + ')'); });
    document.body.appendChild(probe);
    var got = getComputedStyle(probe);
    var out = {};
    sides.forEach(function (s) { out[s] = parseFloat(got.getPropertyValue('padding-' + s)) || 0; });
    document.body.removeChild(probe);
    return out;
  };

  L.watchLayout = function (fn) {
    window.addEventListener('resize', fn);
    window.addEventListener('orientationchange', fn);
    if (window.visualViewport) {
      window.visualViewport.addEventListener('resize', fn);
      window.visualViewport.addEventListener('scroll', fn);
    }
  };
})();
