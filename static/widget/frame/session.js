// The session with the desk: a token that the shop page's storage keeps. It is asked for when the shopper opens the
// chat or has a conversation already, never for someone who only passes by.
(function () {
  'use strict';

  var RETRY_MIN = 1000;
  var RETRY_MAX = 60000;

  var asking = false;
  var again = false; // something changed while asking
  var tries = 0;
  var timer = 0;

  // unsigned: the shop's signature was refused, so she goes on without it.
  H.session = {
    token: '', contact: '', ready: false, unsigned: false, refused: '',
    online: null, answerBy: null, hotline: null, dial: '', hours: [], greeting: '', notice: null, orderVerified: false, order: null, told: false
  };

  var s = H.session;

  // ensure gets the session if there is none; renew gets it anew (token expired, she signed in, named an order).
  s.ensure = function () { if (!s.ready && !asking && !timer) ask(); };

  s.renew = function () {
    if (asking) { again = true; return; }
    clearTimeout(timer);
    s.refused = '';
    ask();
  };

  // refresh renews only what somebody wanted already.
  s.refresh = function () { if (s.ready || asking || timer) s.renew(); };

  // wake tries at once what waits for its next turn.
  s.wake = function () {
    if (!timer) return;
    clearTimeout(timer);
    ask();
  };

  function ask() {
    asking = true;
    timer = 0;
    H.api('POST', '/sessions', H.who.request(), function (status, data, wait) {
      asking = false;
      if (again) { again = false; return ask(); }
      if (status === 201 || status === 200) return taken(data);
      if (status === 0 || status === 401 || status === 429 || status >= 500) return later(wait);
      refused(data);
    });
  }

  function later(wait) {
    var pause = wait || Math.min(RETRY_MAX, RETRY_MIN * Math.pow(2, tries)) * (0.5 + Math.random() / 2);
    tries++;
    timer = setTimeout(ask, pause);
    H.emit('link');
  }

  function taken(data) {
    var before = s.contact;
    tries = 0;
    s.token = data.session;
    s.contact = (data.contact && data.contact.id) || '';
    s.online = data.online === true;
    s.answerBy = data.answer_by;
    s.hotline = data.hotline;
    s.dial = data.hotline_uri || '';
    s.hours = data.hours_text || [];
    s.greeting = data.greeting || '';
    s.notice = data.notice;
    s.orderVerified = data.order_verified === true;
    s.order = data.order || null;
    s.told = data.told === true;
    s.ready = true;
    s.refused = '';
    H.host.set('token', s.token);
    H.host.set('contact', s.contact);
    if (data.ticket) H.host.set('talks', '1'); // from now on the widget connects by itself, for the badge
    H.who.remember();
    if (before && before !== s.contact) H.emit('contact');
    H.emit('session');
  }

  // What the shop's page says wrongly is the shop's mistake and does not silence the shopper: she goes on without it.
  function refused(data) {
    var setting = String(data.setting || '');
    var unread = !setting && (data.code === 'invalid' || data.code === 'too_long' || data.code === 'bad_frame');
    if (/^identity\.|^order_signature$/.test(setting) || unread) {
      H.host.post('refused', { code: unread ? 'identity_invalid' : 'signature' });
      if (H.who.doubt(setting)) return ask();
    }
    var codes = { allowed_origins: 'origin', enforce_identity: 'identity', 'data-inbox': 'key' };
    s.refused = codes[setting] || 'refused';
    if (codes[setting]) H.host.post('refused', { code: s.refused });
    H.emit('refused', s.refused);
  }

  // forget drops the session and all that belongs to its contact in this page.
  s.forget = function () {
    ['token', 'contact', 'who', 'seen', 'talks'].forEach(H.host.del);
    s.reset();
  };

  s.reset = function () {
    s.token = s.contact = '';
    s.ready = s.orderVerified = s.told = false;
    s.notice = s.order = null;
    H.emit('contact');
  };

  s.load = function () {
    s.token = H.host.get('token') || '';
    s.contact = H.host.get('contact') || '';
  };
})();
