"""Compiles the packages with the browser's own Python, if Node is here to run it.

Without bytecode Python compiles every module at each start of the app. Bytecode must come from
the very Python that reads it (3.14, in WebAssembly), which no registry package for this machine
has, but Node runs the Pyodide that is in the client. Node is optional: without it the bundle
holds sources and starts somewhat slower.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

SCRIPT = Path(__file__).with_name("bytecode.mjs")


def compiler() -> str:
    """What compiles here; part of the inputs of a build."""
    return "node" if shutil.which("node") else "none"


def compile_folder(folder: Path, pyodide: Path) -> str:
    """Replace the sources below `folder` by bytecode; returns a line on what was done."""
    node = shutil.which("node")
    if node is None:
        return "Kept the packages as sources: no Node to run the browser's Python."
    command = [node, str(SCRIPT), str(pyodide.resolve()), str(folder.resolve())]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return f"Compiled {done.stdout.strip().splitlines()[-1]} modules with the browser's Python."
