// Pictures and files: chosen, pasted or dropped, made smaller when they are large pictures, and sent to the desk at once.
// They wait over the box until the message goes; the message names them by their ids.
(function () {
  'use strict';

  var MAX = 10; // with one message
  var SIDE = 2048; // pixels of the longer side of a picture that is made smaller
  var SMALL = 300000; // bytes: what is smaller goes as it is
  var PICTURES = ['image/jpeg', 'image/png', 'image/gif', 'image/webp'];

  var tray = H.$('tray');
  var items = [];

  function changed() {
    tray.hidden = !items.length;
    H.emit('files');
  }

  function size(n) { return n < 1000000 ? Math.max(1, Math.round(n / 1000)) + ' KB' : (n / 1000000).toFixed(1) + ' MB'; }

  function shown(f) { return PICTURES.indexOf(f.type) >= 0; }

  // shrink gives a smaller copy of a large photo, or the file itself where that is no gain or cannot be done.
  function shrink(file, fn) {
    if (file.size < SMALL || (file.type !== 'image/jpeg' && file.type !== 'image/png' && file.type !== 'image/webp')) return fn(file);
    var url = URL.createObjectURL(file);
    var img = new Image();
    function end(result) {
      URL.revokeObjectURL(url);
      fn(result);
    }
    img.onerror = function () { end(file); };
    img.onload = function () {
      var scale = Math.min(1, SIDE / Math.max(img.naturalWidth, img.naturalHeight));
      var canvas = document.createElement('canvas');
      canvas.width = Math.max(1, Math.round(img.naturalWidth * scale));
      canvas.height = Math.max(1, Math.round(img.naturalHeight * scale));
      var pen = canvas.getContext('2d');
      if (!pen || !canvas.toBlob) return end(file);
      pen.fillStyle = '#ffffff'; // a JPEG knows no transparency
      pen.fillRect(0, 0, canvas.width, canvas.height);
      pen.drawImage(img, 0, 0, canvas.width, canvas.height);
      canvas.toBlob(function (blob) { end(blob && blob.size < file.size ? blob : file); }, 'image/jpeg', 0.85);
    };
    img.src = url;
  }

  function remove(item) {
    items = items.filter(function (i) { return i !== item; });
    if (item.request) item.request.abort();
    tray.removeChild(item.el);
    changed();
  }

  function failed(item, text) {
    item.state = 'failed';
    item.el.className = 'chip bad';
    item.note.textContent = text;
    H.announce(text);
    changed();
  }

  function send(item, content) {
    var request = item.request = new XMLHttpRequest();
    var form = new FormData();
    var name = content === item.file ? item.file.name : item.file.name.replace(/\.\w+$/, '') + '.jpg';
    form.append('file', content, name || 'picture.jpg');
    request.open('POST', H.config.api + '/uploads');
    request.setRequestHeader('Authorization', 'Bearer ' + H.session.token);
    request.upload.onprogress = function (e) {
      if (e.lengthComputable) item.note.textContent = Math.round(e.loaded / e.total * 100) + '%';
    };
    request.onloadend = function () {
      if (items.indexOf(item) < 0) return; // taken out meanwhile
      var answer = H.parse(request.responseText, {});
      if (request.status !== 201) return failed(item, answer.message || H.t('widget.file.unreachable'));
      item.view = answer;
      item.state = 'there';
      item.note.textContent = size(answer.size);
      changed();
    };
    request.send(form);
  }

  // begin sends the file as soon as there is a session to send it in.
  function begin(item) {
    item.state = 'going';
    if (!H.session.ready) return H.link.start();
    shrink(item.file, function (content) { if (items.indexOf(item) >= 0) send(item, content); });
  }

  function chip(item) {
    var el = item.el = H.el('li', 'chip');
    el.appendChild(H.el('span', 'cut', item.file.name || H.t('widget.file.picture')));
    item.note = el.appendChild(H.el('span', 'note', '…'));
    var x = H.el('button', 'x', '×');
    x.type = 'button';
    x.setAttribute('aria-label', H.t('widget.file.remove', { name: item.file.name }));
    x.addEventListener('click', function () { remove(item); });
    el.appendChild(x);
    tray.appendChild(el);
  }

  function add(list) {
    Array.prototype.slice.call(list || []).forEach(function (file) {
      if (items.length >= MAX) return H.announce(H.t('widget.file.many', { max: MAX }));
      var item = { file: file, state: 'waiting' };
      items.push(item);
      chip(item);
      begin(item);
    });
    changed();
  }

  H.files = {
    views: function () { return items.filter(function (i) { return i.view; }).map(function (i) { return i.view; }); },
    busy: function () { return items.some(function (i) { return i.state === 'going'; }); },
    any: function () { return items.length > 0; },
    clear: function () {
      items = [];
      tray.textContent = '';
      changed();
    },

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

  H.on('session', function () {
    items.forEach(function (i) { if (i.state === 'going' && !i.request) begin(i); });
  });
  H.on('logout', H.files.clear);

  H.$('pick').addEventListener('change', function (e) {
    add(e.target.files);
    e.target.value = '';
  });
  H.$('text').addEventListener('paste', function (e) {
    var files = e.clipboardData && e.clipboardData.files;
    if (!files || !files.length) return;
    e.preventDefault();
    add(files);
  });
  var panel = H.$('panel');
  panel.addEventListener('dragover', function (e) { e.preventDefault(); });
  panel.addEventListener('drop', function (e) {
    e.preventDefault();
    if (e.dataTransfer) add(e.dataTransfer.files);
  });
})();
