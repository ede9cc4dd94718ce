// The thread on the screen: draws what changed, keeps the place the reader looks at, and knows when all has been seen.
(function () {
  'use strict';

  var NEAR = 60; // px from the end that count as being at the end
  var FRAME = 16; // ms: many changes at once are drawn together
  var CLOCK = 30000; // ms between looks at what time alone changes

  var box = H.$('thread');
  var list = H.$('messages');
  var down = H.$('down');
  var drawn = {}; // key → {el, sign}
  var due = 0;
  var atEnd = true;
  var missed = 0;

  function near() { return box.scrollHeight - box.scrollTop - box.clientHeight < NEAR; }

  function toEnd() {
    box.scrollTop = box.scrollHeight;
    atEnd = true;
    missed = 0;
  }

  // draw brings the list into the order of the rows and touches only what differs.
  function draw() {
    due = 0;
    var next = {};
    var rows = H.rows();
    var inside = list.contains(document.activeElement);
    var els = rows.map(function (row) {
      var old = drawn[row.key];
      next[row.key] = old && old.sign === row.sign ? old : { el: H.draw(row), sign: row.sign };
      return next[row.key].el;
    });
    drawn = next;
    put(els);
    if (inside && !list.contains(document.activeElement)) H.$('text').focus();
    H.$('hello').hidden = rows.some(function (r) { return r.kind === 'said'; });
    if (atEnd) toEnd();
    after();
  }

  // put makes els the list's children, moving as few as it can.
  function put(els) {
    var keep = new Set(els);
    var place = list.firstChild;
    function skip() {
      while (place && !keep.has(place)) {
        var stale = place;
        place = place.nextSibling;
        list.removeChild(stale);
      }
    }
    els.forEach(function (el) {
      skip();
      if (el === place) place = place.nextSibling;
      else list.insertBefore(el, place);
    });
    skip();
  }

  function after() {
    down.hidden = atEnd;
    H.$('missed').textContent = missed ? H.t('widget.missed', { count: missed }) : '';
    look();
  }

  // look marks all as seen when she really has it before her.
  function look() {
    if (H.panel.open() && atEnd && !document.hidden) H.seen.all();
  }

  function soon() { if (!due) due = setTimeout(draw, FRAME); }

  H.view = {
    soon: soon,
    look: look,
    toEnd: function () { toEnd(); after(); }
  };

  box.addEventListener('scroll', function () {
    atEnd = near();
    if (atEnd) missed = 0;
    after();
  });
  down.addEventListener('click', function () {
    H.view.toEnd();
    H.$('text').focus();
  });
  document.addEventListener('visibilitychange', look);
  window.addEventListener('resize', function () { if (atEnd) toEnd(); });
  setInterval(soon, CLOCK);

  ['thread', 'outbox', 'presence', 'link', 'session'].forEach(function (name) { H.on(name, soon); });
  H.on('message', function (m) {
    if (!m.fresh) return;
    if (!atEnd) missed++;
    H.announce(H.spoken(m));
    H.host.post('message', { ticket: m.ticket, seq: m.seq, author: m.author.kind });
  });
})();
