// Runs the app's Python; Flet's worker is replaced because it loads one thing after another.
//
// Both archives are fetched and inflated by the browser while Pyodide starts, then written to its
// file system directly: Python's tarfile took 0.7-1 s for the same.
import { loadPyodide } from './pyodide/pyodide.mjs';

performance.mark('fieldbook-worker');
const home = '/home/pyodide';
const flet_js = {};
const say = (step) => self.postMessage({ step });

// Bytes that went by, for the progress of a first load.
let seen = 0;
const plainFetch = self.fetch.bind(self);
function countingFetch(...request) {
  return plainFetch(...request).then((response) => {
    if (!response.ok || !response.body) return response;
    const count = new TransformStream({
      transform(chunk, controller) {
        seen += chunk.byteLength;
        self.postMessage({ bytes: seen });
        controller.enqueue(chunk);
      },
    });
    const { status, statusText, headers } = response;
    return new Response(response.body.pipeThrough(count), { status, statusText, headers });
  });
}

async function inflated(name) {
  const response = await self.fetch(new URL(name, self.location));
  if (!response.ok) throw new Error(`${name}: ${response.status}`);
  const stream = response.body.pipeThrough(new DecompressionStream('gzip'));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

// POSIX ustar, as bundle.archive writes it: 512-byte headers, regular files only.
function unpack(FS, tar, into) {
  const text = new TextDecoder();
  const field = (at, length) => text.decode(tar.subarray(at, at + length)).split('\0', 1)[0];
  const made = new Set();
  for (let at = 0; at + 512 <= tar.length && tar[at] !== 0; ) {
    const prefix = field(at + 345, 155);
    const path = `${into}/${prefix ? prefix + '/' : ''}${field(at, 100)}`;
    const size = parseInt(field(at + 124, 12), 8);
    const folder = path.slice(0, path.lastIndexOf('/'));
    if (!made.has(folder)) FS.mkdirTree(folder);
    made.add(folder);
    FS.writeFile(path, tar.subarray(at + 512, at + 512 + size), { canOwn: true });
    at += 512 + Math.ceil(size / 512) * 512;
  }
}

function sendToPage(message) {
  const frame = message.toJs();
  self.postMessage(frame, [frame.buffer]);
}

async function start({ documentUrl, files }) {
  const mark = (name) => performance.mark(`fieldbook-${name}`);
  const archives = files.map(inflated);
  say('启动 Python');
  const pyodide = await loadPyodide({
    stdout: (line) => console.log(line),
    stderr: (line) => console.error(line),
  });
  mark('pyodide');
  say('解开程序');
  for (const archive of archives) unpack(pyodide.FS, await archive, home);
  mark('unpacked');
  say('打开本机的记录');
  flet_js.documentUrl = documentUrl;
  pyodide.registerJsModule('flet_js', flet_js);
  await pyodide.runPythonAsync(`
import runpy, sys
sys.path[:0] = ["${home}", "${home}/__packages__"]
runpy.run_module("main", run_name="__main__", alter_sys=True)
`);
  mark('main');
  if (!flet_js.start_connection) throw new Error('main.py ended without calling ft.run');
  await flet_js.start_connection(sendToPage);
  mark('python');
  const marks = performance.getEntriesByType('mark');
  const { timeOrigin } = performance;
  self.postMessage({ ready: true, marks: marks.map((one) => [one.name, timeOrigin + one.startTime]) });
}

let started = false;
self.onmessage = ({ data }) => {
  if (started) return flet_js.send(data);
  started = true;
  if (data.count) self.fetch = countingFetch;
  start(data).catch((error) => self.postMessage({ error: String(error) }));
};
