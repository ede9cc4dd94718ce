// Requests to the desk, without cookies: the token goes in the header.
(function () {
  'use strict';

  var TIMEOUT = 20000; // ms

  // api calls the desk. It gives fn the status (0: no answer), the parsed answer and the time to wait in ms.
  H.api = function (method, path, body, fn, options) {
    var stop = new AbortController();
    var timer = setTimeout(function () { stop.abort(); }, (options && options.timeout) || TIMEOUT);
    var headers = {};
    var token = (options && options.token) || H.session.token;
    if (token) headers.Authorization = 'Bearer ' + token;
    if (body) headers['Content-Type'] = 'application/json';
    fetch(H.config.api + path, {
      method: method, headers: headers, body: body ? JSON.stringify(body) : undefined, credentials: 'omit', cache: 'no-store',
      keepalive: !!(options && options.keepalive), signal: stop.signal
    }).then(function (answer) {
      return answer.text().then(function (text) {
        var data = H.parse(text, {});
        return [answer.status, data, (Number(data.retry_after || answer.headers.get('Retry-After')) || 0) * 1000];
      });
    }).catch(function () { return [0, {}, 0]; }).then(function (got) {
      clearTimeout(timer);
      fn(got[0], got[1], got[2]);
    });
    return stop;
  };
})();
