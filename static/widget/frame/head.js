// What stands around the thread: whether somebody is there, the hotline, the connection, the order, the notice.
(function () {
  'use strict';

  // Each text is named as a whole: the page brings those that the script names.
  var ORDER_STATES = {
    unpaid: 'widget.order.status.unpaid', paid: 'widget.order.status.paid', shipped: 'widget.order.status.shipped',
    delivered: 'widget.order.status.delivered', finished: 'widget.order.status.finished', cancelled: 'widget.order.status.cancelled',
    closed: 'widget.order.status.closed'
  };

  var QUIET = 2500; // ms: shorter breaks of the connection are nobody's business

  var HOURS = 4; // lines

  var broken = 0;

  function presence() {
    var s = H.session;
    var line = H.$('presence');
    document.body.classList.toggle('online', s.online === true);
    if (s.online === null) line.textContent = H.t('widget.presence.unknown');
    else if (s.online) line.textContent = H.t('widget.presence.online');
    else line.textContent = s.answerBy ? H.t('widget.presence.by', { time: H.when.expected(Date.parse(s.answerBy)) }) : H.t('widget.presence.offline');
    H.$('hello-hint').textContent = H.t(s.online === false ? 'widget.hello.offline' : 'widget.hello.online');
    if (s.greeting) H.$('hello-text').textContent = s.greeting;
    var call = H.$('hotline');
    call.hidden = !s.hotline;
    if (s.hotline) {
      call.href = s.dial;
      call.setAttribute('aria-label', H.t('widget.hotline', { number: s.hotline }));
      H.$('hotline-number').textContent = s.hotline;
    }
  }

  // hours are said while nobody is there; the nearest lines are enough.
  function hours() {
    var s = H.session;
    var line = H.$('hours');
    line.hidden = s.online !== false || !s.hours.length;
    line.textContent = s.hours.slice(0, HOURS).join('\n');
  }

  function notice() {
    var n = H.session.notice;
    var line = H.$('notice');
    line.hidden = !n || n.accepted !== false;
    H.$('notice-text').textContent = H.t(n && n.changed ? 'widget.notice.changed' : 'widget.notice');
    H.$('notice-version').textContent = n ? H.t('widget.notice.version', { version: n.version }) : '';
    if (n && n.url && /^https?:/.test(n.url)) H.$('notice-link').href = n.url;
  }

  function order() {
    var o = H.host.order;
    H.$('order').hidden = !(o && o.id);
    if (!o || !o.id) return;
    H.$('order-number').textContent = H.t('widget.order', { number: o.id });
    var card = H.session.order;
    var known = H.session.orderVerified || card;
    H.$('order-state').textContent = card ? H.t(ORDER_STATES[card.status] || 'widget.order.verified') : H.t(known ? 'widget.order.verified' : 'widget.order.claim');
    H.$('order-state').className = known ? 'tag good' : 'tag';
    orderCard(card);
  }

  // orderCard shows what the desk knows of her order: goods, amount and where the parcel is.
  function orderCard(card) {
    var box = H.$('order-card');
    var lines = [];
    box.hidden = !card;
    box.textContent = '';
    if (!card) return;
    card.lines.slice(0, 3).forEach(function (l) { lines.push(l.name + ' × ' + l.quantity); });
    if (card.lines.length > 3) lines.push(H.t('widget.order.more', { count: card.lines.length - 3 }));
    if (card.total) lines.push(H.t('widget.order.total', { total: card.total }));
    if (card.status_text) lines.push(card.status_text);
    card.shipments.forEach(function (p) { lines.push([p.courier, p.tracking, p.status].filter(Boolean).join(' · ')); });
    lines.forEach(function (text) {
      var li = document.createElement('li');
      li.textContent = text;
      box.appendChild(li);
    });
  }

  // connection says so when the connection stays away; the words go on their way by themselves when it is back.
  function connection() {
    if (H.link.live() || !H.link.wanted()) {
      clearTimeout(broken);
      broken = 0;
      H.$('lost').hidden = true;
      return;
    }
    if (!broken) broken = setTimeout(lost, QUIET);
  }

  function lost() {
    H.$('lost').textContent = H.t(navigator.onLine === false ? 'widget.lost.offline' : 'widget.lost');
    H.$('lost').hidden = false;
  }

  function refused(code) {
    var line = H.$('lost');
    clearTimeout(broken);
    broken = 1;
    line.textContent = H.t(code === 'identity' ? 'widget.refused.identity' : 'widget.refused');
    line.hidden = false;
  }

  ['session', 'presence'].forEach(function (name) { H.on(name, presence); H.on(name, hours); });
  ['session', 'outbox'].forEach(function (name) { H.on(name, notice); });
  ['session', 'order'].forEach(function (name) { H.on(name, order); });
  H.on('link', connection);
  H.on('refused', refused);
  H.head = { draw: function () { presence(); hours(); notice(); order(); } };
})();
