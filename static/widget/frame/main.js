// Puts the parts together when the page around us has said where we are.
(function () {
  'use strict';

  // wake: seen again, focused again, back from the cache, back in the network.
  function wake() {
    if (!document.hidden && H.link.wanted()) H.link.wake();
  }

  H.host.hear('state', H.panel.state);
  H.host.hear('wake', wake);
  H.host.hear('page', function (d) { H.host.page = d.page; });
  H.host.hear('identity', function (d) { H.who.identify(d.identity); });
  H.host.hear('order', function (d) { H.who.order(d.order); });
  H.host.hear('trial', function (d) { H.trials.asked(d.key); });
  H.host.hear('attempt', function (d) { H.attempts.told(d.attempt); });
  H.host.hear('logout', function (d) {
    H.who.logout(d.token);
    if (H.panel.open()) H.link.start();
  });
  H.host.hear('stored', function (d) {
    H.shelf.stored(d.key, d.value);
    if (d.key === 'seen') H.seen.load();
    if (d.key === 'token') H.who.follow(d.value);
  });

  ['focus', 'pageshow', 'online'].forEach(function (name) { window.addEventListener(name, wake); });
  document.addEventListener('visibilitychange', wake);
  window.addEventListener('online', H.who.revoke);
  H.on('sending', H.seen.endLook);
  H.on('sending', function () { H.view.toEnd(); });

  H.host.start(function (init) {
    H.colour(H.config.colour);
    H.session.load();
    H.who.load();
    H.seen.load();
    H.composer.load();
    H.head.draw();
    var waiting = H.shelf.load();
    H.outbox.pump();
    document.body.classList.toggle('on-left', init.side === 'left');
    H.panel.state(init);
    H.attempts.load();
    // Who talked with us before hears of answers on every page; who never did costs the desk nothing.
    if (waiting || (H.session.token && H.host.get('talks'))) H.link.start();
  });
})();
