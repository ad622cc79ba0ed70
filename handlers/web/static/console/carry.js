/* While an import is worked at, the page looks every other second how far it is, and shows itself anew once it is settled. */
(function () {
  'use strict';
  function look() {
    fetch(location.pathname, { credentials: 'same-origin', headers: { 'X-Looks-Again': '1' } }).then(function (answer) {
      return answer.ok && !answer.redirected ? answer.text() : null;
    }).then(function (text) {
      var fresh = text && new DOMParser().parseFromString(text, 'text/html').getElementById('going');
      if (text && !fresh) { location.reload(); return; }
      if (fresh) document.getElementById('going').replaceWith(fresh);
      window.setTimeout(look, 2000);
    }, function () { window.setTimeout(look, 5000); });
  }
  if (document.getElementById('going')) window.setTimeout(look, 1000);
})();
