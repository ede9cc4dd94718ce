// What the desk's frames mean here.
(function () {
  'use strict';

  function present(f) {
    H.session.online = f.online === true;
    if (f.answer_by !== undefined) H.session.answerBy = f.answer_by;
    H.emit('presence');
  }

  var healing = false; // a gap was seen and hello said
  var anew = false; // a hello was refused and said once more, with nothing known
  var timer = 0; // of the hello that the desk wants later

  function welcome(f) {
    healing = anew = false;
    clearTimeout(timer);
    if (f.contact && f.contact !== H.session.contact) {
      H.session.contact = f.contact;
      H.host.set('contact', f.contact);
      H.emit('contact');
    }
    present(f);
    H.thread.welcome(f);
  }

  // unwelcome: hello was refused. It is said again when the desk wants it, or once without the tickets that the desk does
  // not know; all else is left to the wire, which the desk closes or which ends unwelcomed.
  function unwelcome(f) {
    var wait = Number(f.retry_after) || 0;
    clearTimeout(timer);
    if (wait > 0) {
      timer = setTimeout(H.link.hello, wait * 1000);
    } else if (!anew && (f.code === 'not_found' || f.code === 'invalid')) {
      anew = true;
      H.thread.clear();
      H.link.hello();
    } else {
      healing = false; // the next gap may try again
    }
  }

  function failed(f) {
    if (f.frame === 'hello') return unwelcome(f);
    if (f.id) return H.outbox.refused(f.id, f.code, (Number(f.retry_after) || 0) * 1000);
    if (f.frame === 'recall') H.announce(H.t('widget.recall.late'));
  }

  var readers = {
    welcome: welcome,
    ack: function (f) {
      H.host.set('talks', '1');
      H.outbox.acked(f.id, f.at, f.masked);
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

  // A new wire says hello by itself.
  H.on('link', function () { if (!H.link.live()) clearTimeout(timer); });
  H.on('contact', function () { H.thread.clear(); });
})();
