"""Who may speak to a server on this machine at all; the upgrade included."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from aiohttp import web

from trunkline.simulator.refusals import Refusal

if TYPE_CHECKING:
    from aiohttp.typedefs import Handler

__all__ = ["LOOPBACK_NAMES", "api_error", "guard", "is_loopback_host", "is_loopback_origin"]

LOOPBACK_NAMES = frozenset({"127.0.0.1", "::1", "localhost"})


def is_loopback_host(host: str) -> bool:
    """Whether a Host header names this machine; else a name was rebound."""
    try:
        return urlsplit(f"//{host}").hostname in LOOPBACK_NAMES
    except ValueError:
        return False


def is_loopback_origin(origin: str) -> bool:
    """Whether an Origin header is a page of this machine."""
    try:
        return urlsplit(origin).hostname in LOOPBACK_NAMES
    except ValueError:
        return False


def api_error(refusal: Refusal, *, status: int) -> web.Response:
    """A refusal in the body that the API's HTTP calls use."""
    refused = refusal.body()
    body = {key: refused[key] for key in ("message", "type", "param", "code")}
    return web.json_response({"error": body}, status=status)


@web.middleware
async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse a foreign Host with 421 and a foreign Origin with 403."""
    if not is_loopback_host(request.headers.get("Host", "")):
        return api_error(Refusal("This host is not served here.", code="bad_host"), status=421)
    origin = request.headers.get("Origin")
    if origin is not None and not is_loopback_origin(origin):
        return api_error(Refusal("This origin is not allowed.", code="bad_origin"), status=403)
    try:
        return await handler(request)
    except web.HTTPException as error:
        if error.status < 400:
            raise
        return _in_shape(request, error)


def _in_shape(request: web.Request, error: web.HTTPException) -> web.Response:
    """The framework's own refusals in the API's body: an unknown path, method or upgrade."""
    what = f"{request.method} {request.path}"
    if error.status == 404:
        refusal = Refusal(f"Invalid URL ({what})", code=None)
    elif error.status == 405:
        refusal = Refusal(f"Not allowed to {request.method} on {request.path}.", code=None)
    else:
        refusal = Refusal(f"{error.reason} ({what}): {error.text}", code=None)
    return api_error(refusal, status=error.status)
