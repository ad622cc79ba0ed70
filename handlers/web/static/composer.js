/* Where the resident writes: Enter sends, what is unsent stays, files are looked at first. */
(function () {
  'use strict';
  const L = window.Lianxin;
  const LONGEST = 20000;
  const LARGEST_FILE = 20 * 1024 * 1024;
  const text = L.byId('text');
  const send = L.byId('send');

  function grow() {
    text.style.height = 'auto';
    text.style.height = text.scrollHeight + 2 + 'px';
  }

  function changed() {
    L.remember('draft', text.value || null);
    send.setAttribute('aria-disabled', text.value.trim() ? 'false' : 'true');
    grow();
    L.view.settle();
  }

  function submit() {
    const words = text.value.trim();
    if (!words) { text.focus(); return; }
    if (words.length > LONGEST) { L.panels.notice(L.word('too_long')); return; }
    text.value = '';
    changed();
    L.outbox.text(words);
    text.focus();
  }

  L.byId('composer').addEventListener('submit', function (event) {
    event.preventDefault();
    submit();
  });
  text.addEventListener('input', changed);
  text.addEventListener('keydown', function (event) {
    // While Chinese is being composed, Enter chooses a candidate.
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    submit();
  });

  const closeMenu = L.menu(L.byId('attach'), L.byId('attach-menu'));
  Array.from(document.querySelectorAll('[data-pick]')).forEach(function (button) {
    button.onclick = function () {
      closeMenu();
      L.byId('pick-' + button.dataset.pick).click();
    };
  });

  function kindOf(file) {
    const family = (file.type || '').split('/')[0];
    return { image: 'photo', audio: 'voice', video: 'video' }[family] || 'document';
  }

  L.offerFile = function (file) {
    if (file.size > LARGEST_FILE) { L.panels.notice(L.word('too_big')); return; }
    L.panels.confirmFile(file, kindOf(file));
  };

  ['photo', 'voice', 'file'].forEach(function (name) {
    const picker = L.byId('pick-' + name);
    picker.addEventListener('change', function () {
      const file = picker.files[0];
      picker.value = '';
      if (file) L.offerFile(file);
    });
  });
  text.addEventListener('paste', function (event) {
    const files = event.clipboardData ? event.clipboardData.files : [];
    if (!files.length) return;
    event.preventDefault();
    L.offerFile(files[0]);
  });
  document.addEventListener('dragover', function (event) { event.preventDefault(); });
  document.addEventListener('drop', function (event) {
    event.preventDefault();
    if (event.dataTransfer.files.length) L.offerFile(event.dataTransfer.files[0]);
  });

  L.growComposer = grow;
  text.value = L.recall('draft') || '';
  send.setAttribute('aria-disabled', text.value.trim() ? 'false' : 'true');
  grow();
}());
