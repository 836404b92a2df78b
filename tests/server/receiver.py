"""Another system that takes webhooks: a real HTTP server on this machine, which may fail."""

import json
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from sync_server.hooks import signature


@dataclass
class Receiver:
    """What has been delivered, and what is answered to the next deliveries."""

    port: int = 0
    answers: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    """Status and headers of the next answers; 204 when there are none left."""
    tries: list[dict[str, str]] = field(default_factory=list)
    """The headers of everything that came."""
    bodies: list[bytes] = field(default_factory=list)
    taken: list[dict[str, Any]] = field(default_factory=list)
    """The events that were accepted, in the order in which they came."""
    on_delivery: Callable[[], None] = lambda: None

    @property
    def url(self) -> str:
        """Where it listens, by plain HTTP."""
        return f"http://127.0.0.1:{self.port}/hook"

    def ids(self) -> list[tuple[int, ...]]:
        """The places of the accepted events in the change log."""
        return [tuple(map(int, event["id"].split("-"))) for event in self.taken]

    def is_signed_by(self, secret: str) -> bool:
        """Whether everything that came bears the signature of a secret."""
        return bool(self.tries) and all(
            headers["webhook-signature"]
            == signature(secret, headers["webhook-id"], int(headers["webhook-timestamp"]), body)
            for headers, body in zip(self.tries, self.bodies, strict=True)
        )

    def take(self, headers: dict[str, str], body: bytes) -> tuple[int, dict[str, str]]:
        """Take a delivery; return what is answered."""
        self.tries.append(headers)
        self.bodies.append(body)
        status, more = self.answers.pop(0) if self.answers else (204, {})
        if 200 <= status < 300:
            self.taken += json.loads(body)
        self.on_delivery()
        return status, more


@contextmanager
def receiving(context: ssl.SSLContext | None = None) -> Iterator[Receiver]:
    """Run a receiver until the block ends."""
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            status, more = receiver.take(headers, body)
            self.send_response(status)
            for name, value in {"content-length": "0", **more}.items():
                self.send_header(name, value)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    receiver.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
