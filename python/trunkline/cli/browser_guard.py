"""Who may speak to the console's web server, and what its answers forbid a browser.

Problem: any page in the same browser can reach a port of this machine, by its address or by a name of its own that it
points here later (rebinding), and a websocket is bound by no policy but the server's. So three things are asked of
every request, the upgrade included: the Host is one of ours (a rebound name is not), the Origin, where there is one, is
our own page, and the visitor has been shown the token of this run. The token comes once in the address that the command
prints; from then on a cookie stands for it that no script can read and no other site can send.
"""

from __future__ import annotations

import hmac
import secrets
from typing import TYPE_CHECKING

from aiohttp import web

if TYPE_CHECKING:
    from aiohttp.typedefs import Handler, Middleware

__all__ = ["Guard"]

_WORDS = {
    421: "This host is not served here.",
    403: "Not allowed. Open the address that `trunkline console --serve` printed.",
}


class Guard:
    """The token of one run, the port it is for, and what is asked of a request."""

    def __init__(self, port: int) -> None:
        self.token = secrets.token_urlsafe(32)
        self._pass = secrets.token_urlsafe(32)
        self._cookie = f"trunkline_{port}"
        self._hosts = frozenset({f"127.0.0.1:{port}", f"localhost:{port}"})
        self._origins = frozenset(f"http://{host}" for host in self._hosts)
        self._headers = _headers(self._hosts)

    @property
    def middleware(self) -> Middleware:
        """For an application: refuses, and puts the headers on every answer, its own refusals included."""

        @web.middleware
        async def guarded(request: web.Request, handler: Handler) -> web.StreamResponse:
            refusal = self._refusal(request)
            if refusal is not None:
                return self.marked(web.Response(status=refusal, text=_WORDS[refusal]))
            if self._is_introduction(request):
                return self.marked(self._introduced())
            try:
                return await handler(request)
            except web.HTTPException as error:
                return self.marked(web.Response(status=error.status, text=error.reason))

        return guarded

    async def mark(self, _request: web.Request, response: web.StreamResponse) -> None:
        """For `on_response_prepare`: the headers on what is streamed and upgraded, too."""
        self.marked(response)

    def marked(self, response: web.StreamResponse) -> web.StreamResponse:
        """The answer with the headers that every answer has."""
        response.headers.update(self._headers)
        return response

    def _refusal(self, request: web.Request) -> int | None:
        """The status it is refused with; the order is that of what a stranger may learn: nothing."""
        if request.headers.getall("Host", []) not in [[host] for host in self._hosts]:
            return 421
        origins = request.headers.getall("Origin", [])
        if any(origin not in self._origins for origin in origins):
            return 403
        if "Upgrade" in request.headers and not origins:
            # A browser always says where an upgrade comes from; what does not has no business here.
            return 403
        return None if self._knows(request) or self._is_introduction(request) else 403

    def _knows(self, request: web.Request) -> bool:
        return _same(request.cookies.get(self._cookie, ""), self._pass)

    def _is_introduction(self, request: web.Request) -> bool:
        return request.path == "/" and _same(request.query.get("token", ""), self.token)

    def _introduced(self) -> web.Response:
        """Sends the visitor on without the token in the address, where a history or a screenshot would keep it."""
        response = web.Response(status=303, headers={"Location": "/"})
        response.set_cookie(self._cookie, self._pass, httponly=True, samesite="Strict", path="/")
        return response


def _same(given: str, expected: str) -> bool:
    return hmac.compare_digest(given.encode(), expected.encode())


def _headers(hosts: frozenset[str]) -> dict[str, str]:
    """What a browser is forbidden: everything but our own files and our own websocket."""
    sockets = " ".join(f"ws://{host}" for host in sorted(hosts))
    policy = (
        # The terminal in the page sizes itself by style elements that it makes.
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; font-src 'self'; "
        f"img-src 'self' data:; connect-src 'self' {sockets}; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    )
    return {
        "Content-Security-Policy": policy,
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
        "Cache-Control": "no-store",
        "Server": "trunkline",
    }
