/* Keys pressed while the call's page still arrives are done when it is there: an alarm waits for nobody to press it twice.
   Without defer, so that it listens first; the page's own script has begun by DOMContentLoaded. */
(function () {
  'use strict';
  var held = [];
  function hold(event) {
    if (event.altKey || ((event.ctrlKey || event.metaKey) && event.key === 'Enter')) held.push(event);
  }
  document.addEventListener('keydown', hold, true);
  document.addEventListener('DOMContentLoaded', function () {
    document.removeEventListener('keydown', hold, true);
    held.forEach(function (event) { document.dispatchEvent(new KeyboardEvent('keydown', event)); });
  });
})();
