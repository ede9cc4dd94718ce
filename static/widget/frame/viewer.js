// A picture as large as the panel, with a way to keep it. Back and Escape close it.
(function () {
  'use strict';

  var box = H.$('viewer');
  var img = H.$('viewer-picture');
  var save = H.$('viewer-save');
  var from = null;

  function close() {
    if (box.hidden) return;
    box.hidden = true;
    img.removeAttribute('src');
    if (from && document.contains(from)) from.focus();
  }

  H.viewer = {
    open: function (f, element) {
      from = element;
      img.src = f.url;
      img.alt = f.name;
      save.href = f.url + '?download=1';
      save.download = f.name;
      box.hidden = false;
      H.$('viewer-close').focus();
    }
  };

  H.$('viewer-close').addEventListener('click', close);
  box.addEventListener('keydown', function (e) {
    if (e.key !== 'Escape') return;
    e.stopPropagation();
    close();
  });
})();
