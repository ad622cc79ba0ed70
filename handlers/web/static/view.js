/* The conversation on the screen: in order, never twice, and scrolled to where the reader is. */
(function () {
  'use strict';
  const L = window.Lianxin;
  const log = L.byId('log');
  const scroll = L.byId('scroll');
  const pill = L.byId('pill');
  const NEAR = 90;
  const shown = new Map(); // message id -> {message, element}
  const waiting = new Map(); // client id -> {item, element}
  let news = 0;
  let sticking = true;
  let top = 0;

  function dayOf(at) {
    const day = new Date(at);
    const today = new Date();
    const yesterday = new Date(today.getTime() - 86400000);
    if (day.toDateString() === today.toDateString()) return L.word('today');
    if (day.toDateString() === yesterday.toDateString()) return L.word('yesterday');
    return day.toLocaleDateString(L.language === 'zh' ? 'zh-CN' : 'en-GB', { year: 'numeric', month: 'long', day: 'numeric' });
  }

  /** Puts the day above the first message of a day, and moves messages of one sender together. */
  function settleOne(element) {
    if (!element) return;
    const before = element.previousElementSibling;
    const day = dayOf(Number(element.dataset.at));
    const first = !before || dayOf(Number(before.dataset.at)) !== day;
    const label = element.querySelector('.day');
    if (label) label.remove();
    if (first) {
      const made = L.make('div', 'day');
      made.textContent = day;
      element.insertBefore(made, element.firstChild);
    }
    element.classList.toggle('follow', !first && before.dataset.from === element.dataset.from);
  }

  function mark(element, message) {
    element.dataset.at = String(new Date(message.at).getTime());
    element.dataset.from = message.from;
    if (message.id) element.dataset.id = String(message.id);
  }

  function place(element, id) {
    let after = log.lastElementChild;
    // What is in its place already is not moved: a screen reader would read it again.
    while (after && (!after.dataset.id || Number(after.dataset.id) > id)) after = after.previousElementSibling;
    if (after !== element) log.insertBefore(element, after ? after.nextElementSibling : log.firstElementChild);
    settleOne(element);
    settleOne(element.nextElementSibling);
  }

  function atBottom() { return scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < NEAR; }

  /** Browsers tell of a scroll only with the next frame; a message may come before it. */
  function look() {
    if (scroll.scrollTop === top) return;
    top = scroll.scrollTop;
    sticking = atBottom();
  }

  function toBottom() {
    scroll.scrollTop = scroll.scrollHeight;
    top = scroll.scrollTop;
    sticking = true;
    news = 0;
    showPill();
  }

  function showPill() {
    pill.hidden = atBottom() || !shown.size;
    L.byId('pill-count').textContent = news ? L.word('new_messages') + (news > 1 ? ' ' + news : '') : '';
  }

  function seen() {
    if (!document.hidden && atBottom()) L.stream.saw();
  }

  scroll.addEventListener('scroll', function () {
    look();
    if (sticking) news = 0;
    showPill();
    seen();
  }, { passive: true });
  window.addEventListener('resize', function () { if (sticking) toBottom(); });
  pill.onclick = function () { toBottom(); seen(); };

  /** What was on its way has arrived: its bubble becomes the message's own. */
  function arrived(message) {
    const found = waiting.get(message.client_id);
    if (!found) return null;
    waiting.delete(message.client_id);
    if (found.item.kind !== 'document') {
      setState(found, message, 'sent');
      return found.element;
    }
    found.element.remove();
    return null;
  }

  function setState(found, message, state) {
    const element = found.element;
    const bubble = element.querySelector('.bubble');
    element.classList.toggle('failed', state === 'failed');
    Array.from(element.querySelectorAll('.trouble, .trouble-buttons, .progress')).forEach(function (part) { part.remove(); });
    bubble.replaceChild(L.meta(message, state), bubble.querySelector('.meta'));
  }

  function isStart(message) { return message.from === 'resident' && /^\/start\b/.test(message.text); }

  function change(known, message) {
    const fresh = L.bubble(message, 'sent');
    mark(fresh, message);
    known.element.parentNode.replaceChild(fresh, known.element);
    shown.set(message.id, { message: message, element: fresh });
    settleOne(fresh);
  }

  function add(message) {
    const element = arrived(message) || L.bubble(message, 'sent');
    mark(element, message);
    element.hidden = isStart(message);
    place(element, message.id);
    shown.set(message.id, { message: message, element: element });
  }

  function own(item) {
    const parts = item.file ? [{ kind: item.kind, name: item.name, url: item.preview }] : [];
    return { from: 'resident', text: item.text, at: item.at, attachments: parts };
  }

  function draw(item) {
    const element = L.bubble(own(item), 'pending');
    mark(element, own(item));
    log.appendChild(element);
    waiting.set(item.client_id, { item: item, element: element });
    settleOne(element);
  }

  /** pending, sent or failed. */
  function turn(item, state) {
    const found = waiting.get(item.client_id);
    if (found) setState(found, own(item), state);
    return found;
  }

  function troubled(item) {
    const found = turn(item, 'failed');
    if (!found) return;
    const body = found.element.querySelector('.body');
    const line = body.appendChild(L.make('p', 'trouble'));
    line.textContent = item.trouble || L.word('failed');
    const buttons = body.appendChild(L.make('div', 'trouble-buttons'));
    const choices = [['retry', L.outbox.retry], ['discard', L.outbox.discard]];
    // What was refused for good would only be refused again.
    choices.slice(item.stuck ? 1 : 0).forEach(function (choice) {
      const button = buttons.appendChild(L.make('button', '', choice[0]));
      button.type = 'button';
      button.onclick = function () { choice[1](item); };
    });
  }

  function welcome() { L.byId('welcome').hidden = !L.view.isEmpty(); }

  L.view = {
    /** The words of a message that stands on the page, as they are quoted above a reply. */
    said: function (id) {
      const known = shown.get(id);
      const text = known ? known.message.text : '';
      return text.length > 80 ? text.slice(0, 79) + '…' : text;
    },
    isEmpty: function () { return !shown.size && !waiting.size; },
    oldest: function () { return Math.min.apply(null, Array.from(shown.keys())); },
    /** live: it has just come, so it may call for attention; otherwise it is history. */
    show: function (message, live) {
      look();
      const stick = sticking;
      const known = shown.get(message.id);
      if (known && known.message.seq >= message.seq) return;
      if (!known && live && shown.size && message.id < L.view.oldest()) return; // an edit of what was never loaded
      if (known) change(known, message);
      else add(message);
      if (live && !known && message.from !== 'resident' && !stick) news += 1;
      welcome();
      if (live && stick) toBottom();
      showPill();
      seen();
    },
    /** History came in above: what the reader looks at stays where it is. */
    above: function (messages) {
      const height = scroll.scrollHeight;
      messages.forEach(function (message) { L.view.show(message, false); });
      scroll.scrollTop += scroll.scrollHeight - height;
      look();
    },
    pending: function (item) {
      if (item.file && item.kind !== 'document') item.preview = URL.createObjectURL(item.file);
      draw(item);
      welcome();
      toBottom();
    },
    trying: function (item) { turn(item, 'pending'); },
    progress: function (item, part) {
      const found = waiting.get(item.client_id);
      if (!found) return;
      const bubble = found.element.querySelector('.bubble');
      const bar = bubble.querySelector('progress') || bubble.insertBefore(L.make('progress', 'progress'), bubble.lastChild);
      bar.setAttribute('aria-label', L.word('pending'));
      bar.max = 1;
      bar.value = part;
      bar.hidden = part >= 1;
    },
    sent: function (item, id) {
      turn(item, 'sent');
      setTimeout(function () { if (!shown.has(id)) L.stream.catchUp(); }, 1500);
    },
    failed: troubled,
    dropped: function (item) {
      const found = waiting.get(item.client_id);
      if (found) found.element.remove();
      waiting.delete(item.client_id);
      welcome();
    },
    press: async function (message, data, element) {
      if (element.classList.contains('pressing')) return;
      element.classList.add('pressing');
      const id = L.newId();
      for (let attempt = 0; attempt < 3; attempt += 1) {
        try {
          await L.ask('POST', '/api/chat/presses', { message_id: message.id, data: data, client_id: id });
          element.classList.remove('pressing');
          element.classList.add('pressed');
          element.setAttribute('aria-pressed', 'true');
          return;
        } catch (failure) {
          if (!failure.again) break;
          await new Promise(function (resolve) { setTimeout(resolve, 1500); });
        }
      }
      element.classList.remove('pressing');
      L.panels.notice(L.word('press_failed'));
    },
    /** Everything else was deleted, and is gone from here as well. */
    keep: function (ids) {
      Array.from(shown.keys()).filter(function (id) { return ids.indexOf(id) < 0; }).forEach(function (id) {
        shown.get(id).element.remove();
        shown.delete(id);
      });
      Array.from(log.children).forEach(settleOne);
      welcome();
    },
    settle: function () { if (sticking) toBottom(); },
    toBottom: toBottom,
    atBottom: atBottom,
    /** The language changed: days and chips have no fixed words. */
    relabel: function () { Array.from(log.children).forEach(settleOne); showPill(); },
  };
}());
