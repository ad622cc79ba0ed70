/* What somebody was writing when their session ran out stands there again once the same person has signed in: kept in this
   tab only, for one page, without passwords and files. Loaded before live.js, which loads the page anew when it is over. */
(function () {
  'use strict';
  var KEY = 'desk:unsent', around = document.getElementById('around'), who = document.querySelector('.me .who');

  function fields(form) {
    return Array.prototype.filter.call(form.elements, function (one) {
      return one.name && ['hidden', 'password', 'file', 'submit', 'button', 'fieldset'].indexOf(one.type) < 0;
    });
  }
  function ticked(one) { return one.type === 'checkbox' || one.type === 'radio'; }
  function touched(one) {
    if (ticked(one)) return one.checked !== one.defaultChecked;
    if (one.options) return !one.options[one.selectedIndex] || !one.options[one.selectedIndex].defaultSelected && one.selectedIndex > 0;
    return one.value !== one.defaultValue;
  }
  function read() { try { return JSON.parse(sessionStorage.getItem(KEY)); } catch (broken) { return null; } }
  function write(kept) {
    try { if (kept) sessionStorage.setItem(KEY, JSON.stringify(kept)); else sessionStorage.removeItem(KEY); } catch (full) { /* a private window */ }
  }
  function forms() {
    return Array.prototype.filter.call(document.querySelectorAll('main form'), function (form) { return form.method === 'post' && !form.hasAttribute('data-draft'); });
  }
  function hold(form) {
    var said = fields(form).map(function (one) { return [one.name, one.value, ticked(one) ? one.checked : null]; });
    write({ who: who.textContent, path: location.pathname + location.search, action: form.getAttribute('action'), said: said });
  }

  if (!around) { /* the door */
    var lost = read(), notice = document.querySelector('[data-unsent]'), to = document.querySelector('form [name="to"]');
    if (!lost) return;
    lost.over = true;
    write(lost);
    if (notice) notice.hidden = false;
    if (to) to.value = lost.path;
    return;
  }
  document.addEventListener('desk:over', function () {
    var begun = forms().filter(function (form) { return fields(form).some(touched); })[0];
    if (begun) hold(begun);
  });
  document.addEventListener('submit', function (event) {
    var form = event.target;
    if (/sign-out$/.test(form.getAttribute('action'))) write(null);
    else if (forms().indexOf(form) >= 0) hold(form);
  });

  var kept = read();
  if (!kept || !kept.over || kept.who !== who.textContent) { write(null); return; }
  var form = forms().filter(function (one) { return one.getAttribute('action') === kept.action; })[0];
  if (!form || kept.path.split('?')[0] !== location.pathname) return;
  write(null);
  kept.said.forEach(function (line) {
    fields(form).forEach(function (one) {
      if (one.name !== line[0] || (ticked(one) && one.value !== line[1])) return;
      if (ticked(one)) one.checked = line[2]; else one.value = line[1];
    });
  });
  for (var up = form.parentElement; up; up = up.parentElement) if (up.tagName === 'DETAILS') up.open = true;
  var note = document.createElement('p');
  note.className = 'note-line';
  note.setAttribute('role', 'status');
  note.textContent = around.getAttribute('data-unsent');
  form.insertBefore(note, form.firstChild);
  note.scrollIntoView({ block: 'center' });
})();
