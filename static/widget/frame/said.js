// How one row looks: a message of hers or of the desk, with its state and what can be done about it.
(function () {
  'use strict';

  var LONG = 140; // characters of a message that a screen reader hears at once

  function button(text, act, className) {
    var b = H.el('button', className || 'link', text);
    b.type = 'button';
    b.addEventListener('click', function (e) { e.stopPropagation(); act(); });
    return b;
  }

  // reason says in words why the desk did not take it, and what helps.
  function reason(code) {
    var known = ['too_long', 'invalid', 'denied', 'too_many'];
    return H.t(known.indexOf(code) < 0 ? 'widget.failed.other' : {
      too_long: 'widget.failed.too_long', invalid: 'widget.failed.invalid', denied: 'widget.failed.denied', too_many: 'widget.failed.too_many'
    }[code]);
  }

  function failed(row, meta) {
    meta.className += ' bad';
    if (row.state === 'late') {
      meta.appendChild(button(H.t('widget.late'), function () { H.outbox.retry(row.item.id); }));
      return;
    }
    meta.appendChild(H.el('span', '', reason(row.reason)));
    if (row.reason !== 'too_long') meta.appendChild(button(H.t('widget.retry'), function () { H.outbox.retry(row.item.id); }));
    meta.appendChild(button(H.t('widget.edit'), function () { H.emit('take-back', H.outbox.takeBack(row.item.id)); }));
  }

  function meta(row) {
    var el = H.el('div', 'meta');
    if (row.state === 'late' || row.state === 'failed') {
      failed(row, el);
      return el;
    }
    var words = { sending: H.t('widget.sending'), sent: H.t('widget.sent'), read: H.t('widget.read') };
    el.appendChild(H.el('span', '', words[row.state] + (row.state === 'sending' ? '' : ' ' + H.when.clock(row.at))));
    if (row.recall) el.appendChild(button(H.t('widget.recall'), function () {
      H.link.send({ type: 'recall', ticket: row.message.ticket, seq: row.message.seq });
    }));
    return el;
  }

  function said(row) {
    var li = H.el('li', 'said ' + (row.mine ? 'mine' : 'theirs') + (row.first ? ' first' : '') + (row.last ? ' last' : '') + (row.auto ? ' auto' : ''));
    var state = row.state === 'late' ? 'failed' : row.state === 'read' ? 'sent' : row.state;
    if (state) li.setAttribute('data-state', state);
    if (row.newest || state === 'failed' || state === 'sending') li.className += ' told';
    if (!row.mine && row.first) {
      var who = H.el('div', 'who');
      who.appendChild(H.el('b', '', row.who));
      who.appendChild(H.el('time', '', H.when.clock(row.at)));
      li.appendChild(who);
    } else {
      li.appendChild(H.el('span', 'quiet', row.mine ? H.t('widget.you') : row.who));
    }
    var bubble = H.el('div', 'bubble');
    bubble.dir = 'auto';
    H.fill(bubble, row.body);
    if (row.body) li.appendChild(bubble);
    if (row.files && row.files.length) li.appendChild(H.files.draw(row.files));
    if (row.masked) li.appendChild(H.el('p', 'hidden-note', H.t('widget.masked')));
    if (row.mine) {
      li.appendChild(meta(row));
      bubble.addEventListener('click', function () { li.classList.toggle('told'); });
    }
    return li;
  }

  function line(row) {
    var li = H.el('li', 'line' + (row.fresh ? ' fresh' : ''));
    li.appendChild(H.el('span', '', row.text));
    if (row.again) li.appendChild(button(H.t('widget.again'), function () { H.emit('take-back', row.again); }));
    return li;
  }

  function typing(row) {
    var li = H.el('li', 'said theirs typing first last');
    li.appendChild(H.el('div', 'who', row.text));
    var bubble = H.el('div', 'bubble');
    for (var i = 0; i < 3; i++) bubble.appendChild(H.el('i'));
    bubble.setAttribute('aria-hidden', 'true');
    li.appendChild(bubble);
    return li;
  }

  // told is the tick by which she says, and takes back, that she wants to hear of an improvement. It is never ticked for her.
  function told(row) {
    var li = H.el('li', 'line told-row');
    var label = H.el('label');
    var box = H.el('input');
    box.type = 'checkbox';
    box.checked = row.on;
    box.addEventListener('change', function () {
      var on = box.checked;
      box.disabled = true;
      H.api('POST', '/sessions/told', { on: on }, function (status) {
        box.disabled = false;
        if (status === 204) {
          H.session.told = on;
          H.announce(H.t(on ? 'widget.told.on' : 'widget.told.off'));
        } else {
          box.checked = !on;
          H.announce(H.t('widget.told.failed'));
        }
        H.emit('session');
      });
    });
    label.appendChild(box);
    label.appendChild(H.el('span', '', H.t('widget.told')));
    li.appendChild(label);
    return li;
  }

  // draw makes the element of a row.
  H.draw = function (row) {
    if (row.kind === 'said') return said(row);
    if (row.kind === 'typing') return typing(row);
    if (row.kind === 'told') return told(row);
    return row.kind === 'date' ? H.el('li', 'date', row.text) : line(row);
  };

  // spoken is a message as a screen reader says it.
  H.spoken = function (m) {
    var text = m.body.length > LONG ? Array.from(m.body).slice(0, LONG).join('') + '…' : m.body;
    return H.t('widget.spoken', { name: m.author.kind === 'agent' ? m.author.name : H.t('widget.auto'), text: text });
  };
})();
