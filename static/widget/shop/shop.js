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
      count.textContent = Math.max(1, Math.min(9, Number(count.textContent) + Number(button.dataset.step)));
    });
  });

  all('#cart', function (button) {
    button.addEventListener('click', function () {
      var done = document.getElementById('done');
      done.textContent = done.dataset.text;
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
})();
