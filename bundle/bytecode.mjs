// Runs inside Node: compiles a folder of Python sources with the Pyodide of the bundle.
//
// node bytecode.mjs PYODIDE_FOLDER SOURCES: each x.py becomes x.pyc beside it and is deleted.
// Unchecked: the archive is replaced as a whole, so no source is ever newer than its bytecode.
// Docstrings go (optimize=2) and so do asserts, of packages only.
const [, , pyodideFolder, sources] = process.argv;
const { loadPyodide } = await import(`${pyodideFolder}/pyodide.mjs`);
const pyodide = await loadPyodide({ indexURL: pyodideFolder + '/' });
pyodide.FS.mkdirTree('/sources');
pyodide.mountNodeFS('/sources', sources);
const count = await pyodide.runPythonAsync(`
import pathlib, py_compile
from py_compile import PycInvalidationMode

count = 0
for source in sorted(pathlib.Path("/sources").rglob("*.py")):
    py_compile.compile(
        str(source),
        cfile=str(source) + "c",
        dfile=str(source.relative_to("/sources")),
        doraise=True,
        optimize=2,
        invalidation_mode=PycInvalidationMode.UNCHECKED_HASH,
    )
    source.unlink()
    count += 1
count
`);
console.log(count);
process.exit(0);
