// Addresses in a text become links; everything else stays text. Chinese punctuation ends an address, and so does
// punctuation that closes a sentence.
(function () {
  'use strict';

  var ADDRESS = /https?:\/\/[^\s<>"'`\u3000-\u303f\uff00-\uffef\u2018-\u201d\u4e00-\u9fff]+/gi;

  // trim gives back what belongs to the sentence and not to the address: a full stop, a bracket that was never opened.
  function trim(address) {
    for (;;) {
      var last = address.slice(-1);
      var alone = last === ')' && address.split('(').length < address.split(')').length;
      if (!alone && '.,;:!?*_]}'.indexOf(last) < 0) return address;
      address = address.slice(0, -1);
    }
  }

  function safe(address) {
    try { return /^https?:$/.test(new URL(address).protocol); } catch (e) { return false; }
  }

  // fill puts text into el.
  H.fill = function (el, text) {
    var from = 0;
    var hit;
    ADDRESS.lastIndex = 0;
    while ((hit = ADDRESS.exec(text))) {
      var address = trim(hit[0]);
      if (!safe(address)) continue;
      el.appendChild(document.createTextNode(text.slice(from, hit.index)));
      var a = H.el('a', '', address);
      a.href = address;
      a.target = '_blank';
      a.rel = 'noopener noreferrer nofollow';
      el.appendChild(a);
      from = hit.index + address.length;
    }
    el.appendChild(document.createTextNode(text.slice(from)));
  };
})();
