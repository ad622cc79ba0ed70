/* A voice message, where the browser can record; everywhere else a voice file can be chosen. */
(function () {
  'use strict';
  const L = window.Lianxin;
  const LONGEST_SECONDS = 300;
  const start = L.byId('record');
  const devices = navigator.mediaDevices;
  if (!window.MediaRecorder || !devices || !devices.getUserMedia) return;
  start.hidden = false;
  let recorder = null;
  let ticking = null;
  let seconds = 0;

  function showRecording(on) {
    L.byId('composer').hidden = on;
    L.byId('recording').hidden = !on;
    L.byId(on ? 'record-send' : 'record').focus();
  }

  function tick() {
    seconds += 1;
    L.byId('record-time').textContent = Math.floor(seconds / 60) + ':' + ('0' + (seconds % 60)).slice(-2);
    if (seconds >= LONGEST_SECONDS) end(true);
  }

  function end(keep) {
    if (!recorder) return;
    const ended = recorder;
    const parts = ended.parts;
    recorder = null;
    clearInterval(ticking);
    ended.onstop = function () {
      ended.stream.getTracks().forEach(function (track) { track.stop(); });
      const type = (ended.mimeType || 'audio/webm').split(';')[0];
      const name = 'voice.' + (type.indexOf('mp4') > 0 ? 'm4a' : type.split('/')[1]);
      if (keep && parts.length) L.outbox.file(new Blob(parts, { type: type }), name, 'voice', '');
    };
    ended.stop();
    showRecording(false);
  }

  start.onclick = async function () {
    try {
      const stream = await devices.getUserMedia({ audio: true });
      recorder = new MediaRecorder(stream);
    } catch (refused) {
      L.panels.notice(L.word('record_refused'));
      return;
    }
    const parts = [];
    recorder.parts = parts;
    recorder.ondataavailable = function (event) { if (event.data.size) parts.push(event.data); };
    recorder.start();
    seconds = 0;
    L.byId('record-time').textContent = '0:00';
    ticking = setInterval(tick, 1000);
    showRecording(true);
  };
  L.byId('record-cancel').onclick = function () { end(false); };
  L.byId('record-send').onclick = function () { end(true); };
}());
