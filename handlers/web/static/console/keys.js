/* Keys for whoever works through the queue: ? shows the sheet. Letters count outside of fields only, and not at all for
   those who switch them off. Listens before the page stands (no defer): whoever is quick has pressed by then, and a key
   pressed while the page arrives is done when it is there. */
(function () {
  'use strict';
  var OFF = 'desk:keys-off';
  var sheet = null, chosen = null;

  function off() { try { return localStorage.getItem(OFF) === '1'; } catch (none) { return false; } }
  function rows() { return Array.prototype.slice.call(document.querySelectorAll('[data-row]')); }
  function click(selector) {
    var found = document.querySelector(selector);
    if (found) found.click();
    return Boolean(found);
  }

  function here() {
    return rows().filter(function (row) { return row.getAttribute('data-row') === chosen; })[0];
  }

  function move(by) {
    var all = rows(), at = all.indexOf(here());
    var next = all[Math.max(0, Math.min(all.length - 1, at + by))];
    if (!next) return;
    chosen = next.getAttribute('data-row');
    show();
    next.scrollIntoView({ block: 'nearest' });
  }

  function show() {
    rows().forEach(function (row) { row.classList.toggle('here', row.getAttribute('data-row') === chosen); });
  }

  function inRow(selector) {
    var row = here(), found = row && row.querySelector(selector);
    if (found) found.click();
    return Boolean(found);
  }

  function inForm() {
    var row = here(), found = row && row.querySelector('input[type=radio]');
    if (found) found.focus();
    return Boolean(found);
  }

  function write(action) {
    var choice = document.getElementById('a-' + action), box = document.querySelector('.composer textarea');
    if (!choice || !box) return false;
    choice.click();
    box.focus();
    return true;
  }

  function note() {
    var part = document.getElementById('noting');
    if (!part) return false;
    part.open = true;
    part.querySelector('textarea').focus();
    return true;
  }

  function search() {
    if (click('[data-pick]')) return true;
    var field = document.querySelector('[data-search]');
    if (field) field.focus();
    return Boolean(field);
  }

  var ACTS = {
    j: function () { move(1); return true; },
    k: function () { move(-1); return true; },
    x: function () { return inRow('.pick'); },
    Enter: function () { return inRow('a.row') || inForm(); },
    '/': search,
    '.': function () { return click('a[rel="next"]'); },
    r: function () { return write('answer'); },
    n: note,
    a: function () { return click('.quick button[value="accept"]'); },
    t: function () { return click('.quick button[value="take"]') || inRow('[data-first]'); },
    u: function () { return click('.crumb a'); },
    '?': function () { return open(); }
  };

  function open() {
    if (!sheet || !sheet.showModal) return click('[data-keys]');
    sheet.showModal();
    return true;
  }

  function press(key) {
    return /^[1-9]$/.test(key) ? click('[data-tab="' + key + '"]') : ACTS[key] && ACTS[key]();
  }

  document.addEventListener('keydown', function (event) {
    var typing = /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName) && event.target.type !== 'checkbox';
    if (event.key === 'Escape' && typing) { event.target.blur(); return; }
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || typing || (sheet && sheet.open)) return;
    var onLink = /^(A|BUTTON|SUMMARY)$/.test(event.target.tagName);
    if (event.key === 'Enter' && onLink) return;
    if (off() && event.key !== '?') return;
    if (document.readyState === 'loading') {
      document.addEventListener('DOMContentLoaded', function () { press(event.key); }, { once: true });
    } else if (press(event.key)) {
      event.preventDefault();
    }
  });

  document.addEventListener('DOMContentLoaded', function () {
    sheet = document.getElementById('keys');
    var link = document.querySelector('[data-keys]'), box = document.querySelector('[data-keys-off]');
    if (link && sheet && sheet.showModal) {
      link.addEventListener('click', function (event) { event.preventDefault(); open(); });
    }
    if (box) {
      box.checked = off();
      box.addEventListener('change', function () {
        try { localStorage.setItem(OFF, box.checked ? '1' : '0'); } catch (none) { /* asked again next time */ }
      });
    }
  });
  document.addEventListener('desk:swapped', show);
})();
