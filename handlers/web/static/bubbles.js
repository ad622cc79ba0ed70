/* Pure drawing: a message in, an element out. Residents' and bot's words only ever become text nodes. */
(function () {
  'use strict';
  const L = window.Lianxin;
  const LINK = /(https?:\/\/[^\s<>"，。；、！？）】》]+)|(\b0\d{2,3}-\d{7,8}\b|\b1[3-9]\d{9}\b|\b400-?\d{3}-?\d{4}\b)|(\bLX-\d{6}-\d{4,}-\d\b|\b[0-9A-Z]{4}-[0-9A-Z]{4}\b)/g;
  const KINDS = { photo: 'photo', voice: 'voice', audio: 'voice', video: 'video', location: 'location', contact: 'contact' };
  const SENDERS = { bot: 'from_bot', staff: 'from_staff', resident: 'from_resident' };

  function link(address, words) {
    const anchor = L.make('a');
    anchor.href = address;
    anchor.textContent = words;
    anchor.rel = 'noopener noreferrer';
    if (address.indexOf('tel:') !== 0) anchor.target = '_blank';
    return anchor;
  }

  /** Words with addresses and phone numbers made into links; a number to read out stays on one line. */
  function words(text) {
    const element = L.make('div', 'words');
    let done = 0;
    text.replace(LINK, function (found, address, phone, number, place) {
      element.appendChild(document.createTextNode(text.slice(done, place)));
      if (number) element.appendChild(L.make('span', 'number')).textContent = number;
      else element.appendChild(link(address || 'tel:' + phone.replace(/-/g, ''), found));
      done = place + found.length;
      return found;
    });
    element.appendChild(document.createTextNode(text.slice(done)));
    return element;
  }

  /** Room for the picture before it is there, so that nothing jumps. */
  function fit(image, width, height) {
    const scale = Math.min(1, 280 / width, 320 / height);
    image.width = Math.round(width * scale);
    image.height = Math.round(height * scale);
  }

  function photo(part, own) {
    const button = L.make('button', 'photo');
    const image = L.make('img');
    button.type = 'button';
    button.setAttribute('data-t-label', 'open_photo');
    button.setAttribute('aria-label', L.word('open_photo'));
    image.setAttribute('data-t-alt', own ? 'photo_alt_own' : 'photo_alt_other');
    image.alt = L.word(own ? 'photo_alt_own' : 'photo_alt_other');
    if (part.width) fit(image, part.width, part.height);
    image.onload = function () {
      fit(image, image.naturalWidth, image.naturalHeight);
      L.view.settle();
    };
    image.src = part.url;
    button.onclick = function () { L.panels.showPhoto(part.url, image.alt); };
    button.appendChild(image);
    return button;
  }

  function player(tag, part) {
    const element = L.make(tag, part.kind === 'video' ? 'video' : 'voice');
    element.controls = true;
    element.preload = 'metadata';
    element.src = part.url;
    element.setAttribute('data-t-label', part.kind === 'video' ? 'video' : 'voice');
    element.setAttribute('aria-label', L.word(part.kind === 'video' ? 'video' : 'voice'));
    return element;
  }

  function paper(part) {
    const element = L.make(part.url ? 'a' : 'div', 'document');
    if (part.url) {
      element.href = part.url;
      element.setAttribute('download', part.name || '');
    }
    element.appendChild(L.icon('file'));
    element.appendChild(document.createTextNode(part.name || L.word(KINDS[part.kind] || 'file')));
    return element;
  }

  function attachment(part, own) {
    if (part.url && part.kind === 'photo') return photo(part, own);
    if (part.url && part.kind === 'video') return player('video', part);
    if (part.url && (part.kind === 'voice' || part.kind === 'audio')) return player('audio', part);
    return paper(part);
  }

  function key(message, button) {
    const isLink = /^((tel|https?):|\/privacy\b)/.test(button.data);
    const element = L.make(isLink ? 'a' : 'button', 'key');
    if (isLink) {
      element.href = button.data;
      element.rel = 'noopener noreferrer';
      if (button.data.indexOf('tel:') === 0) element.appendChild(L.icon('phone'));
      else element.target = '_blank';
    } else {
      element.type = 'button';
      element.onclick = function () { L.view.press(message, button.data, element); };
    }
    element.appendChild(L.make('span')).textContent = button.text;
    return element;
  }

  function keys(message) {
    const grid = L.make('div', 'keys');
    message.buttons.forEach(function (line) {
      const row = grid.appendChild(L.make('div', 'keys-row'));
      line.forEach(function (button) { row.appendChild(key(message, button)); });
    });
    return grid;
  }

  function clock(at) {
    const element = L.make('time');
    element.dateTime = at.toISOString();
    element.textContent = at.getHours() + ':' + ('0' + at.getMinutes()).slice(-2);
    return element;
  }

  /** Time, "edited", and for own words whether they have arrived. */
  L.meta = function (message, state) {
    const line = L.make('div', 'meta');
    if (message.edited) line.appendChild(L.make('span', '', 'edited'));
    line.appendChild(clock(new Date(message.at)));
    if (message.from === 'resident') {
      line.appendChild(L.icon({ pending: 'clock', sent: 'check', failed: 'warn' }[state]));
      line.appendChild(L.make('span', 'unseen', state));
    }
    return line;
  };

  /** state: "sent", or for what is still on its way "pending" or "failed". */
  L.bubble = function (message, state) {
    const own = message.from === 'resident';
    const element = L.make('div', 'message ' + message.from + (own ? ' own' : ''));
    const body = element.appendChild(L.make('div', 'body'));
    const bubble = body.appendChild(L.make('div', 'bubble'));
    bubble.appendChild(L.make('span', message.from === 'staff' ? 'sender' : 'unseen', SENDERS[message.from]));
    const said = message.answers ? L.view.said(message.answers) : '';
    if (said) bubble.appendChild(L.make('blockquote', 'quote')).textContent = said;
    (message.attachments || []).forEach(function (part) { bubble.appendChild(attachment(part, own)); });
    if (message.text) bubble.appendChild(words(message.text));
    bubble.appendChild(L.meta(message, state));
    if (message.buttons && message.buttons.length) {
      body.className += ' with-buttons';
      body.appendChild(keys(message));
    }
    return element;
  };
}());
