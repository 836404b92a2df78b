"""The web app's files, as a browser wants them: right types, compressed once, cached honestly.

Compression happens when the bundle is built (`name.gz` beside `name`), not at every request. Files
are revalidated by their ETag: the service worker keeps what the tablet needs offline, so that the
HTTP cache never has to be trusted with the age of the app.
"""

import mimetypes
from pathlib import Path

from starlette.datastructures import Headers
from starlette.responses import HTMLResponse, Response
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

_INSECURE = """<!doctype html><html lang="zh"><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>外勤簿 · Fieldbook</title>
<style>body{font:16px/1.6 sans-serif;max-width:36rem;margin:15vh auto;padding:0 24px;
color:#1b2430;background:#fafaf7}code{color:#0b5d6b}</style>
<h1>这里需要 HTTPS</h1>
<p>浏览器只在加密连接上允许离线使用和本机加密存储，所以外勤簿没有在这个地址打开。没有任何数据受影响。</p>
<p>请支行管理员运行 <code>fieldbook admin tls</code>，用生成的证书启动服务器，
再用 https:// 打开。</p>
<h2>HTTPS is needed here</h2>
<p>Browsers allow offline use and encrypted storage over HTTPS only, so Fieldbook was not opened at
this address. No data is affected. Ask the branch's operator to run <code>fieldbook admin tls</code>
and to serve with its certificate; then open the same address with https://.</p></html>"""


class WebApp(StaticFiles):
    """The built web app below one folder."""

    def __init__(self, folder: Path) -> None:
        super().__init__(directory=folder, html=True)

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Answer with the compressed file where there is one and the browser takes it.

        Over plain HTTP from another machine a browser gives neither service worker nor storage:
        the page then explains that, in place of an app that fails.
        """
        if path in (".", "index.html") and not _is_secure(scope):
            return HTMLResponse(_INSECURE, 403)
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


def _is_secure(scope: Scope) -> bool:
    """Whether browsers treat this address as secure: HTTPS, or the machine itself."""
    host = Headers(scope=scope).get("host", "").rsplit(":", 1)[0]
    return scope["scheme"] == "https" or host in ("localhost", "127.0.0.1", "[::1]")


def _takes_gzip(scope: Scope) -> bool:
    return "gzip" in Headers(scope=scope).get("accept-encoding", "")


def _content_type(path: str, response: Response) -> str:
    known = _TYPES.get(Path(path).suffix) or mimetypes.guess_type(path)[0]
    return known or response.headers["content-type"]
