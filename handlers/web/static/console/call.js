/* A call: hints on every pause, everything typed kept on the server, every step by a key. Until the server has said that it
   has it, what is typed stands in this tab as well: a cut line, an ended session, a reload lose nothing. Without this script
   the page works by its buttons. */
(function () {
  'use strict';
  var form = document.getElementById('call'), kept = document.getElementById('kept'), apart = document.getElementById('apart');
  if (!form || !window.fetch || !window.FormData) return;
  var PAUSE = 450, AGAIN = 3000, PATIENCE = 8000, HERE = 'call:' + location.pathname.split('/')[3];
  var timer = null, busy = false, again = false, sent = null, leaving = false;

  /* What was typed, without the page's own marks and what it proposes. */
  function said() {
    var data = new URLSearchParams(new FormData(form));
    ['csrf', 'revision', 'page', 'typed', 'transfer_to', 'transfer_outcome', 'back_when'].forEach(function (name) { data.delete(name); });
    return data.toString();
  }

  function body() {
    var data = new URLSearchParams(new FormData(form));
    data.set('quietly', '1');
    return data.toString();
  }

  function say(words, bad) {
    kept.textContent = words;
    kept.className = bad ? 'trouble' : 'soft';
  }

  function put(name, value) {
    try { if (value) sessionStorage.setItem(name, value); else sessionStorage.removeItem(name); } catch (full) { /* a private window */ }
  }

  function hold() {
    say('');
    put(HERE, JSON.stringify({ said: said(), page: form.elements.page.value, typed: form.elements.typed.value }));
  }

  function think() {
    if (leaving) return;
    if (busy) { again = true; return; }
    var now = said(), given = body(), stop = window.AbortController ? new AbortController() : null;
    if (now === sent) { put(HERE, null); say(form.getAttribute('data-kept')); return; }
    busy = true;
    again = false;
    var patience = window.setTimeout(function () { if (stop) stop.abort(); }, PATIENCE);
    var headers = { 'Content-Type': 'application/x-www-form-urlencoded' };
    fetch(form.action, { method: 'POST', body: given, credentials: 'same-origin', headers: headers, signal: stop && stop.signal }).then(function (answer) {
      if (answer.redirected) { over(); return null; }
      if (answer.headers.get('X-Behind')) { behind(); return null; }
      if (answer.status === 409 || answer.status === 403) { gone(); return null; }
      if (!answer.ok) throw new Error('not kept');
      return answer.text();
    }).then(function (text) {
      if (text === null || leaving) return;
      sent = now;
      show(text);
      if (said() === now) put(HERE, null);
      say(form.getAttribute('data-kept'));
    }).catch(function () {
      say(form.getAttribute('data-unkept'), true);
      later(AGAIN);
    }).then(function () {
      window.clearTimeout(patience);
      busy = false;
      if (again) later(PAUSE);
    });
  }

  /* A colleague has it, or it is over: the words stay where they are, to be copied. */
  function gone() {
    leaving = true;
    put(HERE, null);
    say(form.getAttribute('data-gone'), true);
  }

  /* Signed out meanwhile: what is typed waits in this tab for whoever typed it. */
  function over() {
    leaving = true;
    hold();
    document.dispatchEvent(new CustomEvent('desk:over'));
    location.reload();
  }

  /* Another window of the same person has written: nothing goes on until they say where. */
  function behind() {
    leaving = true;
    hold();
    apart.hidden = false;
    apart.querySelector('button').focus();
  }

  /* Nothing is taken from under the fingers: while somebody answers a question there, the news waits for the next pause. */
  function show(text) {
    var part = document.getElementById('hints'), active = document.activeElement;
    var fresh = new DOMParser().parseFromString(text, 'text/html').querySelector('.hints-in');
    if (!fresh) return;
    form.elements.typed.value = fresh.getAttribute('data-typed');
    var danger = fresh.getAttribute('data-danger'), before = document.body.classList.contains('in-danger');
    document.body.classList.toggle('in-danger', Boolean(danger));
    if (active && part.contains(active) && /^(INPUT|SELECT|TEXTAREA)$/.test(active.tagName) && Boolean(danger) === before) { sent = null; return; }
    fresh.setAttribute('data-typed', part.firstElementChild ? part.firstElementChild.getAttribute('data-typed') : '');
    if (part.firstElementChild && part.firstElementChild.innerHTML === fresh.innerHTML) return;
    var idle = said() === sent;
    part.replaceChildren(document.importNode(fresh, true));
    if (idle) sent = said(); /* the part brings fields of its own, as they were sent */
  }

  function later(pause) { window.clearTimeout(timer); timer = window.setTimeout(think, pause); }

  function press(one) {
    if (!one || one.disabled) return false;
    if (one.tagName === 'DETAILS') { one.open = true; one.querySelector('input, select, button').focus(); return true; }
    if (one.type === 'radio') { one.checked = true; changed(); return true; }
    if (/^(INPUT|SELECT|TEXTAREA)$/.test(one.tagName) && one.type !== 'checkbox') { one.focus(); return true; }
    one.click();
    return true;
  }

  function changed() { hold(); later(60); }

  /* Enter goes to the next field; in the words it is a new line. */
  function next(field) {
    var all = Array.prototype.filter.call(form.elements, function (one) {
      return /^(INPUT|SELECT|TEXTAREA)$/.test(one.tagName) && one.type !== 'hidden' && one.offsetParent !== null;
    });
    var following = all[all.indexOf(field) + 1];
    if (following) following.focus();
  }

  /* What is half spelled in an input method is no word yet. */
  form.addEventListener('input', function (event) { if (event.isComposing) return; hold(); later(PAUSE); });
  form.addEventListener('compositionend', function () { hold(); later(PAUSE); });
  form.addEventListener('change', changed);
  form.addEventListener('submit', function () {
    hold();
    leaving = true;
    window.clearTimeout(timer);
    window.setTimeout(function () { leaving = false; }, 4000);
  });
  form.addEventListener('click', function (event) {
    var at = event.target.closest ? event.target : document.body, kind = at.closest('[data-kind]');
    if (at.closest('[data-call-keys]')) sheet();
    if (at.closest('[data-think]')) { event.preventDefault(); sent = null; think(); }
    if (!kind) return;
    form.elements.kind.value = kind.getAttribute('data-kind');
    changed();
  });

  function sheet() {
    var keys = document.getElementById('call-keys');
    if (!keys || !keys.showModal) return false;
    keys.showModal();
    return true;
  }

  /* By the key's place, not its letter: Alt makes other letters on a Mac, and an input method none. */
  document.addEventListener('keydown', function (event) {
    if (event.isComposing || event.keyCode === 229) return;
    var typing = /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName) && !/^(checkbox|radio)$/.test(event.target.type);
    if (event.key === '?' && !typing && !event.ctrlKey && !event.metaKey && sheet()) { event.preventDefault(); return; }
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
    if (press(document.querySelector('[data-alt="' + event.code + '"]'))) event.preventDefault();
  });
  window.addEventListener('pagehide', function () {
    if (!leaving && said() !== sent && navigator.sendBeacon) {
      navigator.sendBeacon(form.action, new Blob([body()], { type: 'application/x-www-form-urlencoded' }));
    }
  });

  /* What this tab still held is put back, with the name of the page that wrote it: it is heard as the same page's. */
  function restore() {
    var lost = null;
    try { lost = JSON.parse(sessionStorage.getItem(HERE)); } catch (broken) { return; }
    if (!lost || lost.said === said()) { put(HERE, null); return; }
    var data = new URLSearchParams(lost.said);
    Array.prototype.forEach.call(form.elements, function (one) {
      if (!one.name || one.type === 'hidden' || one.type === 'submit') return;
      if (one.type === 'checkbox' || one.type === 'radio') one.checked = data.get(one.name) === one.value;
      else if (data.has(one.name)) one.value = data.get(one.name);
    });
    form.elements.page.value = lost.page;
    form.elements.typed.value = lost.typed;
    sent = null;
    say(form.getAttribute('data-found'));
  }

  /* Whoever types faster than this script comes, or finds their words again after going back, is heard too. */
  sent = form.elements.words.value === form.elements.words.defaultValue ? said() : null;
  var joined = new URLSearchParams(location.search).has('joined');
  if (joined) history.replaceState(null, '', location.pathname);
  if (apart.hasAttribute('data-joined')) sent = null;
  if (joined || sent === null && apart.hasAttribute('data-joined')) put(HERE, null);
  else restore();
  if (sent === null) later(0);
  form.elements.words.setSelectionRange(form.elements.words.value.length, form.elements.words.value.length);
})();
