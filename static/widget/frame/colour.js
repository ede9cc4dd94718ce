// The inbox's own colour: set where the accent stands, with black or white on it, whichever reads better.
(function () {
  'use strict';

  function linear(v) { return v <= 0.03928 ? v / 12.92 : Math.pow((v + 0.055) / 1.055, 2.4); }

  // luminance of "#rrggbb" by WCAG 2.
  function luminance(hex) {
    var part = function (i) { return linear(parseInt(hex.slice(i, i + 2), 16) / 255); };
    return 0.2126 * part(1) + 0.7152 * part(3) + 0.0722 * part(5);
  }

  H.colour = function (hex) {
    if (!/^#[0-9a-f]{6}$/i.test(hex || '')) return;
    var l = luminance(hex);
    var white = 1.05 / (l + 0.05);
    var black = (l + 0.05) / 0.05;
    var style = document.documentElement.style;
    var ink = white >= 4.5 || white >= black ? '#ffffff' : '#0a0f0d';
    ['--accent', '--mine'].forEach(function (name) { style.setProperty(name, hex); });
    ['--accent-ink', '--mine-ink'].forEach(function (name) { style.setProperty(name, ink); });
  };
})();
