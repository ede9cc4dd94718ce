// Photos go to the desk at once, each with its small picture here; the form names them by their ids.
var formPhotos = function (form, data, t, changed) {
  'use strict';

  var busy = 0;

  function hidden(name) { return form.querySelector('input[type=hidden][name=' + name + ']'); }

  function address() {
    var q = ['order', 'exp', 'signature', 'ask', 'edit', 'visitor'].map(function (name) {
      var one = hidden(name);
      return one && one.value ? name + '=' + encodeURIComponent(one.value) : '';
    }).filter(Boolean);
    if (data.embed) q.push('embed=1', 'origin=' + encodeURIComponent(data.origin));
    return data.send + '?' + q.join('&');
  }

  function begin(pick) {
    var list = document.createElement('ul');
    var line = Promise.resolve(); // one after the other: the first says for whom they are kept
    list.className = 'shots';
    pick.parentNode.insertBefore(list, pick);
    pick.addEventListener('change', function () {
      Array.prototype.slice.call(pick.files).forEach(function (file) {
        if (list.children.length + form.querySelectorAll('[type=checkbox][name="' + pick.name + '"]:checked').length >= Number(pick.getAttribute('data-max'))) {
          return say(pick, t('feedback.page.photos_max', { max: pick.getAttribute('data-max') }));
        }
        var row = shot(list, file);
        line = line.then(function () { return send(pick, row, file); });
      });
      pick.value = '';
    });
  }

  function shot(list, file) {
    var row = document.createElement('li');
    row.textContent = t('feedback.page.sending');
    row.className = 'busy';
    row.setAttribute('data-name', file.name);
    list.appendChild(row);
    return row;
  }

  function say(pick, text) {
    var place = form.querySelector('#' + pick.id + '-wrong');
    place.textContent = text;
    place.hidden = !text;
    changed();
  }

  function send(pick, row, file) {
    busy++;
    return new Promise(function (done) {
      var body = new FormData();
      var ask = new XMLHttpRequest();
      body.append('file', file);
      ask.open('POST', address());
      ask.setRequestHeader('Accept', 'application/json');
      ask.timeout = 120000;
      ask.onloadend = function () {
        busy--;
        if (ask.status === 201) there(pick, row, file, JSON.parse(ask.responseText));
        else {
          row.parentNode.removeChild(row);
          say(pick, reason(ask) || t('feedback.page.photo_failed'));
        }
        changed();
        done();
      };
      ask.send(body);
    });
  }

  function reason(ask) {
    try {
      var answer = JSON.parse(ask.responseText);
      return (answer.errors && answer.errors[0] && answer.errors[0].message) || answer.detail;
    } catch (e) { return ''; }
  }

  function there(pick, row, file, answer) {
    var field = document.createElement('input');
    var img = document.createElement('img');
    var drop = document.createElement('button');
    var mark = document.createElement('span');
    say(pick, '');
    hidden('visitor').value = answer.visitor;
    field.type = 'hidden';
    field.name = pick.name;
    field.value = answer.id;
    img.src = URL.createObjectURL(file);
    img.alt = file.name;
    mark.textContent = '×';
    drop.type = 'button';
    drop.setAttribute('aria-label', t('feedback.page.photo_remove', { name: file.name }));
    drop.appendChild(mark);
    drop.addEventListener('click', function () {
      URL.revokeObjectURL(img.src);
      row.parentNode.removeChild(row);
      pick.focus();
      changed();
    });
    row.className = '';
    row.textContent = '';
    row.appendChild(field);
    row.appendChild(img);
    row.appendChild(drop);
  }

  Array.prototype.forEach.call(form.querySelectorAll('[type=file]'), begin);
  return { busy: function () { return busy > 0; } };
};
