/* Beside the composer: prepared answers by "/", a suggestion with one press, blanks that stand open, photos large in
   place, voice where the browser can play it. Without this script each of them is a page of its own. */
(function () {
  'use strict';
  var form = document.querySelector('form.composer'), box = form && form.querySelector('textarea');

  /* --- into the composer ------------------------------------------------------------------------------------------ */
  function aids() {
    try { return JSON.parse(form.elements.aids.value || '[]'); } catch (odd) { return []; }
  }

  function put(link) {
    var text = link.getAttribute('data-text'), from = box.selectionStart, to = box.selectionEnd;
    var before = box.value.slice(0, from), after = box.value.slice(to);
    if (before && !/\n$/.test(before) && before.trim()) before += '\n';
    box.value = before + text + after;
    var listed = aids(), question = Number(link.getAttribute('data-question'));
    listed.push({
      kind: link.getAttribute('data-kind'), ref: link.getAttribute('data-ref'), text: text,
      version: Number(link.getAttribute('data-version')), clause: link.getAttribute('data-clause'),
      question: question || undefined
    });
    form.elements.aids.value = JSON.stringify(listed);
    if (picker && picker.open) picker.close();
    box.focus();
    var gap = /[{｛][^{}｛｝\n]{1,30}[}｝]/.exec(text);
    if (gap) box.setSelectionRange(before.length + gap.index, before.length + gap.index + gap[0].length);
    else box.setSelectionRange(before.length + text.length, before.length + text.length);
    box.dispatchEvent(new Event('input', { bubbles: true }));
  }

  function gaps() {
    var line = form.querySelector('p.blanks'), open = box.value.match(/[{｛][^{}｛｝\n]{1,30}[}｝]/g) || [];
    line.hidden = !open.length;
    line.textContent = open.length ? line.getAttribute('data-open') + open.join(' ') : '';
  }

  /* --- the picker --------------------------------------------------------------------------------------------------- */
  var picker = document.getElementById('canned'), list = picker && picker.querySelector('[data-canned-list]');
  var field = picker && picker.querySelector('[data-canned-search]');

  function step() {
    var chosen = form.querySelector('input[name="action"]:checked');
    return chosen ? chosen.value : 'answer';
  }

  function pick() {
    if (!picker || !picker.showModal) return false;
    fetch(form.getAttribute('data-canned') + '?step=' + encodeURIComponent(step()), { credentials: 'same-origin' }).then(function (answer) {
      if (answer.redirected || !answer.ok) { location.reload(); throw new Error('signed out'); }
      return answer.text();
    }).then(function (text) {
      var fresh = new DOMParser().parseFromString(text, 'text/html').getElementById('canned-list');
      list.replaceChildren(document.importNode(fresh, true));
      narrow();
    }).catch(function () { /* the page reloads */ });
    field.value = '';
    picker.showModal();
    field.focus();
    return true;
  }

  function rows() {
    return Array.prototype.filter.call(list.querySelectorAll('a[data-put]'), function (link) { return !link.parentNode.hidden; });
  }

  function narrow() {
    var words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
    Array.prototype.forEach.call(list.querySelectorAll('a[data-put]'), function (link) {
      var text = link.getAttribute('data-find').toLowerCase();
      link.parentNode.hidden = !words.every(function (word) { return text.indexOf(word) >= 0; });
    });
    mark(0);
  }

  function marked() { return rows().findIndex(function (link) { return link.classList.contains('here'); }); }

  function mark(at) {
    var all = rows();
    Array.prototype.forEach.call(list.querySelectorAll('a.here'), function (link) { link.classList.remove('here'); });
    if (!all.length) return;
    var chosen = all[Math.max(0, Math.min(all.length - 1, at))];
    chosen.classList.add('here');
    chosen.scrollIntoView({ block: 'nearest' });
  }

  if (picker && picker.showModal) {
    field.addEventListener('input', narrow);
    field.addEventListener('keydown', function (event) {
      if (event.isComposing) return;
      if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
        mark(marked() + (event.key === 'ArrowDown' ? 1 : -1));
        event.preventDefault();
      } else if (event.key === 'Enter') {
        var chosen = rows()[Math.max(0, marked())];
        if (chosen) put(chosen);
        event.preventDefault();
      }
    });
  }

  if (form) {
    document.addEventListener('click', function (event) {
      var link = event.target.closest && event.target.closest('a[data-put], a[data-pick]');
      if (!link || event.ctrlKey || event.metaKey) return;
      if (link.hasAttribute('data-put')) put(link);
      else if (!pick()) return;
      event.preventDefault();
    });
    box.addEventListener('keydown', function (event) {
      var begins = box.selectionStart === 0 || box.value[box.selectionStart - 1] === '\n';
      if (event.key === '/' && begins && !event.isComposing && pick()) event.preventDefault();
    });
    box.addEventListener('input', gaps);
    gaps();
  }

  /* --- photos ------------------------------------------------------------------------------------------------------- */
  var light = document.getElementById('photo'), shown = null;

  function photos() { return Array.prototype.slice.call(document.querySelectorAll('a[data-photo]')); }

  function open(link) {
    shown = link.getAttribute('href');
    light.querySelector('img').src = shown;
    if (!light.open) light.showModal();
    light.classList.toggle('alone', photos().length < 2);
  }

  function turn(by) {
    var all = photos(), at = all.findIndex(function (link) { return link.getAttribute('href') === shown; });
    if (all.length) open(all[(at + by + all.length) % all.length]);
  }

  if (light && light.showModal) {
    document.addEventListener('click', function (event) {
      var link = event.target.closest && event.target.closest('a[data-photo]');
      if (!link || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      open(link);
    });
    light.addEventListener('click', function (event) {
      if (event.target.closest('.before')) turn(-1);
      else if (event.target.closest('.after')) turn(1);
      else if (event.target === light) light.close();
    });
    light.addEventListener('keydown', function (event) {
      if (event.key === 'ArrowLeft' || event.key === 'ArrowRight') turn(event.key === 'ArrowLeft' ? -1 : 1);
    });
    var from = null;
    light.addEventListener('touchstart', function (event) { from = event.touches.length === 1 ? event.touches[0].clientX : null; }, { passive: true });
    light.addEventListener('touchend', function (event) {
      var way = from === null ? 0 : event.changedTouches[0].clientX - from;
      if (Math.abs(way) > 60) turn(way > 0 ? -1 : 1);
    });
    light.addEventListener('close', function () {
      light.querySelector('img').removeAttribute('src');
      var link = photos().filter(function (one) { return one.getAttribute('href') === shown; })[0];
      if (link) link.focus();
    });
  }

  /* --- voice: some browsers (older iPhones) cannot play what Telegram records; they say so and offer the file ---------- */
  function mute(audio) {
    var note = audio.parentNode.querySelector('.mute');
    if (note) note.hidden = false;
  }

  function listen() {
    Array.prototype.forEach.call(document.querySelectorAll('.voice audio'), function (audio) {
      var mime = audio.getAttribute('data-mime');
      if (mime && audio.canPlayType && audio.canPlayType(mime.indexOf('ogg') > 0 ? 'audio/ogg; codecs=opus' : mime) === '') mute(audio);
      audio.addEventListener('error', function () { mute(audio); });
    });
  }

  listen();
  document.addEventListener('desk:swapped', listen);
})();
