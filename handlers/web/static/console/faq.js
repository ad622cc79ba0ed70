/* While somebody types: how an answer would read, and what phrases would do. Without this script the buttons do it. */
(function () {
  'use strict';
  if (!window.fetch || !window.FormData) return;
  var PAUSE = 600;

  function watch(form, place) {
    var timer = null, asked = 0;
    function look() {
      var turn = ++asked, data = new URLSearchParams(new FormData(form));
      var headers = { 'Content-Type': 'application/x-www-form-urlencoded' };
      fetch(form.getAttribute('data-look'), { method: 'POST', body: data.toString(), credentials: 'same-origin', headers: headers })
        .then(function (answer) { return answer.ok && !answer.redirected ? answer.text() : null; })
        .then(function (text) {
          var piece = text && new DOMParser().parseFromString(text, 'text/html').querySelector('.piece');
          if (piece && turn === asked) place.replaceChildren(document.importNode(piece, true));
        })
        .catch(function () { /* the button still looks */ });
    }
    form.addEventListener('input', function () {
      window.clearTimeout(timer);
      timer = window.setTimeout(look, PAUSE);
    });
  }

  [['faq-wording', 'faq-looked'], ['faq-phrases', 'faq-would']].forEach(function (pair) {
    var form = document.getElementById(pair[0]), place = document.getElementById(pair[1]);
    if (form && place) watch(form, place);
  });
})();
