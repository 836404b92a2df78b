"""`fieldbook server`: one process, one database, stopped cleanly by Ctrl-C or SIGTERM."""

import argparse
import errno
import gc
import socket
import sys
from pathlib import Path
from types import FrameType

import uvicorn

from fieldbook.clock import now
from fieldbook.database import opened
from fieldbook.stop import Stop
from shared.sync.protocol import IDLE_S
from sync_server.adapters.drop import DropFolder
from sync_server.hooks import Sending
from sync_server.http import Services, make_app
from sync_server.store.database import Database
from sync_server.store.unit_of_work import GARBAGE_AFTER

GRACE_S = 5
KEEP_ALIVE_S = 6 * IDLE_S
"""For how long an idle connection is kept; devices have let go of theirs by then."""
SWITCH_S = 0.000_5
"""How long a thread may keep the interpreter while another waits. Python's own 5 ms is longer
than an exchange takes: one device would wait for a thread that works for another."""


def serve(asked: argparse.Namespace) -> int:
    """Serve until told to stop."""
    if bool(asked.tls_cert) != bool(asked.tls_key):
        raise Stop("Give --tls-cert and --tls-key together; `fieldbook admin tls` makes both.")
    drop, sending = _drop_folder(asked.drop, asked.drop_quiet), _sending(asked)
    with opened(asked) as database:
        scheme = "https" if asked.tls_cert else "http"
        with listening(asked.host, asked.port) as listener:
            host, port = listener.getsockname()[:2]
            print(f"Fieldbook serves {scheme}://{host}:{port} (Ctrl-C stops it)", flush=True)
            run(database, listener, asked.webapp, asked.tls_cert, asked.tls_key, drop, sending)
    return 0


def _drop_folder(folder: Path | None, quiet_s: float | None) -> DropFolder | None:
    """Make the folder ready that other systems put their files into."""
    if folder is None:
        return None
    drop = DropFolder(folder, quiet_s)
    try:
        drop.prepare()
    except OSError as error:
        raise Stop(f"The drop folder {folder} cannot be used: {error.strerror}.") from None
    return drop


def _sending(asked: argparse.Namespace) -> Sending | None:
    """Return where the server may send changes to; nowhere if it was not told."""
    if not asked.webhook_to:
        return None
    if asked.webhook_ca is not None and not asked.webhook_ca.is_file():
        raise Stop(f"There is no certificate {asked.webhook_ca}. The server was not started.")
    return Sending(frozenset(host.lower() for host in asked.webhook_to), asked.webhook_ca)


def listening(host: str, port: int) -> socket.socket:
    """Take the port, or say in one sentence why not."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # asyncio may leave it off
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            raise Stop(
                f"Port {port} is taken by another program. Stop it, or choose another: --port N."
            ) from None
        raise Stop(f"Cannot listen on {host}:{port}: {error.strerror}.") from None
    return listener


def run(
    database: Database,
    listener: socket.socket,
    webapp: Path | None,
    tls_cert: Path | None = None,
    tls_key: Path | None = None,
    drop: DropFolder | None = None,
    sending: Sending | None = None,
) -> None:
    """Serve on a socket until a signal comes."""
    sys.setswitchinterval(SWITCH_S)
    gc.set_threshold(GARBAGE_AFTER)
    services = Services(database, now, drop=drop, sending=sending)
    config = uvicorn.Config(
        make_app(services, webapp),
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_keep_alive=KEEP_ALIVE_S,
        timeout_graceful_shutdown=GRACE_S,
        ssl_certfile=tls_cert,
        ssl_keyfile=tls_key,
    )
    _Server(config, services).run(sockets=[listener])


class _Server(uvicorn.Server):
    """Uvicorn, but the open live lines end at once when it is told to stop."""

    def __init__(self, config: uvicorn.Config, services: Services) -> None:
        super().__init__(config)
        self._services = services

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self._services.live.close()
        super().handle_exit(sig, frame)
