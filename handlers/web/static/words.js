/* Words in two languages, and the little that is remembered in this browser. Plain ES2017: old phones, WeChat's browser. */
(function () {
  'use strict';
  const L = (window.Lianxin = {});
  const all = JSON.parse(document.getElementById('words').textContent);

  // Private windows may refuse storage; then things are remembered until the page is closed.
  const spare = {};
  L.remember = function (name, value) {
    try {
      if (value === null) localStorage.removeItem('lianxin.' + name);
      else localStorage.setItem('lianxin.' + name, value);
    } catch (refused) {
      spare[name] = value;
    }
  };
  L.recall = function (name) {
    try {
      const kept = localStorage.getItem('lianxin.' + name);
      if (kept !== null) return kept;
    } catch (refused) { /* as if nothing were kept */ }
    return name in spare ? spare[name] : null;
  };

  const remembered = L.recall('language');
  L.language = all[remembered] ? remembered : document.body.dataset.language;
  L.word = function (key) { return all[L.language][key]; };

  const PLACES = [
    ['data-t', function (element, word) { element.textContent = word; }],
    ['data-t-label', function (element, word) { element.setAttribute('aria-label', word); }],
    ['data-t-placeholder', function (element, word) { element.placeholder = word; }],
    ['data-t-alt', function (element, word) { element.alt = word; }],
  ];

  /** Puts the current language into everything that names its words. */
  L.translate = function (root) {
    PLACES.forEach(function (place) {
      const found = Array.from(root.querySelectorAll('[' + place[0] + ']'));
      found.forEach(function (element) { place[1](element, L.word(element.getAttribute(place[0]))); });
    });
  };

  L.speak = function (language) {
    L.language = language;
    L.remember('language', language);
    document.documentElement.lang = language === 'zh' ? 'zh-CN' : 'en';
    document.title = L.word('title');
    L.translate(document);
  };

  /** An element with classes and words: make('span', 'sender', 'from_staff'). */
  L.make = function (tag, classes, wordKey) {
    const element = document.createElement(tag);
    if (classes) element.className = classes;
    if (wordKey) {
      element.setAttribute('data-t', wordKey);
      element.textContent = L.word(wordKey);
    }
    return element;
  };

  L.icon = function (name) {
    const space = 'http://www.w3.org/2000/svg';
    const svg = document.createElementNS(space, 'svg');
    const use = document.createElementNS(space, 'use');
    svg.setAttribute('aria-hidden', 'true');
    use.setAttribute('href', '#i-' + name);
    use.setAttributeNS('http://www.w3.org/1999/xlink', 'xlink:href', '#i-' + name);
    svg.appendChild(use);
    return svg;
  };

  L.byId = function (id) { return document.getElementById(id); };
}());
