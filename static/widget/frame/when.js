// Times as the shopper reads them, in her own zone.
(function () {
  'use strict';

  var DAY = 86400000;

  function two(n) { return (n < 10 ? '0' : '') + n; }

  function midnight(at) {
    var d = new Date(at);
    return new Date(d.getFullYear(), d.getMonth(), d.getDate()).getTime();
  }

  // daysAway counts calendar days from today; Math.round takes the odd hour of summer time away.
  function daysAway(at) { return Math.round((midnight(at) - midnight(Date.now())) / DAY); }

  H.when = {
    clock: function (at) {
      var d = new Date(at);
      return two(d.getHours()) + ':' + two(d.getMinutes());
    },

    sameDay: function (a, b) { return midnight(a) === midnight(b); },

    day: function (at) {
      var away = daysAway(at);
      if (away === 0) return H.t('widget.today');
      if (away === -1) return H.t('widget.yesterday');
      var form = { month: H.zh ? 'long' : 'short', day: 'numeric', weekday: 'short' };
      if (new Date(at).getFullYear() !== new Date().getFullYear()) form.year = 'numeric';
      return new Date(at).toLocaleDateString(H.config.locale, form);
    },

    // expected says when an answer can be expected: 今天 09:20.
    expected: function (at) {
      var away = daysAway(at);
      var clock = H.when.clock(at);
      if (away <= 0) return H.t('widget.at.today', { time: clock });
      if (away === 1) return H.t('widget.at.tomorrow', { time: clock });
      return H.t('widget.at.day', { day: H.when.day(at), time: clock });
    }
  };
})();
