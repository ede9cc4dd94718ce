// The button that prints the card; without scripts the browser's menu does.
(function () {
  'use strict';

  var button = document.getElementById('print');
  button.hidden = false;
  button.addEventListener('click', function () { window.print(); });
})();
