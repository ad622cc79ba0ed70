/* The one button of the poster's page. */
document.getElementById('print').onclick = function () { window.print(); };
