/* What is new: a stream of events where the browser can, asking every few seconds where it cannot. Both miss nothing,
   because both say the last seq they have. */
(function () {
  'use strict';
  const L = window.Lianxin;
  const POLL = 3000;
  const POLL_HIDDEN = 15000;
  const SAFETY = 45000;
  const LONGEST_WAIT = 15000;
  const BANNER_AFTER = 2500;
  let seq = 0;
  let told = 0;
  let source = null;
  let tries = 0;
  let neverOpened = 0;
  let timer = null;
  let banner = null;
  let telling = null;
  let catching = null;

  function take(message, live) {
    seq = Math.max(seq, message.seq);
    L.view.show(message, live);
    if (live && document.hidden && message.from !== 'resident') document.title = '● ' + L.word('title');
  }

  function setStatus(key) {
    const status = L.byId('status');
    status.setAttribute('data-t', key);
    status.textContent = L.word(key);
  }

  function showBanner(key) {
    const element = L.byId('banner');
    element.hidden = !key;
    if (key) {
      element.setAttribute('data-t', key);
      element.textContent = L.word(key);
    }
    L.view.settle();
  }

  function well() {
    clearTimeout(banner);
    banner = null;
    tries = 0;
    setStatus('status_ready');
    showBanner(null);
    L.outbox.kick();
  }

  function ill() {
    const offline = navigator.onLine === false;
    setStatus(offline ? 'status_offline' : 'status_waiting');
    if (offline) showBanner('offline_banner');
    else if (!banner) banner = setTimeout(function () { showBanner('reconnecting_banner'); }, BANNER_AFTER);
  }

  function listen() {
    stop();
    if (!window.EventSource || neverOpened >= 3) { poll(); return; }
    let opened = false;
    source = new EventSource('/api/chat/events?notices=1&since=' + seq);
    source.onopen = function () { opened = true; neverOpened = 0; well(); };
    source.onmessage = function (event) { take(JSON.parse(event.data), true); };
    source.addEventListener('notice', function (event) { L.panels.notice(JSON.parse(event.data).text); });
    source.addEventListener('language', function (event) { L.follow(JSON.parse(event.data).language); });
    source.addEventListener('deleted', function (event) { L.view.keep(JSON.parse(event.data).left); });
    source.onerror = function () {
      if (!opened) neverOpened += 1;
      stop();
      ill();
      timer = setTimeout(listen, delay());
    };
  }

  function delay() {
    tries += 1;
    const longest = Math.min(LONGEST_WAIT, 500 * Math.pow(2, tries));
    return longest / 2 + Math.random() * longest / 2;
  }

  function stop() {
    clearTimeout(timer);
    if (source) source.close();
    source = null;
  }

  async function poll() {
    try {
      await fetchNew();
      well();
      timer = setTimeout(poll, document.hidden ? POLL_HIDDEN : POLL);
    } catch (failure) {
      ill();
      timer = setTimeout(poll, delay());
    }
  }

  async function fetchNew() {
    let found;
    do {
      found = await L.ask('GET', '/api/chat/messages?unseen=true&since=' + seq);
      found.forEach(function (message) { take(message, true); });
    } while (found.length >= 200);
  }

  function catchUp() {
    if (catching) return;
    const forget = function () { catching = null; };
    catching = fetchNew();
    catching.then(forget, forget);
  }

  /** Back in front, or back on the net: a stream that slept may be dead without knowing it. */
  function wakeUp() {
    if (document.hidden) return;
    document.title = L.word('title');
    L.stream.saw();
    listen();
    catchUp();
  }

  function tell() {
    telling = null;
    if (seq <= told) return;
    const upTo = seq;
    L.ask('POST', '/api/chat/seen', { seq: upTo }).then(function () { told = Math.max(told, upTo); }, function () {});
  }

  L.stream = {
    begin: function (messages) {
      messages.forEach(function (message) { take(message, false); });
      listen();
      document.addEventListener('visibilitychange', wakeUp);
      window.addEventListener('online', wakeUp);
      window.addEventListener('pageshow', function (event) { if (event.persisted) wakeUp(); });
      window.addEventListener('offline', ill);
      setInterval(function () { if (!document.hidden && source) catchUp(); }, SAFETY);
    },
    catchUp: catchUp,
    ill: ill,
    /** The resident is looking at the newest message. */
    saw: function () { if (seq > told && !telling) telling = setTimeout(tell, 600); },
  };
}());
