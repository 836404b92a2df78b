"""Who calls: the bearer token of a request."""

from starlette.requests import Request

from shared.errors import refused


def bearer(request: Request) -> str:
    """Return the bearer token, or refuse."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise refused("sign_in")
    return token
