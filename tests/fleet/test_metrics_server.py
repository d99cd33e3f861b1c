"""The endpoint, as a stranger on this machine meets it."""

from __future__ import annotations

import http.client
import os
import socket

import pytest
from prometheus_client.parser import text_string_to_metric_families

from fleet.hand import BREATH, life, stamped
from telemetry.counting import beat
from trunkline.errors import ConfigError
from trunkline.fleet import exporter as waiting
from trunkline.fleet import metrics_server as module
from trunkline.fleet.metrics_server import MetricsServer
from trunkline.fleet.telemetry import Telemetry
from trunkline.telemetry.exposition import OPENMETRICS, TEXT

TOKEN = "a-token-of-some-length"


@pytest.fixture
def server():
    one = MetricsServer(port=0)
    with Telemetry(one):
        yield one


def get(server: MetricsServer, path: str = "/metrics", *, method: str = "GET", **headers: str):
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    try:
        connection.request(method, path, headers=names)
        answer = connection.getresponse()
        return answer, answer.read()
    finally:
        connection.close()


def said_to(server: MetricsServer, data: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
        connection.sendall(data)
        connection.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: connection.recv(65_536), b""))


def test_prometheus_is_given_what_was_counted(server):
    server.take(stamped(*life("a"), beat(100.5, key="a", sums={"up_bytes": 5})), BREATH)
    answer, body = get(server)
    assert (answer.status, answer.headers["Content-Type"]) == (200, TEXT)
    found = {one.name: one for one in text_string_to_metric_families(body.decode())}
    (sample,) = found["trunkline_network_bytes"].samples
    assert (sample.labels, sample.value) == ({"model": "gpt-x", "direction": "up"}, 5)


def test_it_speaks_the_form_that_is_asked_for(server):
    answer, body = get(server, Accept="application/openmetrics-text;version=1.0.0")
    assert answer.headers["Content-Type"] == OPENMETRICS
    assert body.endswith(b"# EOF\n")
    answer, body = get(server, "/metrics?name=x", method="HEAD")
    assert (answer.status, body) == (200, b"")
    assert int(answer.headers["Content-Length"]) > 1000


@pytest.mark.parametrize(
    ("status", "path", "method", "headers"),
    [
        (421, "/metrics", "GET", {"Host": "evil.example"}),
        (403, "/metrics", "GET", {"Origin": "http://evil.example"}),
        (404, "/", "GET", {}),
        (404, "/metrics/", "GET", {}),
        (404, "/../etc/passwd", "GET", {}),
        (405, "/metrics", "POST", {}),
        (405, "/metrics", "OPTIONS", {}),
        (405, "/metrics", "NONSENSE", {}),
        (421, "/metrics", "POST", {"Host": "evil.example"}),
    ],
)
def test_everything_else_is_refused_without_a_word_of_what_is_here(
    server, status, path, method, headers
):
    answer, body = get(server, path, method=method, **headers)
    assert answer.status == status
    assert b"trunkline_" not in body
    assert len(body) < 100
    for name in ("Content-Security-Policy", "X-Content-Type-Options"):
        assert answer.headers[name]
    assert answer.headers["Access-Control-Allow-Origin"] is None
    assert answer.headers["Server"] == "trunkline"


def test_with_a_token_one_has_to_show_it():
    server = MetricsServer(port=0, token=TOKEN)
    with Telemetry(server):
        answer, _ = get(server)
        assert (answer.status, answer.headers["WWW-Authenticate"]) == (401, "Bearer")
        assert get(server, Authorization="Bearer wrong")[0].status == 401
        assert get(server, Authorization=f"Bearer {TOKEN}")[0].status == 200


@pytest.mark.parametrize(
    "data",
    [b"", b"\r\n\r\n", b"GET\r\n\r\n", b"\x16\x03\x01\x02\x00\x01", b"GET /metrics\r\n\r\n",
     b"GET /metrics HTTP/9.9\r\n\r\n", b"G" * 70_000, b"GET /metrics HTTP/1.1\r\n" + b"a: b\r\n" * 200],
)  # fmt: skip
def test_what_is_no_request_gets_nothing_and_the_next_is_served(server, data):
    assert b"trunkline_" not in said_to(server, data)
    assert get(server)[0].status == 200


def test_more_at_once_than_there_is_room_for_are_turned_away_and_the_room_is_made_again(server):
    idle = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(module._MOST_AT_ONCE)]  # fmt: skip
    # Until the idle ones have been met.
    while status(server):
        pass
    for one in idle:
        one.close()
    while not (found := status(server)):
        pass
    assert found == 200


def status(server: MetricsServer) -> int:
    """0 if it was turned away."""
    try:
        return get(server)[0].status
    except (http.client.HTTPException, ConnectionError):
        return 0


def test_telemetry_that_does_not_answer_is_told_as_such(server, monkeypatch):
    monkeypatch.setattr(waiting, "_PATIENCE_SECONDS", 0.01)
    monkeypatch.setattr(server, "tick", lambda _now: None)
    assert get(server)[0].status == 503


def test_a_port_that_is_taken_is_a_mistake_of_the_setting(server):
    other = MetricsServer(port=server.port)
    with pytest.raises(ConfigError, match=f"port {server.port} cannot be had"):
        other.telemetry.start()


def test_the_port_is_free_again_after_the_end_and_it_may_begin_again():
    server = MetricsServer(port=0)
    with Telemetry(server):
        first = server.port
        assert first != 0
    assert server.port == 0
    assert len(said_to_nobody(first)) > 0
    with Telemetry(server):
        assert get(server)[0].status == 200


def said_to_nobody(port: int) -> str:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=5).close()
    except OSError as error:
        return str(error)
    return ""


def test_it_listens_on_this_machine_alone_and_also_by_ipv6(server):
    assert server._server.server_address[0] == "127.0.0.1"
    if not socket.has_ipv6:
        pytest.skip("no IPv6 here")
    sixth = MetricsServer(port=0, host="::1")
    try:
        sixth.telemetry.start()
    except ConfigError as error:
        pytest.skip(f"no IPv6 loopback here: {error}")
    with socket.create_connection(("::1", sixth.port)) as connection:
        connection.sendall(f"GET /metrics HTTP/1.0\r\nHost: [::1]:{sixth.port}\r\n\r\n".encode())
        assert connection.recv(20).startswith(b"HTTP/1.0 200")
    sixth.close()


def test_what_may_not_be_open_is_not_even_made():
    with pytest.raises(ConfigError, match="say remote"):
        MetricsServer(host="0.0.0.0")
    with pytest.raises(ConfigError, match="need one"):
        MetricsServer(host="0.0.0.0", remote=True)


def test_a_forked_child_goes_on_without_and_keeps_no_port(server, monkeypatch, caplog):
    taken = MetricsServer(port=server.port)
    monkeypatch.setattr(os, "getpid", os.getppid)
    taken.telemetry.start()
    assert "of a forked process are not served" in caplog.text
    taken.close()
