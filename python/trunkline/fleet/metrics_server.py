"""Metrics over HTTP, for Prometheus: `GET /metrics` on this machine, from threads that no line waits for."""

from __future__ import annotations

import contextlib
import logging
import selectors
import socket
import socketserver
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

from trunkline.errors import ConfigError
from trunkline.fleet.exporter import Exporter
from trunkline.fleet.metrics_guard import HEADERS, MetricsGuard
from trunkline.telemetry.exposition import exposition, negotiated

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from trunkline.fleet.worker import Worker

__all__ = ["PORT", "MetricsServer"]

PORT = 9464
"""Where OpenTelemetry's exporters for Prometheus listen, if nobody says otherwise."""

# Prometheus has one connection; who opens more than these is no reader.
_MOST_AT_ONCE = 8
_SLOWEST_SECONDS = 5.0
_PATH = "/metrics"
_WORDS = {
    401: "A token is needed: Authorization: Bearer TOKEN",
    403: "Not for pages of browsers.",
    404: f"Metrics are at {_PATH}.",
    405: "Metrics are read by GET.",
    421: "This host is not served here.",
    503: "Telemetry does not answer.",
}
_log = logging.getLogger("trunkline")


class MetricsServer(Exporter):
    """Serves the metrics of all lines to Prometheus: `connect(telemetry=MetricsServer(port=9464))`.

    On loopback, or with `remote` and a token on any address; 0 is a free port, which `port` says once it has begun. A
    request must call it by one of its own names (`hosts` adds some of a remote one), come from no page of a browser,
    and show the token, if there is one, as `Authorization: Bearer`. `measure` and `names` are those of `Exporter`.
    Raises ConfigError for what may not be open, and from `start` if the port cannot be had.
    """

    def __init__(
        self,
        *,
        port: int = PORT,
        host: str = "127.0.0.1",
        token: str | None = None,
        remote: bool = False,
        hosts: Collection[str] = (),
        measure: bool = True,
        names: bool = False,
    ) -> None:
        super().__init__(measure=measure, names=names)
        self._guard = MetricsGuard(host, token=token, remote=remote, hosts=hosts)
        self._place = (host, port)
        self._server: _Server | None = None

    @property
    def port(self) -> int:
        """Where it listens, or would."""
        return self._place[1] if self._server is None else int(self._server.server_address[1])

    def start(self, worker: Worker) -> None:
        """Opens the port. Raises ConfigError if it cannot be had; a forked child goes on without."""
        super().start(worker)
        if self.is_forked and self._server is not None:
            # The parent's socket: if it stayed open here, the port would outlive the parent.
            self._server.socket.close()
        try:
            self._server = _Server(self._place, self._answer)
        except OSError as error:
            self._server = None
            words = f"port {self._place[1]} cannot be had: {error.strerror or error}"
            if not self.is_forked:
                raise ConfigError("port", words) from None
            _log.warning("metrics of a forked process are not served: %s", words)
            return
        worker.listen(self._server.socket, selectors.EVENT_READ, self._accept)

    def stop(self) -> None:
        """Closes the port."""
        if self._server is not None and self._worker is not None:
            self._worker.listen(self._server.socket, 0, self._accept)
            self._server.server_close()
            self._server = None
        super().stop()

    def _accept(self, _events: int) -> None:
        """Somebody comes: in telemetry's thread, which goes on while a thread of its own takes care of them."""
        if self._server is not None:
            self._server.handle_request()

    def _answer(self, request: _Request) -> None:
        """One request, in a thread of its own."""
        status = self._guard.refusal(request.headers, self.port)
        if status is None and request.command not in ("GET", "HEAD"):
            status = 405
        if status is None and request.path.partition("?")[0] != _PATH:
            status = 404
        if status is not None:
            request.refuse(status)
            return
        try:
            reading = self.reading()
        except TimeoutError:
            request.refuse(503)
            return
        content_type = negotiated(request.headers.get("Accept", ""))
        request.answer(200, content_type, exposition(reading, content_type))


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    timeout = 0.0

    def __init__(self, place: tuple[str, int], answer: Callable[[_Request], None]) -> None:
        self.address_family = socket.AF_INET6 if ":" in place[0] else socket.AF_INET
        self.answer_to = answer
        self._room = threading.BoundedSemaphore(_MOST_AT_ONCE)
        super().__init__(place, _Request)

    def server_bind(self) -> None:
        """Without the name of the host, which a resolver may take seconds to say."""
        socketserver.TCPServer.server_bind(self)

    def verify_request(self, request: Any, client_address: Any) -> bool:  # noqa: ARG002 - the base's signature
        """Whether there is room for another."""
        return self._room.acquire(blocking=False)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Makes room again."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._room.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A reader went away in the middle; that is all."""


class _Request(BaseHTTPRequestHandler):
    timeout = _SLOWEST_SECONDS
    server: _Server

    def version_string(self) -> str:
        return "trunkline"

    def handle_one_request(self) -> None:
        with contextlib.suppress(OSError):
            super().handle_one_request()

    def __getattr__(self, name: str) -> Any:
        if name.startswith("do_"):
            # Whatever the method is: it is refused by the same rules.
            return self._serve
        raise AttributeError(name)

    def _serve(self) -> None:
        self.server.answer_to(self)

    def refuse(self, status: int) -> None:
        """A status and its words."""
        self.answer(status, "text/plain; charset=utf-8", f"{_WORDS[status]}\n".encode())

    def answer(self, status: int, content_type: str, body: bytes) -> None:
        """A whole answer; the connection ends with it."""
        self.send_response(status)
        for name, value in HEADERS.items():
            self.send_header(name, value)
        if status == 401:
            self.send_header("WWW-Authenticate", "Bearer")
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:  # noqa: ARG002
        """What is no request is answered without its own words."""
        self.answer(code, "text/plain; charset=utf-8", b"Not understood.\n")

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base's signature
        """A scrape is no news."""
