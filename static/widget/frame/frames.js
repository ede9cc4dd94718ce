// What the desk's frames mean here.
(function () {
  'use strict';

  function present(f) {
    H.session.online = f.online === true;
    if (f.answer_by !== undefined) H.session.answerBy = f.answer_by;
    H.emit('presence');
  }

  var healing = false; // a gap was seen and hello said

  function welcome(f) {
    healing = false;
    if (f.contact && f.contact !== H.session.contact) {
      H.session.contact = f.contact;
      H.host.set('contact', f.contact);
      H.emit('contact');
    }
    present(f);
    H.thread.welcome(f);
  }

  function failed(f) {
    if (f.frame === 'hello') {
      H.thread.clear();
      return H.link.hello();
    }
    if (f.id) return H.outbox.refused(f.id, f.code, (Number(f.retry_after) || 0) * 1000);
    if (f.frame === 'recall') H.announce(H.t('widget.recall.late'));
  }

  var readers = {
    welcome: welcome,
    ack: function (f) {
      H.host.set('talks', '1');
      H.outbox.acked(f.id, f.at);
    },
    message: function (f) {
      if (H.thread.message(f) || healing) return;
      healing = true;
      H.link.hello();
    },
    message_changed: function (f) { H.thread.change(f); },
    typing: function (f) { H.thread.type(f); },
    read: function (f) { H.thread.read(f); },
    presence: present,
    status: function (f) { H.thread.status(f); },
    error: failed
  };

  H.frame = function (f) {
    if (Object.prototype.hasOwnProperty.call(readers, f.type)) readers[f.type](f);
  };

  H.on('contact', function () { H.thread.clear(); });
})();
