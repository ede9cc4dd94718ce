// Order attempts that the shop's page told of. They lie in the store that outlives the page, one item each, until the desk
// has them; their ids make sending one twice harmless. One that failed offers help: beside the bubble, or above the
// composer while the panel is open.
(function () {
  'use strict';

  var KEY = 'try.';
  var MOST = 20; // kept for a desk that cannot be reached
  var FRESH = 120000; // ms: an older failure is no news
  var QUIET = 600000; // ms without another offer when she has closed one
  var RETRY_MIN = 2000;
  var RETRY_MAX = 300000;

  var busy = false;
  var timer = 0;
  var fails = 0;
  var shown = null; // the attempt that help is offered for

  var SAYS = {
    payment: 'widget.offer.payment', network: 'widget.offer.network', system: 'widget.offer.system', stock: 'widget.offer.stock',
    input: 'widget.offer.input', other: 'widget.offer.other'
  };
  var DRAFTS = {
    payment: 'widget.draft.payment', network: 'widget.draft.network', system: 'widget.draft.system', stock: 'widget.draft.stock',
    input: 'widget.draft.input', other: 'widget.draft.other'
  };

  function read(key) {
    var one = H.parse(H.host.get(key) || '', null);
    return one && typeof one.id === 'string' && typeof one.outcome === 'string' ? one : null;
  }

  // waiting gives the keys of what the desk does not have yet, the oldest first.
  function waiting() {
    var keys = H.host.keys().filter(function (k) {
      if (k.indexOf(KEY) !== 0) return false;
      if (!read(k)) H.host.del(k);
      return !!H.host.get(k);
    });
    keys.sort(function (a, b) { return read(a).at - read(b).at; });
    keys.splice(0, Math.max(0, keys.length - MOST)).forEach(H.host.del);
    return keys;
  }

  function pump() {
    var key = waiting()[0];
    if (busy || timer || !key) return;
    if (!H.session.ready) return H.session.ensure();
    var one = read(key);
    busy = true;
    H.api('POST', '/attempts', {
      id: one.id, outcome: one.outcome, step: one.step, reason: one.reason, order: one.order, page: one.page, ago: Math.max(0, Date.now() - one.at)
    }, function (status, data, wait) {
      busy = false;
      if (status === 0 || status === 401 || status === 429 || status >= 500) return later(status, wait);
      fails = 0;
      H.host.del(key); // taken, or never to be
      pump();
    });
  }

  function later(status, wait) {
    timer = setTimeout(function () {
      timer = 0;
      if (status === 401) H.session.renew(); // its event pumps
      else pump();
    }, wait || Math.min(RETRY_MAX, RETRY_MIN * Math.pow(2, fails)) * (0.5 + Math.random() / 2));
    fails++;
  }

  function reason(one) { return Object.prototype.hasOwnProperty.call(SAYS, one.reason) ? one.reason : 'other'; }

  // offer shows help once for an attempt, and not again soon when she wanted none.
  function offer(one) {
    if (one.outcome === 'ok') return hide();
    if (one.outcome !== 'failed' || Date.now() - one.at > FRESH || H.host.get('offered') === one.id) return;
    if (Date.now() - (Number(H.host.get('refused')) || 0) < QUIET) return;
    H.host.set('offered', one.id);
    shown = one;
    place();
    H.$('offer-text').textContent = H.t(SAYS[reason(one)]);
  }

  // place puts the offer where she looks.
  function place() {
    var box = H.$('offer');
    var open = H.panel.open();
    box.hidden = !shown || (!open && !H.host.inFrame);
    if (open) H.$('composer').parentNode.insertBefore(box, H.$('composer'));
    else H.$('bubble').parentNode.insertBefore(box, H.$('bubble'));
    tell();
  }

  // tell asks the page around for as much room as the offer takes beside the bubble.
  function tell() {
    var box = H.$('offer');
    var room = shown && !H.panel.open() && !box.hidden;
    H.host.post('offer', { height: room ? box.offsetHeight || 1 : 0 });
  }

  function hide() {
    shown = null;
    place();
  }

  function draft(one) {
    var lines = [H.t(DRAFTS[reason(one)])];
    if (one.order) lines.push(H.t('widget.draft.order', { order: one.order }));
    if (one.step) lines.push(H.t('widget.draft.step', { step: one.step }));
    return lines.join('\n');
  }

  H.$('offer-open').addEventListener('click', function () {
    var one = shown;
    if (!one) return;
    hide();
    if (one.order && !(H.host.order && H.host.order.id)) H.who.order({ id: one.order });
    H.composer.propose(draft(one));
    H.host.post('want', { open: true });
    if (H.panel.open()) H.composer.focus();
  });
  function refuse() {
    H.host.set('refused', String(Date.now()));
    hide();
    (H.panel.open() ? H.$('text') : H.$('bubble')).focus();
  }
  H.$('offer-close').addEventListener('click', refuse);
  H.$('offer').addEventListener('keydown', function (e) {
    if (e.key !== 'Escape') return;
    e.stopPropagation(); // Escape closes the panel too
    refuse();
  });
  window.addEventListener('resize', tell);
  window.addEventListener('online', pump);
  ['session', 'link'].forEach(function (name) { H.on(name, pump); });
  H.on('logout', hide);

  H.attempts = {
    place: place,

    // told: the page has just told of one; it lies in the page's store already.
    told: function (one) {
      if (!one || typeof one.id !== 'string') return;
      H.host.set(KEY + one.id, JSON.stringify(one));
      pump();
      offer(one);
    },

    // load takes up what an earlier page left.
    load: function () {
      var last = waiting().pop();
      if (last) offer(read(last));
      pump();
    }
  };
})();
