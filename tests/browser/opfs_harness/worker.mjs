import { loadPyodide } from "/webapp/pyodide/pyodide.mjs";

const ready = (async () => {
  const pyodide = await loadPyodide();
  for (const archive of ["packages", "app"]) {
    const answer = await fetch(`/webapp/${archive}.tar.gz`);
    pyodide.unpackArchive(await answer.arrayBuffer(), "gztar", { extractDir: "/app" });
  }
  pyodide.FS.writeFile("/app/harness.py", await (await fetch("/harness.py")).text());
  pyodide.runPython("import sys; sys.path[:0] = ['/app', '/app/__packages__']");
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
