/* The queue moves calmly: while the pointer or the keyboard is on the rows nothing moves under it, the news waits in a
   button; otherwise rows glide to their new places. What was picked stays picked. Without this script the page reloads. */
(function () {
  'use strict';
  var waiting = null, over = false;
  var still = window.matchMedia && window.matchMedia('(prefers-reduced-motion: reduce)').matches;

  function live() { return document.getElementById('live'); }
  function rows(part) { return Array.prototype.slice.call(part.querySelectorAll('tr[data-row]')); }
  function picks(part) { return Array.prototype.slice.call(part.querySelectorAll('input.pick')); }
  function checked() { return picks(live()).filter(function (box) { return box.checked; }); }

  function busy() {
    var active = document.activeElement;
    return over || (active && live().contains(active) && active !== document.body);
  }

  function places(part) {
    var found = {};
    rows(part).forEach(function (row) { found[row.getAttribute('data-row')] = row.getBoundingClientRect().top; });
    return found;
  }

  function differing(old, fresh) {
    var before = {}, count = 0;
    rows(old).forEach(function (row) { before[row.getAttribute('data-row')] = row; });
    rows(fresh).forEach(function (row) {
      var known = before[row.getAttribute('data-row')];
      if (!known || mark(known) !== mark(row)) count += 1;
      delete before[row.getAttribute('data-row')];
    });
    return count + Object.keys(before).length;
  }

  /* What tells of a change; the time that is left changes every minute and is no news. */
  function mark(row) {
    var box = row.querySelector('.pick'), state = row.querySelector('.s'), holder = row.querySelector('.a');
    return [row.classList.contains('fresh'), box ? box.value : '', state ? state.textContent : '', holder ? holder.textContent : ''].join('|');
  }

  function take(fresh) {
    var old = live(), before = places(old), kept = {};
    checked().forEach(function (box) { kept[box.name] = box.value; });
    waiting = null;
    news(0);
    fresh = document.importNode(fresh, true);
    picks(fresh).forEach(function (box) { box.checked = kept[box.name] === box.value; });
    keepTyped(old, fresh);
    old.parentNode.replaceChild(fresh, old);
    watch(fresh);
    document.dispatchEvent(new CustomEvent('desk:swapped'));
    glide(fresh, before);
    count();
  }

  function keepTyped(old, fresh) {
    ['to', 'text'].forEach(function (name) {
      var had = old.querySelector('.bulk [name="' + name + '"]'), has = fresh.querySelector('.bulk [name="' + name + '"]');
      if (had && has) has.value = had.value;
    });
  }

  function glide(part, before) {
    if (still || !Object.keys(before).length) return;
    rows(part).forEach(function (row) {
      var was = before[row.getAttribute('data-row')];
      if (was === undefined) { row.classList.add('arrived'); return; }
      var moved = was - row.getBoundingClientRect().top;
      if (Math.abs(moved) > 1 && row.animate) {
        row.animate([{ transform: 'translateY(' + moved + 'px)' }, { transform: 'none' }], { duration: 350, easing: 'ease-out' });
      }
    });
  }

  function news(number) {
    var notice = document.getElementById('news'), words = live().getAttribute('data-news') || '';
    notice.hidden = !number;
    if (number) notice.firstElementChild.textContent = words.replace('{count}', number);
  }

  document.addEventListener('desk:fresh', function (event) {
    var fresh = event.detail.fresh;
    if (!fresh.hasAttribute('data-queue')) return;
    event.preventDefault();
    var number = differing(live(), fresh);
    if (!busy()) { take(fresh); return; }
    waiting = fresh;
    news(number);
  });

  function watch(part) {
    var table = part.querySelector('.rows');
    if (!table) { over = false; return; }
    table.addEventListener('pointerenter', function (event) { if (event.pointerType === 'mouse') over = true; });
    table.addEventListener('pointerleave', function () {
      over = false;
      window.setTimeout(function () { if (waiting && !busy()) take(waiting); }, 400);
    });
    var all = part.querySelector('[data-all]');
    if (!all) return;
    all.hidden = false;
    all.addEventListener('change', function () {
      picks(part).forEach(function (box) { box.checked = all.checked; });
      count();
    });
    part.addEventListener('change', count);
  }

  function count() {
    var words = live().querySelector('[data-picked]');
    if (words) words.textContent = words.getAttribute('data-picked').replace('{count}', checked().length);
    rows(live()).forEach(function (row) {
      var box = row.querySelector('.pick');
      row.classList.toggle('chosen', Boolean(box && box.checked));
    });
  }

  document.getElementById('news').firstElementChild.addEventListener('click', function () { if (waiting) take(waiting); });
  watch(live());
  count();
})();
