"""Serves the OPFS harness over the built web app's own Pyodide, packages and modules.

Only what the store needs is started, so that a failure here is the store's, not the screens'.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

HARNESS = Path(__file__).with_name("opfs_harness")


class Site(SimpleHTTPRequestHandler):
    """The harness at /, the built web app at /webapp/."""

    extensions_map = SimpleHTTPRequestHandler.extensions_map | {
        ".mjs": "text/javascript",
        ".wasm": "application/wasm",
    }

    def __init__(self, webapp: Path, *arguments: object, **options: object) -> None:
        self.webapp = webapp
        super().__init__(*arguments, directory=str(HARNESS), **options)  # type: ignore[arg-type]

    def translate_path(self, path: str) -> str:
        if path.startswith("/webapp/"):
            return str(self.webapp / path.removeprefix("/webapp/"))
        return super().translate_path(path)

    def do_GET(self) -> None:
        """Say nothing at /silent, begin and then fall silent at /stalling, until the asker goes."""
        if self.path == "/stalling":
            self.send_response(200)
            self.send_header("content-type", "application/x-ndjson")
            self.end_headers()
            self.wfile.write(b'{"line":"ping"}\n')
            self.wfile.flush()
        if self.path in ("/silent", "/stalling"):
            self.connection.recv(1)
            self.close_connection = True
            return
        super().do_GET()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def served(webapp: Path) -> Iterator[str]:
    """The address of the harness while the block runs; this machine, so a secure context."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Site, webapp))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
