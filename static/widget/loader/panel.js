// Open, close, hide, show: the state of the panel and what goes with it (focus, the page behind, Back).
(function () {
  'use strict';

  var state = { ready: false, open: false, hidden: false, offer: 0 };
  var focusBefore = null;

  function lay() {
    var frame = L.frame();
    if (frame) L.place(frame, state);
  }

  function tell(focus) {
    L.post('state', { open: state.open, phone: L.phone(), insets: L.insets(), focus: focus });
  }

  // relay follows turning, resizing and the keyboard, which change the size of what can be seen.
  function relay() {
    lay();
    if (!state.open) return;
    if (L.phone()) { L.mark(); L.lock(L.frame()); } else L.unlock();
    tell('');
  }

  L.isOpen = function () { return state.open; };

  // open shows the panel; back says that the step in the history is there already.
  L.open = function () {
    L.begin();
    if (state.open) return;
    state.open = true;
    state.hidden = false;
    focusBefore = document.activeElement;
    L.tab.set(true);
    if (!state.ready) return; // isReady shows it
    show('panel');
  };

  function show(focus) {
    var frame = L.frame();
    if (L.phone()) { L.mark(); L.lock(frame); }
    L.fade(frame, function () {
      lay();
      tell(focus);
      if (focus) frame.focus();
    });
    L.emit('open', {});
  }

  L.close = function () {
    if (!state.open) return;
    state.open = false;
    L.tab.set(false);
    if (!state.ready) return;
    var frame = L.frame();
    var inside = document.activeElement === frame;
    L.unlock();
    L.fade(frame, function () {
      lay();
      var back = inside && focusBefore && focusBefore !== document.body && focusBefore !== frame && document.contains(focusBefore);
      tell(inside && !back ? 'bubble' : '');
      if (back) focusBefore.focus();
    });
    L.unmark(function () { L.emit('close', {}); });
  };

  L.toggle = function () { state.open ? L.close() : L.open(); };

  L.hide = function () {
    L.close();
    state.hidden = true;
    lay();
  };

  L.show = function () {
    L.begin();
    state.hidden = false;
    lay();
  };

  // greeting is the frame's first message: all it needs to begin.
  L.greeting = function () {
    return {
      store: L.store.all(), page: L.page(), identity: L.identity, order: L.order,
      open: state.open, phone: L.phone(), insets: L.insets(), side: L.side
    };
  };

  L.isReady = function () {
    var again = state.ready;
    state.ready = true;
    lay();
    if (again) return;
    L.emit('ready', {});
    if (state.open) show(state.restored ? '' : 'panel');
  };

  // restore opens the panel again where it stood open before: on a wide screen over page changes, on a phone only when
  // the page was reloaded (a chat that covers the next page would be in the way).
  L.restore = function () {
    if (state.hidden) return;
    L.markedAtStart(function () { state.open = state.restored = true; });
    if (!L.phone() && L.tab.get()) state.open = state.restored = true;
  };

  L.watchPanel = function () {
    L.watchLayout(relay);
    L.watchBack(L.open, L.close);
    // Help is offered beside the bubble: room for it, in px of height.
    L.hear('offer', function (d) {
      state.offer = Math.max(0, Math.min(300, Number(d.height) || 0));
      if (!state.open) lay();
    });
    L.hear('want', function (d) {
      if (d.open === true) L.open();
      if (d.open === false) L.close();
    });
  };
})();
