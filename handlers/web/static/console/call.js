/* A call: hints on every pause, everything typed kept on the server, every step by a key. Without this script the page
   works by its buttons. */
(function () {
  'use strict';
  var form = document.getElementById('call'), kept = document.getElementById('kept');
  if (!form || !window.fetch || !window.FormData) return;
  var PAUSE = 450, AGAIN = 4000, timer = null, busy = false, again = false, sent = null, leaving = false;

  function body() {
    var data = new URLSearchParams(new FormData(form));
    data.set('quietly', '1');
    return data.toString();
  }

  function say(words, bad) {
    kept.textContent = words;
    kept.className = bad ? 'trouble' : 'soft';
  }

  function think() {
    if (leaving) return;
    if (busy) { again = true; return; }
    var now = body();
    if (now === sent) return;
    busy = true;
    again = false;
    var headers = { 'Content-Type': 'application/x-www-form-urlencoded' };
    fetch(form.action, { method: 'POST', body: now, credentials: 'same-origin', headers: headers }).then(function (answer) {
      if (answer.status === 409 || answer.status === 403 || answer.redirected) { gone(); return null; }
      if (!answer.ok) throw new Error('not kept');
      sent = now;
      return answer.text();
    }).then(function (text) {
      if (text === null || leaving) return;
      show(text);
      say(form.getAttribute('data-kept'));
    }).catch(function () {
      say(form.getAttribute('data-unkept'), true);
      later(AGAIN);
    }).then(function () {
      busy = false;
      if (again) later(PAUSE);
    });
  }

  function gone() {
    leaving = true;
    say(form.getAttribute('data-gone'), true);
  }

  /* Nothing is taken from under the fingers: while somebody answers a question there, the news waits for the next pause. */
  function show(text) {
    var part = document.getElementById('hints'), active = document.activeElement;
    var fresh = new DOMParser().parseFromString(text, 'text/html').querySelector('.hints-in');
    if (!fresh) return;
    document.body.classList.toggle('in-danger', fresh.getAttribute('data-danger') === '1');
    if (active && part.contains(active) && /^(INPUT|SELECT)$/.test(active.tagName)) { sent = null; return; }
    if (part.firstElementChild && part.firstElementChild.innerHTML === fresh.innerHTML) return;
    part.replaceChildren(document.importNode(fresh, true));
  }

  function later(pause) { window.clearTimeout(timer); timer = window.setTimeout(think, pause); }

  function press(button) {
    if (!button || button.disabled) return false;
    if (button.type === 'radio') { button.checked = true; later(PAUSE); return true; }
    button.click();
    return true;
  }

  /* Enter goes to the next field; in the words it is a new line. */
  function next(field) {
    var all = Array.prototype.filter.call(form.elements, function (one) {
      return /^(INPUT|SELECT|TEXTAREA)$/.test(one.tagName) && one.type !== 'hidden' && one.offsetParent !== null;
    });
    var following = all[all.indexOf(field) + 1];
    if (following) following.focus();
  }

  form.addEventListener('input', function () { later(PAUSE); });
  form.addEventListener('change', function () { later(60); });
  form.addEventListener('submit', function () {
    leaving = true;
    window.clearTimeout(timer);
    window.setTimeout(function () { leaving = false; }, 4000);
  });
  form.addEventListener('click', function (event) {
    var kind = event.target.closest && event.target.closest('[data-kind]');
    if (event.target.closest && event.target.closest('[data-think]')) { event.preventDefault(); sent = null; think(); }
    if (!kind) return;
    form.elements.kind.value = kind.getAttribute('data-kind');
    later(60);
  });
  document.addEventListener('keydown', function (event) {
    if (event.isComposing) return;
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      press(form.querySelector('[data-ctrl-enter]'));
      return;
    }
    if (event.key === 'Enter' && /^(INPUT|SELECT)$/.test(event.target.tagName) && form.contains(event.target)) {
      event.preventDefault();
      next(event.target);
      return;
    }
    if (!event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.code === 'Digit1') { form.elements.words.focus(); event.preventDefault(); return; }
    if (press(form.querySelector('[data-alt="' + event.code + '"]'))) event.preventDefault();
  });
  window.addEventListener('pagehide', function () {
    var now = body();
    if (!leaving && now !== sent && navigator.sendBeacon) {
      navigator.sendBeacon(form.action, new Blob([now], { type: 'application/x-www-form-urlencoded' }));
    }
  });
  /* Whoever types faster than this script comes, or finds their words again after going back, is heard too. */
  sent = form.elements.words.value === form.elements.words.defaultValue ? body() : null;
  if (sent === null) later(0);
  form.elements.words.setSelectionRange(form.elements.words.value.length, form.elements.words.value.length);
})();
