/* The console looks again when something changed, keeps what is being typed, and makes itself heard when an alarm comes.
   Without this script every page works by reloading it. */
(function () {
  'use strict';
  var around = document.getElementById('around');
  if (!around || !window.fetch || !window.DOMParser) return;
  var plainTitle = document.title, untaken = 0, heard = null, busy = false, again = false, late = null, ended = false, sending = false;

  function swap(id, page) {
    var old = document.getElementById(id), fresh = page.getElementById(id);
    if (!old || !fresh || old.innerHTML === fresh.innerHTML) return;
    var taken = !document.dispatchEvent(new CustomEvent('desk:fresh', { cancelable: true, detail: { fresh: fresh } }));
    if (taken || holds(old)) return;
    fresh = document.importNode(fresh, true);
    var before = old.querySelectorAll('details'), now = fresh.querySelectorAll('details');
    if (before.length === now.length) Array.prototype.forEach.call(now, function (one, at) { one.open = before[at].open; });
    warn(old, fresh);
    old.parentNode.replaceChild(fresh, old);
    document.dispatchEvent(new CustomEvent('desk:swapped'));
  }

  /* Nothing is taken from under the fingers: a part in which somebody types or is about to press stays. */
  function holds(part) {
    var active = document.activeElement;
    var begun = Array.prototype.some.call(part.querySelectorAll('textarea'), function (box) { return box.value !== box.defaultValue; });
    var plays = Array.prototype.some.call(part.querySelectorAll('audio, video'), function (one) { return !one.paused; });
    if (begun || plays) return true;
    if (!active || !part.contains(active)) return false;
    return active.tagName === 'INPUT' || active.tagName === 'TEXTAREA' || active.tagName === 'AUDIO' || active.tagName === 'VIDEO';
  }

  /* On a phone a table's lines stand one below the other: each says what it is, by the head of its column. */
  function label() {
    Array.prototype.forEach.call(document.querySelectorAll('main table.plain'), function (table) {
      var heads = table.querySelectorAll('thead th');
      Array.prototype.forEach.call(table.querySelectorAll('tbody tr'), function (line) {
        Array.prototype.forEach.call(line.cells, function (cell, at) {
          if (at && cell.colSpan === 1 && heads[at] && !cell.hasAttribute('data-label')) cell.setAttribute('data-label', heads[at].textContent.trim());
        });
      });
    });
  }
  label();
  document.addEventListener('desk:swapped', label);

  /* One menu at a time, and none once somebody goes on elsewhere. */
  function closeMenus(but) {
    Array.prototype.forEach.call(document.querySelectorAll('.top .menu[open]'), function (one) { if (one !== but) one.open = false; });
  }
  document.addEventListener('click', function (event) { closeMenus(event.target.closest && event.target.closest('.menu')); });
  document.addEventListener('keydown', function (event) {
    var open = document.querySelector('.top .menu[open]');
    if (event.key !== 'Escape' || !open) return;
    closeMenus(null);
    open.querySelector('summary').focus();
  });

  function warn(old, fresh) {
    var notice = document.getElementById('stale');
    var marks = ['data-revision', 'data-state'];
    marks.forEach(function (mark) {
      if (notice && old.getAttribute(mark) !== fresh.getAttribute(mark)) notice.hidden = false;
    });
  }

  /* Each desk says for itself whether it rings; a press lets the browser ring, and lets the person hear it. */
  function quiet() {
    try { return localStorage.getItem('desk:sound') === 'off'; } catch (hidden) { return false; }
  }

  function showSound() {
    var button = document.querySelector('[data-sound]');
    if (button) button.textContent = button.getAttribute(quiet() ? 'data-off' : 'data-on');
    if (button) button.setAttribute('aria-pressed', quiet() ? 'false' : 'true');
  }

  document.addEventListener('click', function (event) {
    if (!event.target.closest || !event.target.closest('[data-sound]')) return;
    try { localStorage.setItem('desk:sound', quiet() ? 'on' : 'off'); } catch (hidden) { /* kept for this page only */ }
    showSound();
    if (!quiet()) sound();
  });

  /* Browsers let a page ring only after somebody touched it; until then the ringing waits for the first touch. */
  function ring() {
    var touched = navigator.userActivation;
    if (touched && !touched.hasBeenActive) {
      document.addEventListener('pointerdown', function () { if (untaken && !quiet()) sound(); }, { once: true });
      return;
    }
    if (!quiet()) sound();
  }

  function sound() {
    try {
      var Sound = window.AudioContext || window.webkitAudioContext;
      var context = new Sound(), volume = context.createGain();
      volume.gain.value = 0.15;
      volume.connect(context.destination);
      [0, 0.35, 0.7].forEach(function (start) {
        var tone = context.createOscillator();
        tone.frequency.value = 880;
        tone.connect(volume);
        tone.start(context.currentTime + start);
        tone.stop(context.currentTime + start + 0.2);
      });
      window.setTimeout(function () { context.close(); }, 2000);
    } catch (silent) { /* a browser that lets nobody ring before a press */ }
  }

  function count() {
    var now = document.getElementById('around');
    untaken = Number(now.getAttribute('data-untaken')) || 0;
    document.title = (untaken ? now.getAttribute('data-alarm') : '') + plainTitle;
    var rings = Number(now.getAttribute('data-rings')) || 0;
    if (untaken && (heard === null || rings > heard)) ring();
    heard = rings;
    showSound();
  }

  function source() {
    var part = document.getElementById('live');
    if (!part || document.hidden) return '/console/banner';
    return part.getAttribute('data-from') || location.pathname + location.search;
  }

  function look() {
    if (busy) { again = true; return; }
    busy = true;
    again = false;
    fetch(source(), { credentials: 'same-origin', headers: { 'X-Looks-Again': '1' } }).then(function (answer) {
      if (answer.redirected) { over(); return null; }
      return answer.ok ? answer.text() : null;
    }).then(function (text) {
      if (text === null) return;
      var page = new DOMParser().parseFromString(text, 'text/html');
      swap('around', page);
      swap('live', page);
      count();
    }, function () { /* the stream tells when the server is back */ }).then(function () {
      busy = false;
      if (again) soon();
    });
  }

  /* Signed out meanwhile: nothing more is shown, and what was being written waits for whoever wrote it. */
  /* One way to the door, not two that stop each other: what is on its way there goes on, else the page is loaded anew. */
  function over() {
    document.dispatchEvent(new CustomEvent('desk:over'));
    ended = true;
    if (!sending) location.reload();
  }

  function soon() {
    window.clearTimeout(late);
    late = window.setTimeout(look, 150);
  }

  function listen() {
    if (!window.EventSource) { window.setInterval(look, 20000); return; }
    var stream = new EventSource('/console/events');
    stream.addEventListener('desk', function () {
      lost(false);
      soon(); /* at once, too: something may have changed between the page and its stream */
    });
    stream.addEventListener('rings', function (event) { rings(JSON.parse(event.data).strip); });
    stream.addEventListener('over', function () { stream.close(); over(); });
    stream.onopen = function () { lost(false); };
    stream.onerror = function () {
      lost(true);
      if (stream.readyState === 2) window.setTimeout(listen, 5000);
    };
    window.addEventListener('pagehide', function () { stream.close(); });
  }

  /* What rings stands here at once; where the calls are the page, the page looks without waiting for more to happen. */
  function rings(strip) {
    var place = document.getElementById('ringing');
    if (!place) { window.clearTimeout(late); look(); return; }
    var held = place.contains(document.activeElement), fresh = document.createElement('div');
    fresh.innerHTML = strip; /* drawn by the server, escaped there as every page is */
    if (fresh.innerHTML === place.innerHTML) return;
    place.innerHTML = strip;
    if (held && place.querySelector('[data-take]')) place.querySelector('[data-take]').focus();
  }

  function lost(gone) {
    var notice = document.getElementById('lost');
    if (notice) notice.hidden = !gone;
  }

  /* An answer being written is kept on the server as it is typed; until that has said so, here as well, and a little
     longer: the page to come may have been drawn before. */
  var THERE = ':there', ON_ITS_WAY = 15000;

  function keepThere(form, box, name) {
    var status = form.querySelector('[data-saved]'), timer = null, sent = box.value;
    function body() {
      var data = new URLSearchParams(new FormData(form));
      data.set('quietly', '1');
      return data;
    }
    function save() {
      var text = box.value;
      if (text === sent) return;
      fetch(form.getAttribute('data-save'), { method: 'POST', body: body(), credentials: 'same-origin', keepalive: true }).then(function (answer) {
        if (answer.status !== 204) throw new Error('not kept');
        sent = text;
        if (box.value === text) {
          sessionStorage.setItem(name + THERE, Date.now());
          status.textContent = text ? status.getAttribute('data-saved') : '';
        }
      }).catch(function () {
        status.textContent = status.getAttribute('data-unsaved');
        timer = window.setTimeout(save, 5000);
      });
    }
    function later() { window.clearTimeout(timer); timer = window.setTimeout(save, 800); }
    box.addEventListener('input', later);
    form.addEventListener('change', function () { if (box.value) { sent = null; later(); } });
    /* Until the next page says that it went, it stays here too: the session may have ended meanwhile. */
    form.addEventListener('submit', function () { window.clearTimeout(timer); sent = box.value; });
    window.addEventListener('pagehide', function () {
      save();
      if (navigator.sendBeacon) navigator.sendBeacon(form.getAttribute('data-leave'), body());
    });
    if (box.value !== sent) later();
  }

  var SENT = 'desk:sent'; /* the name of what was sent last; the page that says "done" forgets it */

  /* What is being typed outlives a reload, a conflict and a closed lid; it is gone once it was sent. */
  function keep(form) {
    var box = form.querySelector('textarea'), name = 'desk:' + form.getAttribute('data-draft');
    try {
      if (document.querySelector('.fine') && sessionStorage.getItem(SENT) === name) sessionStorage.removeItem(name);
      if (sessionStorage.getItem(SENT) === name) sessionStorage.removeItem(SENT);
      var there = sessionStorage.getItem(name + THERE);
      if (there !== null && Date.now() - there > ON_ITS_WAY) sessionStorage.removeItem(name);
      var kept = sessionStorage.getItem(name);
      var given = new URLSearchParams(location.search).has('put') && form.hasAttribute('data-save');
      if (kept !== null && !given && (form.hasAttribute('data-save') || !box.value)) box.value = kept;
      box.addEventListener('input', function () { sessionStorage.setItem(name, box.value); sessionStorage.removeItem(name + THERE); });
      form.addEventListener('submit', function (event) {
        var later = event.submitter && event.submitter.hasAttribute('formaction');
        if (!later) sessionStorage.setItem(SENT, name);
        if (name.indexOf('desk:talk') === 0) sessionStorage.removeItem(name);
      });
    } catch (full) { /* private windows keep nothing */ }
    if (form.hasAttribute('data-save')) keepThere(form, box, name);
    box.addEventListener('keydown', function (event) {
      if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) form.querySelector('button.strong').click();
    });
  }

  document.addEventListener('submit', function (event) {
    var form = event.target;
    if (form.getAttribute('data-sent')) { event.preventDefault(); return; }
    if (ended) { event.preventDefault(); location.reload(); return; }
    if (form.method === 'post') form.setAttribute('data-sent', '1');
    sending = !event.defaultPrevented;
    window.setTimeout(function () {
      form.removeAttribute('data-sent');
      sending = false;
      if (ended) location.reload();
    }, 4000);
  });
  document.addEventListener('visibilitychange', function () { if (!document.hidden) soon(); });
  Array.prototype.forEach.call(document.querySelectorAll('form[data-draft]'), keep);
  window.setInterval(function () { if (!document.hidden) look(); }, 60000); /* time left goes by, too */
  count();
  listen();
})();
