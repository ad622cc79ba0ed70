/* The list of calls by keys: what a button shows as its key presses it, outside of fields. */
(function () {
  'use strict';
  /* No call is open on this page: what a tab still held of one is over. */
  try {
    Object.keys(sessionStorage).forEach(function (name) { if (name.indexOf('call:') === 0) sessionStorage.removeItem(name); });
  } catch (none) { /* a private window */ }
  document.addEventListener('keydown', function (event) {
    var typing = /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName);
    if (typing || event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.key.length !== 1) return;
    var button = document.querySelector('[data-key="' + event.key.toLowerCase().replace(/["\\]/g, '') + '"]');
    if (!button) return;
    event.preventDefault();
    button.click();
  });
})();
