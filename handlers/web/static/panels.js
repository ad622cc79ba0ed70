/* Menus, the sheet before a file is sent, the photo viewer, short notices: each can be left with Escape, and gives the
   focus back to where it came from. */
(function () {
  'use strict';
  const L = window.Lianxin;
  const open = []; // {panel, back, close}

  function focusable(panel) {
    return Array.from(panel.querySelectorAll('button, a[href], input')).filter(function (element) { return element.offsetParent; });
  }

  function show(panel, close) {
    open.push({ panel: panel, back: document.activeElement, close: close });
    panel.hidden = false;
  }

  function hide(panel) {
    const place = open.findIndex(function (each) { return each.panel === panel; });
    if (place < 0) return;
    const entry = open.splice(place, 1)[0];
    panel.hidden = true;
    if (entry.back && entry.back.focus) entry.back.focus();
  }

  function top() { return open[open.length - 1]; }

  document.addEventListener('keydown', function (event) {
    if (!open.length) return;
    if (event.key === 'Escape') top().close();
    if (event.key === 'Tab') keepInside(event, top().panel);
  });

  function keepInside(event, panel) {
    if (panel.getAttribute('aria-modal') !== 'true') return;
    const found = focusable(panel);
    const edge = event.shiftKey ? found[0] : found[found.length - 1];
    if (document.activeElement !== edge) return;
    event.preventDefault();
    (event.shiftKey ? found[found.length - 1] : found[0]).focus();
  }

  /** A button that opens a menu; a tap elsewhere closes it. */
  L.menu = function (button, panel) {
    function close() {
      hide(panel);
      button.setAttribute('aria-expanded', 'false');
    }
    button.addEventListener('click', function () {
      if (!panel.hidden) { close(); return; }
      show(panel, close);
      button.setAttribute('aria-expanded', 'true');
      focusable(panel)[0].focus();
    });
    document.addEventListener('click', function (event) {
      if (!panel.hidden && !panel.contains(event.target) && !button.contains(event.target)) close();
    });
    return close;
  };

  const sheet = L.byId('sheet');
  const caption = L.byId('sheet-caption');
  const picture = L.byId('sheet-photo');
  let chosen = null;

  function closeSheet() {
    if (picture.src) URL.revokeObjectURL(picture.src);
    picture.removeAttribute('src');
    chosen = null;
    hide(sheet);
  }

  function size(bytes) {
    return bytes > 1048576 ? (bytes / 1048576).toFixed(1) + ' MB' : Math.ceil(bytes / 1024) + ' KB';
  }

  L.byId('sheet-cancel').onclick = closeSheet;
  L.byId('sheet-form').addEventListener('submit', function (event) {
    event.preventDefault();
    const send = chosen;
    const words = caption.value.trim();
    closeSheet();
    L.outbox.file(send.file, send.name, send.kind, words);
  });

  const viewer = L.byId('viewer');
  function closeViewer() { hide(viewer); }
  L.byId('viewer-close').onclick = closeViewer;
  viewer.addEventListener('click', function (event) { if (event.target === viewer) closeViewer(); });

  let noticed = null;
  L.panels = {
    /** Shows what is about to be sent, and lets words be added. */
    confirmFile: function (file, kind) {
      chosen = { file: file, name: file.name || kind, kind: kind };
      caption.value = '';
      picture.hidden = kind !== 'photo';
      L.byId('sheet-file').hidden = kind === 'photo';
      if (kind === 'photo') picture.src = URL.createObjectURL(file);
      else L.byId('sheet-file').textContent = chosen.name + ' · ' + size(file.size);
      show(sheet, closeSheet);
      caption.focus();
    },
    showPhoto: function (address, alt) {
      L.byId('viewer-photo').src = address;
      L.byId('viewer-photo').alt = alt;
      show(viewer, closeViewer);
      L.byId('viewer-close').focus();
    },
    notice: function (words) {
      const element = L.byId('notice');
      element.textContent = words;
      element.hidden = false;
      clearTimeout(noticed);
      noticed = setTimeout(function () { element.hidden = true; }, 4500);
    },
  };
}());
