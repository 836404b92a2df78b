import { loadPyodide } from "/pyodide/pyodide.mjs";

const ready = (async () => {
  const pyodide = await loadPyodide();
  const archive = await (await fetch("/app.zip")).arrayBuffer();
  pyodide.unpackArchive(archive, "zip", { extractDir: "/app" });
  pyodide.runPython("import sys; sys.path.insert(0, '/app')");
  return pyodide.pyimport("harness");
})();

self.onmessage = async ({ data: { id, name, args } }) => {
  try {
    const harness = await ready;
    self.postMessage({ id, answer: await harness[name](...args) });
  } catch (error) {
    self.postMessage({ id, error: String(error) });
  }
};
