/* The list of calls by keys: what a button shows as its key presses it, outside of fields. */
(function () {
  'use strict';
  document.addEventListener('keydown', function (event) {
    var typing = /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName);
    if (typing || event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.key.length !== 1) return;
    var button = document.querySelector('[data-key="' + event.key.toLowerCase().replace(/["\\]/g, '') + '"]');
    if (!button) return;
    event.preventDefault();
    button.click();
  });
})();
