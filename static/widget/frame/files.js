// Pictures and files: chosen, pasted or dropped. The tray over the box (js/lib/tray.js) sends them; the message names them
// by their ids.
(function () {
  'use strict';

  var PICTURES = ['image/jpeg', 'image/png', 'image/gif', 'image/webp'];
  var rules = H.config.files;

  function size(n) { return n < 1000000 ? Math.max(1, Math.round(n / 1000)) + ' KB' : (n / 1000000).toFixed(1) + ' MB'; }

  function shown(f) { return PICTURES.indexOf(f.type) >= 0; }

  var tray = makeTray({
    list: H.$('tray'), tag: 'li', max: 10, maxBytes: rules.max_bytes, says: rules.says,
    t: H.t, announce: H.announce,
    words: {
      remove: 'widget.file.remove', sending: 'widget.file.sending', there: 'widget.file.there', again: 'widget.file.again',
      large: 'widget.file.large', many: 'widget.file.many', picture: 'widget.file.picture', unreachable: 'widget.file.unreachable'
    },
    url: function () { return H.config.api + '/uploads'; },
    headers: function () { return { Authorization: 'Bearer ' + H.session.token }; },
    ready: function () {
      if (!H.session.ready) H.link.start();
      return H.session.ready;
    },
    reason: function (answer) { return answer.message; },
    changed: function () {
      H.$('rules').className = tray && tray.holds() ? '' : 'quiet';
      H.emit('files');
    },
    kept: function () { return H.host.get('tray'); },
    keep: function (value) { if (value) H.host.set('tray', value); else H.host.del('tray'); }
  });

  H.files = {
    views: tray.views,
    busy: tray.busy,
    failed: tray.failed,
    sent: tray.sent,
    load: tray.restore,

    // draw makes the elements of a message's files.
    draw: function (list) {
      var box = H.el('div', 'files');
      list.forEach(function (f) {
        var a = H.el('a', 'file' + (shown(f) ? ' picture' : ''));
        a.href = f.url;
        if (!shown(f)) {
          a.download = f.name;
          a.appendChild(H.el('span', 'cut', f.name));
          a.appendChild(H.el('span', 'note', size(f.size)));
        } else {
          var img = H.el('img');
          img.alt = f.name;
          if (f.width) { img.width = f.width; img.height = f.height; }
          img.src = f.thumb || f.url;
          a.appendChild(img);
          a.addEventListener('click', function (e) {
            e.preventDefault();
            e.stopPropagation();
            H.viewer.open(f, a);
          });
        }
        box.appendChild(a);
      });
      return box;
    }
  };

  H.on('session', tray.go);
  H.on('logout', tray.clear);

  H.$('pick').addEventListener('change', function (e) {
    tray.add(e.target.files);
    e.target.value = '';
  });
  H.$('text').addEventListener('paste', function (e) {
    var files = e.clipboardData && e.clipboardData.files;
    if (!files || !files.length) return;
    e.preventDefault();
    tray.add(files);
  });
  var panel = H.$('panel');
  panel.addEventListener('dragover', function (e) { e.preventDefault(); });
  panel.addEventListener('drop', function (e) {
    e.preventDefault();
    if (e.dataTransfer) tray.add(e.dataTransfer.files);
  });
})();
