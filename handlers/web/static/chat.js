/* The beginning: who is here, what was said, then listen. */
(function () {
  'use strict';
  const L = window.Lianxin;
  const FIRST_PAGE = 60;
  const RETRY = 3000;
  const earlier = L.byId('earlier');

  function chips() {
    const place = L.byId('chips');
    place.textContent = '';
    L.word('chips').forEach(function (words) {
      const button = place.appendChild(L.make('button'));
      button.type = 'button';
      button.textContent = words;
      button.onclick = function () {
        L.outbox.text(words);
        L.byId('text').focus();
      };
    });
  }

  function setLarge(on) {
    document.documentElement.classList.toggle('large', on);
    ['large', 'large-now'].forEach(function (id) { L.byId(id).setAttribute('aria-checked', String(on)); });
    L.remember('large', on ? '1' : null);
    L.growComposer();
    L.view.settle();
  }

  function toggleLarge() { setLarge(!document.documentElement.classList.contains('large')); }

  function showLanguage() {
    Array.from(document.querySelectorAll('[data-language][lang]')).forEach(function (button) {
      button.setAttribute('aria-pressed', String(button.dataset.language === L.language));
    });
  }

  /** The bot speaks another language now, and so does the page. */
  L.follow = function (language) {
    if (language === L.language) return;
    L.speak(language);
    showLanguage();
    chips();
    L.view.relabel();
  };

  function speak(language) {
    L.follow(language);
    L.ask('POST', '/api/chat/language', { language: language }).catch(function () {});
  }

  async function loadEarlier() {
    earlier.disabled = true;
    try {
      const found = await L.ask('GET', '/api/chat/messages?unseen=true&latest=' + FIRST_PAGE + '&before=' + L.view.oldest());
      L.view.above(found);
      earlier.hidden = found.length < FIRST_PAGE;
    } catch (failure) {
      L.panels.notice(failure.message || L.word('reconnecting_banner'));
    }
    earlier.disabled = false;
  }

  /** A poster in the lift hall may say /chat?b=7; it is told with the first words, not before. */
  function rememberPlace() {
    const found = /[?&]b=([A-Za-z0-9_-]{1,32})(&|$)/.exec(location.search);
    if (found) L.remember('start', 'b' + found[1]);
  }

  /** A heart card opens /chat?k=…: whom it leads to is said at once. The code does not stay in the address bar. */
  function openedByCard() {
    const found = /[?&]k=([A-Za-z0-9]{10})(&|$)/.exec(location.search);
    if (!found) return;
    history.replaceState(null, '', location.pathname);
    L.outbox.started('k' + found[1]);
  }

  async function begin() {
    let found;
    try {
      found = await L.ask('GET', '/api/chat/messages?unseen=true&latest=' + FIRST_PAGE);
    } catch (failure) {
      L.stream.ill();
      setTimeout(begin, RETRY);
      return;
    }
    earlier.hidden = found.length < FIRST_PAGE;
    L.stream.begin(found);
    L.outbox.resume();
    L.byId('welcome').hidden = !L.view.isEmpty();
    L.view.toBottom();
    L.byId('log').setAttribute('aria-busy', 'false');
    document.body.dataset.ready = 'true';
    openedByCard();
  }

  L.menu(L.byId('menu-open'), L.byId('menu'));
  L.byId('large').onclick = toggleLarge;
  L.byId('large-now').onclick = toggleLarge;
  Array.from(document.querySelectorAll('[data-language][lang]')).forEach(function (button) {
    button.onclick = function () { speak(button.dataset.language); };
  });
  earlier.onclick = loadEarlier;
  rememberPlace();
  if (L.language !== document.body.dataset.language) L.speak(L.language);
  showLanguage();
  chips();
  setLarge(L.recall('large') === '1');
  begin();
}());
