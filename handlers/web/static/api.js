/* Talking to our server. A failure says whether trying again can help. */
(function () {
  'use strict';
  const L = window.Lianxin;
  const PATIENCE = 20000;

  L.Failure = class extends Error {
    /** status 0: nothing came back at all. */
    constructor(status, message) {
      super(message || '');
      this.status = status;
      this.again = status === 0 || status >= 500 || status === 429;
    }
  };

  L.newId = function () {
    const bytes = new Uint8Array(12);
    (window.crypto || window.msCrypto).getRandomValues(bytes);
    return Array.from(bytes, function (byte) { return ('0' + byte.toString(16)).slice(-2); }).join('');
  };

  function patient(promise) {
    return new Promise(function (resolve, reject) {
      setTimeout(function () { reject(new L.Failure(0)); }, PATIENCE);
      promise.then(resolve, function () { reject(new L.Failure(0)); });
    });
  }

  function messageOf(text) {
    try {
      return JSON.parse(text).error.message;
    } catch (unreadable) {
      return '';
    }
  }

  async function once(method, path, body) {
    const options = { method: method, credentials: 'same-origin', cache: 'no-store', headers: { 'Accept-Language': L.language } };
    if (body !== undefined) {
      options.headers['Content-Type'] = 'application/json';
      options.body = JSON.stringify(body);
    }
    const response = await patient(fetch(path, options));
    const text = await patient(response.text());
    if (!response.ok) throw new L.Failure(response.status, messageOf(text));
    return text ? JSON.parse(text) : null;
  }

  let opening = null;
  function openSession() {
    if (!opening) {
      opening = once('POST', '/api/chat/sessions', { language: L.language });
      const forget = function () { opening = null; };
      opening.then(forget, forget);
    }
    return opening;
  }

  /** Asks, and opens a session first where there is none (the first visit, or a lost cookie). */
  L.ask = async function (method, path, body) {
    try {
      return await once(method, path, body);
    } catch (failure) {
      if (failure.status !== 401) throw failure;
    }
    await openSession();
    return once(method, path, body);
  };

  /** Uploads a file; progress(0..1) is told how far it is. */
  L.upload = function (item, progress) {
    return new Promise(function (resolve, reject) {
      const form = new FormData();
      form.append('client_id', item.client_id);
      form.append('text', item.text);
      form.append('file', item.file, item.name);
      const request = new XMLHttpRequest();
      request.open('POST', '/api/chat/attachments');
      request.setRequestHeader('Accept-Language', L.language);
      request.upload.onprogress = function (event) { if (event.lengthComputable) progress(event.loaded / event.total); };
      request.onerror = request.onabort = function () { reject(new L.Failure(0)); };
      request.onload = function () {
        if (request.status < 300) resolve(JSON.parse(request.responseText));
        else reject(new L.Failure(request.status, messageOf(request.responseText)));
      };
      request.send(form);
    });
  };
}());
