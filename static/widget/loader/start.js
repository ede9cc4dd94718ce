// The loader: the only code of ours that runs inside the shop's page. The desk joins the files of this folder into one
// function and serves it as /widget.js. It keeps few things (the call `huiyin`, one iframe, keys of localStorage that
// begin with "huiyin:") and leaves all that is seen to the iframe. L is private to that function.
var L = {};

(function () {
  'use strict';

  var tag = document.currentScript || document.querySelector('script[data-inbox][src*="widget.js"]');
  var attr = function (name) { return (tag && tag.getAttribute('data-' + name)) || ''; };

  // One line in the shop's console, for the person who installs the widget. It names what to change.
  L.say = function (text) {
    if (window.console) window.console.warn('huiyin: ' + text);
  };

  L.key = attr('inbox');
  L.base = tag && tag.src ? new URL('.', tag.src).href : '';
  L.desk = L.base ? new URL(L.base).origin : '';
  // Where the bubble stands: the tag's word, then the desk's, which comes with the frame.
  L.side = attr('side') === 'left' ? 'left' : 'right';
  L.sideGiven = !!attr('side');
  L.x = L.y = 20; // px from the side and the bottom
  L.lift = Math.max(0, Math.min(400, parseInt(attr('bottom'), 10) || 0)); // px above the page's own bottom bar
  L.locale = attr('locale');
  L.order = attr('order') ? { id: attr('order'), signature: attr('order-signature'), exp: attr('order-exp') } : null;
  L.identity = null; // what identify was called with
  L.given = null; // the same from the script tag

  try {
    if (attr('identity')) L.given = JSON.parse(attr('identity'));
  } catch (e) {
    L.say('data-identity is not valid JSON; the shopper stays anonymous.');
  }

  // The first copy on a page works, later ones rest.
  L.first = !(window.huiyin && window.huiyin.inbox !== undefined);
  if (!L.first && window.huiyin.inbox !== L.key) {
    L.say('widget.js is on this page twice, with data-inbox ' + window.huiyin.inbox + ' and ' + L.key + '; the first one is used.');
  }
  if (L.first && !L.key) L.say('the script tag lacks data-inbox; take it from the inbox\'s settings.');
  L.usable = L.first && !!L.key && !!L.desk;
})();
