// The thread as rows: what stands under what, and with which words. view.js draws them. A row has a key, by which its
// element is found again, and a sign, which changes when it must be drawn anew.
(function () {
  'use strict';

  var GROUP = 5 * 60000; // ms: messages of one person within it stand together
  var RECALL = 2 * 60000; // ms in which one's own message can be recalled

  function line(key, text, extra) { return Object.assign({ kind: 'line', key: key, text: text }, extra); }

  function said(m, t) {
    var mine = m.author.kind === 'contact';
    return {
      kind: 'said', key: mine ? 'c.' + m.id : 'm.' + m.ticket + '.' + m.seq, mine: mine, at: m.at, body: m.body, files: m.files, message: m,
      who: mine ? '' : m.author.kind === 'system' ? H.t('widget.auto') : m.author.name, auto: m.author.kind === 'system',
      state: mine ? (m.seq <= t.read ? 'read' : 'sent') : '', masked: mine && H.outbox.masked(m.id), recall: mine && Date.now() - m.at < RECALL && H.link.recalls()
    };
  }

  function gone(m) {
    var mine = m.author.kind === 'contact';
    if (m.state === 'erased') return line('g.' + m.ticket + '.' + m.seq, H.t('widget.erased'), { at: m.at });
    return line('g.' + m.ticket + '.' + m.seq, mine ? H.t('widget.recalled.mine') : H.t('widget.recalled.theirs', { name: m.author.name }), { at: m.at, again: mine ? m.was : '' });
  }

  function onItsWay(item) {
    var state = item.state === 'waiting' && H.outbox.late(item) ? 'late' : item.state === 'waiting' ? 'sending' : item.state;
    return { kind: 'said', key: 'c.' + item.id, mine: true, at: item.at, body: item.body, files: item.files, item: item, masked: H.outbox.masked(item.id), state: state, reason: item.reason, who: '' };
  }

  function ofTicket(t, rows) {
    var seen = H.seen.before(t.id);
    if (rows.length && t.messages.length) rows.push(line('t.' + t.id, t.number ? H.t('widget.ticket.new', { number: t.number }) : H.t('widget.ticket.next')));
    t.messages.forEach(function (m) {
      if (seen && m.seq === seen + 1) rows.push(line('f.' + t.id, H.t('widget.fresh'), { fresh: true }));
      rows.push(m.state ? gone(m) : said(m, t));
    });
    if (t.status === 'solved' && t.messages.length) rows.push(line('s.' + t.id, H.t('widget.solved')));
  }

  // ending is the line under the newest words of hers when nobody is there: that they are kept, and until when.
  function ending(t, rows) {
    var last = rows[rows.length - 1];
    if (H.session.online !== false || !last || !last.mine || last.state !== 'sent' || !t || !t.number) return;
    var by = H.session.answerBy;
    rows.push(line('kept', by ? H.t('widget.kept.by', { number: t.number, time: H.when.expected(Date.parse(by)) }) : H.t('widget.kept', { number: t.number })));
  }

  // asking is whether she wants to hear once what she complained of has been improved: asked when a ticket is over, and
  // there to be taken back as long as she wants it.
  function asking(rows) {
    var all = H.thread.tickets();
    var t = all[all.length - 1];
    if (!t || !t.messages.length || !H.session.ready || !(H.session.told || t.status === 'solved' || t.status === 'closed')) return;
    rows.push({ kind: 'told', key: 'told', on: H.session.told });
  }

  // group puts the days between, and tells each row whether it begins or ends a group of one person.
  function group(rows) {
    var out = [];
    var day = 0;
    var before = null;
    rows.forEach(function (row) {
      if (row.at && (!day || !H.when.sameDay(day, row.at))) {
        day = row.at;
        out.push({ kind: 'date', key: 'd.' + out.length, text: H.when.day(day) });
        before = null;
      }
      row.first = !before || before.kind !== 'said' || before.mine !== row.mine || before.who !== row.who || row.at - before.at > GROUP;
      if (before) before.last = row.first;
      out.push(row);
      before = row;
    });
    if (before) before.last = true;
    return out;
  }

  // rows is the whole thread as it stands.
  H.rows = function () {
    var rows = [];
    H.thread.tickets().forEach(function (t) { ofTicket(t, rows); });
    H.shelf.items().forEach(function (item) { rows.push(onItsWay(item)); });
    ending(H.thread.current(), rows);
    asking(rows);
    rows = group(rows);
    for (var i = rows.length - 1; i >= 0; i--) {
      if (rows[i].mine) { rows[i].newest = true; break; }
    }
    var who = H.thread.typing();
    if (who) rows.push({ kind: 'typing', key: 'typing', text: H.t('widget.typing', { name: who.name }) });
    rows.forEach(function (r) {
      r.sign = [r.kind, r.text, r.body, r.who, r.state, r.reason, r.first, r.last, r.newest, r.recall, r.masked, r.on, r.again, r.at, (r.files || []).map(function (f) { return f.id + (f.thumb ? 1 : 0); })].join('\n');
    });
    return rows;
  };
})();
