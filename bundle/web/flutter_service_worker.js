// Keeps a whole version of the app on the device, so that it starts with the network off.
//
// It bears Flutter's name on purpose: the client ships a worker of that name which unregisters
// itself and reloads every page, and one under another name would fight with it.
//
// A version is one cache. It is filled while the older one serves, each file checked by its digest
// (files that didn't change are taken from the older cache), and only when all are there is it
// noted as the newest. The next page that is opened gets the newest, and so do its files. That
// doesn't wait for this worker's successor to become active, which browsers put off while any
// request is under way: a start would have to wait for it, and headless Chromium never ended one.
// Nothing outside the app's own folder is touched: calls to the branch server go to the network.
'use strict';

const BASE = {{base}};
const FILES = {{files}};
const CACHE = 'fieldbook-' + {{version}};
const PREFIX = 'fieldbook-';

// Chromium takes the smaller CanvasKit that uses the browser's own line breaking.
const UNUSED = 'v8BreakIterator' in Intl ? /^canvaskit\/canvaskit\./ : /^canvaskit\/chromium\//;
const NEEDED = Object.keys(FILES).filter((name) => !UNUSED.test(name));

// Responses are stored as they came, so that the browser may keep compiled code with them; the
// digests of a version are a file of their own, written when all the others are there.
const DIGESTS = BASE + 'digests.json';
const STATE = 'state'; // a cache with two notes: which version serves, which is the newest

async function noted(what) {
  const note = await (await caches.open(STATE)).match(BASE + what);
  return note?.text();
}

async function note(what, version) {
  await (await caches.open(STATE)).put(BASE + what, new Response(version));
}

async function versions() {
  const names = (await caches.keys()).filter((name) => name.startsWith(PREFIX) && name !== CACHE);
  return Promise.all(names.map(async (name) => {
    const store = await caches.open(name);
    return { name, store, digests: await (await store.match(DIGESTS))?.json() };
  }));
}

async function kept(older, name) {
  const same = older.find(({ digests }) => digests?.[name] === FILES[name]);
  return same?.store.match(BASE + name);
}

// The browser's own cache may hold the file of an earlier version: then ask the server.
async function fetched(name) {
  const integrity = FILES[name];
  const response = await fetch(BASE + name, { integrity }).catch(() =>
    fetch(BASE + name, { integrity, cache: 'reload' }));
  if (!response.ok) throw new Error(`${name}: ${response.status}`);
  return response;
}

async function install() {
  const cache = await caches.open(CACHE);
  const older = await versions();
  const waiting = [...NEEDED];
  const lane = async () => {
    for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
      if (await cache.match(BASE + name)) continue; // an interrupted download goes on here
      await cache.put(BASE + name, (await kept(older, name)) ?? (await fetched(name)));
    }
  };
  await Promise.all([lane(), lane(), lane(), lane()]);
  await cache.put(DIGESTS, new Response(JSON.stringify(FILES)));
  await note('newest', CACHE);
  if (!(await noted('serving'))) await note('serving', CACHE);
  await forget();
}

// A page that is opened gets the newest version; from then on that one serves.
async function open() {
  const newest = await noted('newest');
  if (newest && newest !== (await noted('serving'))) await note('serving', newest);
  return newest;
}

async function forget() {
  const wanted = [await noted('serving'), await noted('newest')];
  const others = (await caches.keys()).filter((name) => name.startsWith(PREFIX));
  await Promise.all(others.filter((name) => !wanted.includes(name)).map((name) => caches.delete(name)));
}

async function answer(request) {
  const opening = request.mode === 'navigate';
  const version = opening ? await open() : await noted('serving');
  if (!version) return fetch(request);
  const wanted = opening ? BASE + 'index.html' : request;
  const cache = await caches.open(version);
  return (await cache.match(wanted, { ignoreSearch: true })) ?? fetch(request);
}

self.addEventListener('install', (event) => event.waitUntil(install()));
self.addEventListener('activate', (event) => event.waitUntil(forget().then(() => self.clients.claim())));

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== 'GET' || url.origin !== location.origin) return;
  if (url.pathname.startsWith(BASE)) event.respondWith(answer(request));
});
