"""The web app's files, as a browser wants them: right types, compressed once, cached honestly.

Compression happens when the bundle is built (`name.gz` beside `name`), not at every request. Files
are revalidated by their ETag: the service worker keeps what the tablet needs offline, so that the
HTTP cache never has to be trusted with the age of the app.
"""

import mimetypes
from pathlib import Path

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

_TYPES = {
    ".mjs": "text/javascript",
    ".js": "text/javascript",
    ".wasm": "application/wasm",
    ".woff2": "font/woff2",
    ".otf": "font/otf",
    ".ttf": "font/ttf",
    ".json": "application/json",
    ".gz": "application/gzip",
}


class WebApp(StaticFiles):
    """The built web app below one folder."""

    def __init__(self, folder: Path) -> None:
        super().__init__(directory=folder, html=True)

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Answer with the compressed file where there is one and the browser takes it."""
        packed = f"{path}.gz"
        if _takes_gzip(scope) and self.lookup_path(packed)[1] is not None:
            response = await super().get_response(packed, scope)
            if response.status_code == 200:
                response.headers["content-encoding"] = "gzip"
        else:
            response = await super().get_response(path, scope)
        response.headers["vary"] = "accept-encoding"
        response.headers["cache-control"] = "no-cache"
        if response.status_code == 200:
            response.headers["content-type"] = _content_type(path, response)
        return response


def _takes_gzip(scope: Scope) -> bool:
    return "gzip" in Headers(scope=scope).get("accept-encoding", "")


def _content_type(path: str, response: Response) -> str:
    known = _TYPES.get(Path(path).suffix) or mimetypes.guess_type(path)[0]
    return known or response.headers["content-type"]
