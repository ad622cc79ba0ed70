/* The one button of a page that is printed. */
document.getElementById('print').onclick = function () { window.print(); };
