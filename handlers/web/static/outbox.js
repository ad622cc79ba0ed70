/* What the resident has sent: shown at once, kept until our server has it, sent in order, each under one id for ever. */
(function () {
  'use strict';
  const L = window.Lianxin;
  const WAITS = [1500, 3000, 6000, 12000, 20000];
  const SHOW_FAILED_AFTER = 3;
  const items = [];
  let running = false;
  let timer = null;

  /** Texts outlive the page; a file can only be kept while the page is open. */
  function keep() {
    const texts = items.filter(function (item) { return !item.file; });
    L.remember('outbox', texts.length ? JSON.stringify(texts.map(bare)) : null);
  }

  function bare(item) {
    return { client_id: item.client_id, text: item.text, at: item.at, hidden: item.hidden };
  }

  function drop(item) {
    const place = items.indexOf(item);
    if (place >= 0) items.splice(place, 1);
    keep();
  }

  function sendOne(item) {
    if (!item.file) return L.ask('POST', '/api/chat/messages', { text: item.text, client_id: item.client_id });
    return L.upload(item, function (part) { L.view.progress(item, part); });
  }

  function refused(item, failure) {
    item.tries += 1;
    item.trouble = failure.message;
    item.stuck = !failure.again;
    if (item.stuck || item.tries >= SHOW_FAILED_AFTER) L.view.failed(item);
    if (failure.again) wait(item.tries);
  }

  function wait(tries) {
    clearTimeout(timer);
    timer = setTimeout(pump, WAITS[Math.min(tries, WAITS.length) - 1]);
  }

  /** Sends what waits, oldest first; stops at the first thing that could not be sent for now. */
  async function pump() {
    if (running) return;
    running = true;
    try {
      for (;;) {
        const item = items.filter(function (each) { return !each.stuck; })[0];
        if (!item) return;
        try {
          const answer = await sendOne(item);
          drop(item);
          L.view.sent(item, answer.id);
        } catch (failure) {
          refused(item, failure);
          if (failure.again) return;
        }
      }
    } finally {
      running = false;
    }
  }

  function put(item) {
    item.tries = 0;
    item.stuck = false;
    items.push(item);
    keep();
    if (!item.hidden) L.view.pending(item);
  }

  L.outbox = {
    text: function (text) {
      const start = L.recall('start');
      if (start && L.view.isEmpty()) put({ client_id: L.newId(), text: '/start ' + start, at: Date.now(), hidden: true });
      L.remember('start', null);
      put({ client_id: L.newId(), text: text, at: Date.now() });
      pump();
    },
    started: function (start) {
      put({ client_id: L.newId(), text: '/start ' + start, at: Date.now(), hidden: true });
      pump();
    },
    file: function (file, name, kind, text) {
      put({ client_id: L.newId(), text: text, file: file, name: name, kind: kind, at: Date.now() });
      pump();
    },
    retry: function (item) {
      item.tries = 0;
      item.stuck = false;
      L.view.trying(item);
      pump();
    },
    discard: function (item) {
      drop(item);
      L.view.dropped(item);
    },
    /** The connection is back: no need to wait any longer. */
    kick: function () {
      clearTimeout(timer);
      pump();
    },
    /** Takes up what an earlier page could not send; the same ids again, so nothing arrives twice. */
    resume: function () {
      JSON.parse(L.recall('outbox') || '[]').forEach(put);
      pump();
    },
  };
}());
