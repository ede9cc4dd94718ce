// Where the shopper is, as the agent may know it: address without query and the title. A query or fragment may carry
// tokens and searches, so only the path goes out; of a fragment only a router's path ("#/goods/detail").
(function () {
  'use strict';

  var last = '';

  L.page = function () {
    var hash = /^#!?\/[^?&=]*$/.test(location.hash.split('?')[0]) ? location.hash.split('?')[0] : '';
    return { url: location.origin + location.pathname + hash, title: document.title.slice(0, 200) };
  };

  function look() {
    if (document.hidden) return;
    L.keep();
    var page = L.page();
    var now = page.url + '\n' + page.title;
    if (now === last) return;
    if (last) L.post('page', { page: page });
    last = now;
  }

  // Routers of shops differ and patching history would disturb them: comparing two strings a second costs nothing.
  L.followPage = function () {
    look();
    setInterval(look, 1000);
  };
})();
