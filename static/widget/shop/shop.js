// The sample shop's own script: what a shop does around the widget. It knows nothing of the widget but the call huiyin.
(function () {
  'use strict';

  function all(selector, fn) { [].forEach.call(document.querySelectorAll(selector), fn); }

  all('input[name=colour]', function (input) {
    input.addEventListener('change', function () { document.getElementById('stage').dataset.colour = input.value; });
  });

  all('[data-step]', function (button) {
    button.addEventListener('click', function () {
      var count = document.getElementById('count');
      count.value = Math.max(1, Math.min(9, (Number(count.value) || 1) + Number(button.dataset.step)));
    });
  });

  // The shop names the order that the question is about, signed by its server, and opens the chat.
  all('[data-ask]', function (button) {
    button.addEventListener('click', function () {
      var d = button.dataset;
      if (d.order) window.huiyin('order', d.order, d.signature, d.exp);
      window.huiyin('open');
    });
  });

  all('#checkout', function (form) { checkout(form); });

  // checkout checks a field when it is left, says what is wrong beside it, and shows how far one is.
  function checkout(form) {
    var fields = [].slice.call(form.querySelectorAll('input[required]'));
    var typed = false;
    var left = false;

    function fits(input) {
      var text = input.value.trim();
      return input.dataset.form === 'phone' ? /^\+?[0-9][0-9 -]{5,18}$/.test(text) : text !== '';
    }

    function check(input) {
      var wrong = document.getElementById(input.id + '-wrong');
      var bad = !fits(input);
      wrong.textContent = bad ? input.dataset.missing : '';
      if (bad) input.setAttribute('aria-invalid', 'true'); else input.removeAttribute('aria-invalid');
      return !bad;
    }

    function progress() {
      var at = fields.every(fits) ? 1 : 0;
      all('.steps li', function (li) { li.removeAttribute('aria-current'); });
      document.querySelectorAll('.steps li')[at].setAttribute('aria-current', 'step');
    }

    fields.forEach(function (input) {
      input.addEventListener('blur', function () { if (typed) { check(input); progress(); } });
      input.addEventListener('input', function () {
        typed = true;
        if (input.getAttribute('aria-invalid')) check(input);
        progress();
      });
    });

    form.addEventListener('submit', function (event) {
      var bad = fields.filter(function (input) { return !check(input); });
      var button = document.getElementById('pay');
      if (bad.length) {
        event.preventDefault();
        bad[0].focus();
        return;
      }
      if (navigator.onLine === false) {
        event.preventDefault();
        say(form, button.dataset.offline);
        window.huiyin('attempt', { outcome: 'failed', reason: 'network', step: 'payment' });
        return;
      }
      left = true;
      button.setAttribute('aria-disabled', 'true');
    });

    window.addEventListener('pageshow', function () {
      left = false;
      document.getElementById('pay').removeAttribute('aria-disabled');
    });
    window.addEventListener('pagehide', function () {
      if (typed && !left) window.huiyin('attempt', { outcome: 'abandoned', step: fields.every(fits) ? 'payment' : 'details' });
    });
  }

  function say(form, text) {
    var p = document.getElementById('failed');
    if (!p) {
      p = document.createElement('p');
      p.id = 'failed';
      p.className = 'failed';
      p.setAttribute('role', 'alert');
      form.parentNode.insertBefore(p, form);
    }
    p.textContent = text;
  }
})();
