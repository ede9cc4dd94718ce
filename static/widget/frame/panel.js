// Bubble and panel: which of them is shown, where the focus is, and the room that a phone's keyboard and edges leave.
(function () {
  'use strict';

  var open = false;
  var phone = false;
  var root = document.documentElement;
  var bubble = H.$('bubble');
  var panel = H.$('panel');

  function focusables() {
    return [].slice.call(panel.querySelectorAll('button, a[href], textarea, [tabindex="0"]')).filter(function (el) { return el.offsetParent !== null; });
  }

  function show(focus) {
    document.body.classList.toggle('is-phone', phone);
    panel.hidden = !open;
    bubble.hidden = open || !H.host.inFrame;
    bubble.setAttribute('aria-expanded', open ? 'true' : 'false');
    // On a phone the focus goes to the title: the keyboard comes when she asks for it.
    if (focus === 'panel') (phone ? H.$('title') : H.$('text')).focus();
    if (focus === 'bubble') bubble.focus();
  }

  // edges gives the style sheet the notch and home bar that the page around us knows.
  function edges(insets) {
    Object.keys(insets || {}).forEach(function (side) {
      root.style.setProperty('--edge-' + side, (phone ? insets[side] : 0) + 'px');
    });
  }

  H.panel = {
    open: function () { return open; },

    state: function (d) {
      var was = open;
      open = d.open === true;
      phone = d.phone === true;
      edges(d.insets);
      if (open && !was) H.seen.look();
      if (was && !open) H.seen.endLook();
      show(d.focus);
      H.attempts.place();
      if (open) {
        if (!was) H.view.toEnd();
        H.composer.fit();
        H.view.look();
        H.view.soon();
        H.link.start();
      }
      setTimeout(function () { H.host.post('drawn', {}); }, 30);
    }
  };

  function unread(n) {
    var badge = H.$('badge');
    badge.hidden = n === 0;
    badge.textContent = n > 99 ? '99+' : String(n);
    bubble.setAttribute('aria-label', n ? H.t('widget.open.unread', { count: n }) : H.t('widget.open'));
    if (!H.host.inFrame) document.title = (n ? '(' + n + ') ' : '') + H.config.title;
    H.host.post('unread', { count: n });
  }

  bubble.addEventListener('click', function () { H.host.post('want', { open: true }); });
  H.$('close').addEventListener('click', function () { H.host.post('want', { open: false }); });
  document.addEventListener('keydown', function (e) {
    if (e.key === 'Escape' && !e.isComposing && e.keyCode !== 229 && open && H.host.inFrame) H.host.post('want', { open: false });
    // While the panel covers the page there is nothing else to go to.
    if (e.key !== 'Tab' || !open || !phone || !H.host.inFrame) return;
    var all = focusables();
    var end = e.shiftKey ? all[0] : all[all.length - 1];
    if (document.activeElement !== end) return;
    e.preventDefault();
    (e.shiftKey ? all[all.length - 1] : all[0]).focus();
  });

  // On the full page the keyboard shrinks only what is seen, not the page: follow it.
  if (!H.host.inFrame && window.visualViewport) {
    var follow = function () {
      root.style.setProperty('--height', window.visualViewport.height + 'px');
      window.scrollTo(0, 0);
    };
    window.visualViewport.addEventListener('resize', follow);
    follow();
  }

  // A moment of patience: after a reconnect the read marks come behind the messages.
  var last = -1;
  var soon = 0;
  function count() {
    soon = 0;
    var n = H.seen.unread();
    if (n === last) return;
    last = n;
    unread(n);
  }
  ['unread', 'thread'].forEach(function (name) {
    H.on(name, function () { if (!soon) soon = setTimeout(count, 120); });
  });
})();
