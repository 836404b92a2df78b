// Starts the app: Python in its worker at once, the Flutter client beside it, then the offline copy.
//
// Flet's own page starts Python only after Flutter has painted; on two cores the two take turns
// anyway, but downloading, compiling and unpacking overlap well. So Flet's python.js is replaced:
// jsConnect, jsSend and jsDisconnect (called from the client) attach to the worker started here.
'use strict';

const build = {{build}};

// What the client reads. `pyodide` makes it call jsConnect instead of opening a web socket.
var flet = {
  pyodide: true,
  multiView: false,
  noCdn: true,
  webSocketEndpoint: '/ws',
  entrypointBaseUrl: build.base,
  assetBase: build.base,
  routeUrlStrategy: 'hash',
  canvasKitBaseUrl: build.base + 'canvaskit/',
  pyodideUrl: build.base + 'pyodide/pyodide.mjs',
  webRenderer: 'canvaskit',
  // Whatever character it lacks, the client asks below this address for a font of that script.
  // The query makes every such request one file of ours, in which each character is 〓.
  fontFallbackBaseUrl: build.base + 'fonts/FieldbookNone.woff2?',
  appPackageUrl: 'app.tar.gz',
};
flet.flutterAppLoaded = new Promise((resolve) => { flet.flutterAppResolve = resolve; });

// ---- The opening page: one sentence, the step that is really running, the bytes of a first load.

const opening = {
  over: () => {},
  done: { page: 0, worker: 0 },

  step(text) {
    this.text = text;
    this.show();
  },

  bytes(where, count) {
    this.done[where] = count;
    this.show();
  },

  show() {
    const node = document.getElementById('step');
    if (!node) return;
    const done = Math.min(this.done.page + this.done.worker, build.firstLoad);
    const first = !navigator.serviceWorker?.controller;
    const amount = `${(done / 1e6).toFixed(1)} / ${(build.firstLoad / 1e6).toFixed(1)} MB`;
    node.textContent = first ? `${this.text} · ${amount}` : this.text;
    document.querySelector('#bar i').style.width = `${(100 * done) / build.firstLoad}%`;
    document.getElementById('bar').hidden = !first;
  },

  close() {
    document.getElementById('opening')?.remove();
    performance.mark('fieldbook-open');
    this.over();
  },

  fail(reason) {
    if (!document.getElementById('opening')) return;
    document.getElementById('sentence').textContent =
      '外勤簿没能打开。本机的记录还在,不会丢。再开一次;还不行,把下面这行给网点同事看。';
    document.getElementById('step').textContent = String(reason).slice(-300);
    document.getElementById('bar').hidden = true;
    const again = document.getElementById('again');
    again.hidden = false;
    again.onclick = () => location.reload();
    this.over();
  },
};

new PerformanceObserver((list) => {
  const sizes = list.getEntries().map((entry) => entry.decodedBodySize || 0);
  opening.bytes('page', opening.done.page + sizes.reduce((sum, size) => sum + size, 0));
}).observe({ type: 'resource', buffered: true });

// ---- Python

// Where the time of a start went, on the page's own clock: performance.getEntriesByType('mark').
function keepMarks(marks) {
  for (const [name, at] of marks) {
    performance.mark(name, { startTime: Math.max(0, at - performance.timeOrigin) });
  }
}

function startPython() {
  const worker = new Worker(build.base + 'python-worker.js', { type: 'module' });
  const python = { worker, deliver: () => {} };
  python.ready = new Promise((resolve, reject) => {
    worker.onerror = (event) => reject(new Error(event.message || 'python-worker.js'));
    worker.onmessage = ({ data }) => {
      if (data instanceof Uint8Array) python.deliver(data);
      else if (data.bytes !== undefined) opening.bytes('worker', data.bytes);
      else if (data.step) opening.step(data.step);
      else if (data.error) reject(new Error(data.error));
      else if (data.ready) resolve(keepMarks(data.marks));
    };
  });
  python.ready.catch((error) => opening.fail(error.message));
  const count = !navigator.serviceWorker?.controller;
  worker.postMessage({ documentUrl: document.URL, files: build.python, count });
  return python;
}

// A frame is one type byte (0: protocol) and msgpack [action, body]; action 2 patches controls,
// so the first of them is the app's first screen.
const isPatch = (frame) => frame[0] === 0 && frame[1] === 0x92 && frame[2] === 2;

let starting = startPython();
const connected = {};

globalThis.jsConnect = async (id, _args, onMessage) => {
  const python = (connected[id] = starting ?? startPython());
  starting = null;
  let closed = false;
  python.deliver = (frame) => {
    onMessage(frame);
    if (closed || !isPatch(frame)) return;
    closed = true;
    requestAnimationFrame(() => requestAnimationFrame(() => opening.close()));
  };
  await python.ready;
};

// The frame's own buffer is handed over: the client doesn't touch it after this call.
globalThis.jsSend = async (id, frame) => connected[id]?.worker.postMessage(frame, [frame.buffer]);

globalThis.jsDisconnect = async (id) => {
  connected[id]?.worker.terminate();
  delete connected[id];
};

// ---- The offline copy

async function keepOffline() {
  if (!navigator.serviceWorker) return;
  const registration = await navigator.serviceWorker.register(
    build.base + 'flutter_service_worker.js', { scope: build.base });
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') registration.update().catch(() => {});
  });
  await navigator.storage?.persist?.();
}

// ---- Order

// WebKit restores a page from the back/forward cache with Flutter's frames stopped for good.
window.addEventListener('pageshow', (event) => {
  if (event.persisted && navigator.vendor?.startsWith('Apple')) location.reload();
});

function loadFlutter() {
  const script = document.createElement('script');
  script.src = 'flutter_bootstrap.js';
  script.onerror = () => opening.fail('flutter_bootstrap.js');
  document.body.append(script);
}

opening.step('读取程序');
// Not before the first screen: on a first start the copy would compete with it for the network.
opening.over = () => keepOffline().catch((error) => console.warn('offline copy:', error));
loadFlutter();
