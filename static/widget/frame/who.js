// Who she is and what it is about, as far as the shop's page says so. Only what the shop signed is believed by the desk.
(function () {
  'use strict';

  var REVOKE = 'revoke.'; // keys of tokens that the desk has yet to end; none is ever a session again

  var s = H.session;

  function named() {
    var who = s.unsigned ? null : H.host.identity;
    return who && (who.id || who.name || who.email || who.phone) ? who : null;
  }

  // settle makes room for another person than the one of last time: nothing of hers is shown or sent.
  function settle() {
    var who = named();
    var last = H.host.get('who') || '';
    if (!who || !who.id || !last || last === String(who.id)) return;
    H.outbox.clear();
    H.host.del('draft');
    s.forget();
    H.emit('logout');
  }

  function ending() { return H.host.keys().filter(function (k) { return k.indexOf(REVOKE) === 0; }); }

  // revoke ends at the desk the sessions that were logged out here. What fails stays for the next load or network.
  function revoke() {
    ending().forEach(function (k) {
      H.api('DELETE', '/sessions', null, function (status) {
        if (status === 204 || status === 401) H.host.del(k);
      }, { keepalive: true, token: H.host.get(k) });
    });
  }

  function same(a, b) { return JSON.stringify(a) === JSON.stringify(b); }

  H.who = {
    request: function () {
      var who = named();
      var order = H.host.order;
      var body = { inbox: H.config.inbox, locale: H.config.locale, page: H.host.page };
      if (s.token) body.session = s.token;
      if (who) {
        body.identity = Object.assign({}, who);
        if (who.exp) body.identity.exp = Number(who.exp);
      }
      if (order && order.id) {
        body.order = order.id;
        if (order.signature && !order.doubted) body.order_signature = order.signature;
        if (order.exp && !order.doubted) body.order_exp = Number(order.exp);
      }
      return body;
    },

    remember: function () {
      var who = named();
      if (who && who.id) H.host.set('who', String(who.id));
    },

    // doubt drops what the desk did not believe (a wrong signature, one whose time has passed) or could not read; false
    // when there is nothing left to drop.
    doubt: function (setting) {
      var order = H.host.order;
      if (named() && setting !== 'order_signature') s.unsigned = true;
      else if (order && order.signature && !order.doubted) order.doubted = true;
      else if (order && !setting) H.host.order = null;
      else return false;
      return true;
    },

    identify: function (who) {
      if (same(who, H.host.identity)) return;
      H.host.identity = who;
      s.unsigned = false;
      settle();
      s.refresh();
    },

    order: function (order) {
      if (same(order, H.host.order)) return;
      H.host.order = order;
      s.refresh();
      H.emit('order');
    },

    // follow takes the token that another tab got (the old one may be revoked by now), or its logout.
    follow: function (token) {
      if (token) {
        s.token = token;
      } else if (s.token) {
        H.shelf.empty();
        s.reset();
      }
    },

    // logout ends the session at the desk too. The loader has emptied the store, so what waits is written once more.
    logout: function (token) {
      var known = s.token || token;
      H.link.stop();
      ending().forEach(function (k) { H.host.set(k, H.host.get(k)); });
      if (known) H.host.set(REVOKE + H.id(), known);
      revoke();
      H.host.identity = H.host.order = null;
      H.host.del('draft');
      H.outbox.clear();
      s.forget();
      H.emit('order');
      H.emit('logout');
    },

    revoke: revoke,

    load: function () {
      settle();
      revoke();
    }
  };
})();
