// Words on their way. An item is stored before the composer lets go of it and leaves the store when the desk has acked
// it; so it survives a reload, a change of page and a restart of the browser. Its id makes sending it twice harmless.
//
// state: waiting (to be sent) · sending (on the wire) · sent (acked, its message frame has not come yet) · failed (for
// good: reason says why)
(function () {
  'use strict';

  var IN_FLIGHT = 32; // more would make every reconnect a flood
  var PATIENCE = 10000; // ms until an unsent item is shown as not sent

  var timer = 0;
  var hidden = {}; // ids of messages of which a number was hidden

  function changed() { H.emit('outbox'); }

  function frame(item) {
    var f = { type: 'send', id: item.id, body: item.body, page: H.host.page };
    if (item.files.length) f.attachments = item.files.map(function (one) { return one.id; });
    var notice = H.session.notice;
    if (notice && !notice.accepted) f.notice = notice.version;
    return f;
  }

  H.outbox = {
    masked: function (id) { return hidden[id] === true; },

    // late: still not with the desk after a while, so the shopper is told and may retry.
    late: function (item) { return item.state === 'waiting' && Date.now() - item.at > PATIENCE; },

    add: function (body, files) {
      var last = H.shelf.items().slice(-1)[0];
      H.shelf.add({ id: H.id(), body: body, files: files || [], at: Math.max(Date.now(), last ? last.at + 1 : 0), state: 'waiting' });
      setTimeout(changed, PATIENCE + 50);
      H.outbox.pump();
    },

    // pump sends what waits, in order, as far as the wire takes it. A desk that asked to wait is left alone so long.
    pump: function () {
      var flying = H.shelf.items().filter(function (i) { return i.state === 'sending'; }).length;
      if (!timer && H.link.live()) {
        H.shelf.items().forEach(function (item) {
          if (item.state !== 'waiting' || flying >= IN_FLIGHT) return;
          item.state = 'sending';
          flying++;
          H.link.send(frame(item));
        });
      }
      changed();
    },

    // broken: the wire is gone; what was on it may or may not have arrived and is sent again.
    broken: function () {
      clearTimeout(timer);
      timer = 0;
      H.shelf.items().forEach(function (i) { if (i.state === 'sending') i.state = 'waiting'; });
      changed();
    },

    // masked: what of it was hidden before it was kept, by kind.
    acked: function (id, at, masked) {
      var item = H.shelf.find(id);
      if (H.session.notice) H.session.notice.accepted = true;
      if (item) {
        item.state = 'sent';
        item.at = Date.parse(at) || item.at;
        H.shelf.safe(id);
      }
      if (masked && masked.length && !hidden[id]) {
        hidden[id] = true;
        H.announce(H.t('widget.masked'));
        changed();
      }
      H.outbox.pump();
    },

    // refused: the desk answered with an error. With a time to wait the item goes again then; else it is final.
    refused: function (id, code, wait) {
      var item = H.shelf.find(id);
      if (!item) return;
      item.state = wait > 0 ? 'waiting' : 'failed';
      item.reason = wait > 0 ? undefined : code;
      if (wait > 0 && !timer) timer = setTimeout(function () { timer = 0; H.outbox.pump(); }, wait);
      H.shelf.write(item);
      changed();
    },

    retry: function (id) {
      var item = H.shelf.find(id);
      if (item && item.state === 'failed') {
        item.state = 'waiting';
        H.shelf.write(item);
      }
      H.link.wake();
      H.outbox.pump();
    },

    // takeBack gives the text of an unsent item back and forgets the item.
    takeBack: function (id) {
      var item = H.shelf.find(id);
      if (!item) return '';
      H.shelf.drop(id);
      changed();
      return item.body;
    },

    clear: function () {
      H.shelf.items().forEach(function (i) { H.shelf.drop(i.id); });
      changed();
    }
  };

  H.on('revived', function () {
    H.link.start();
    H.outbox.pump();
  });
})();
