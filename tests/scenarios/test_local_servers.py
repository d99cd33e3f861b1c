"""Every door that we open on this machine, and who is let in: one table, in which a new server has to be.

A page of any browser here reaches every port of this machine, by its address or by a name of its own that it points
here later; other users reach every port and every file that is not closed to them.
"""

from __future__ import annotations

import ast
import asyncio
import contextlib
import errno
import os
import socket
import stat
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

import trunkline
from cli.browsing import served
from fleet.places import runtime_directory
from gauntlet.dialing import arena
from trunkline.errors import ConfigError
from trunkline.fleet.telemetry import Telemetry
from trunkline.simulator.server import SimulatorServer

PACKAGE = Path(__file__).parents[2] / "python" / "trunkline"
TOKEN = "a-token-of-some-length"


@dataclass(frozen=True)
class Door:
    """A port, a request that is let in, and what a stranger gets."""

    port: int
    path: str
    headers: dict[str, str] = field(default_factory=dict)
    """What shows that one may come in; a page of ours has its Origin here, too."""
    upgrade: str | None = None
    """The path of a websocket, if it has one."""
    uninvited: tuple[int, ...] = (401, 403)
    """What it says to who shows nothing."""
    allows_origin: bool = True
    """Whether a page of its own may ask at all."""


@contextlib.asynccontextmanager
async def _simulator() -> AsyncIterator[Door]:
    async with SimulatorServer() as server:
        key = {"Authorization": "Bearer sk-test-door"}
        yield Door(server.port, "/simulator/sessions", key, upgrade="/v1/realtime?model=sim")


@contextlib.asynccontextmanager
async def _gauntlet() -> AsyncIterator[Door]:
    async with arena() as server:
        # The API has no request that is refused before the upgrade; nothing else is there.
        yield Door(
            server.port,
            "/v1/nothing",
            {},
            upgrade="/v1/realtime?model=gpt-realtime",
            uninvited=(404,),
        )


@contextlib.asynccontextmanager
async def _metrics() -> AsyncIterator[Door]:
    server = trunkline.MetricsServer(port=0, token=TOKEN)
    with Telemetry(server):
        token = {"Authorization": f"Bearer {TOKEN}"}
        yield Door(server.port, "/metrics", token, allows_origin=False)


@contextlib.asynccontextmanager
async def _browser() -> AsyncIterator[Door]:
    async with served() as site, site.visitor() as visitor:
        cookie = "; ".join(f"{one.key}={one.value}" for one in visitor.cookie_jar)
        yield Door(site.port, "/", {"Cookie": cookie, "Origin": site.origin}, upgrade="/ws")


SERVERS: dict[str, Callable[[], contextlib.AbstractAsyncContextManager[Door]]] = {
    "simulator/server.py": _simulator,
    "gauntlet/arena.py": _gauntlet,
    "fleet/metrics_server.py": _metrics,
    "cli/browser.py": _browser,
}
SOCKETS = {"fleet/runtime.py"}
"""Those that listen on a unix socket; they have tests of their own below."""
_LISTENING = {
    "TCPSite", "SockSite", "UnixSite", "NamedPipeSite", "start_server", "start_unix_server", "create_server",
    "create_unix_server", "bind", "HTTPServer", "ThreadingHTTPServer", "TCPServer", "run_app",
}  # fmt: skip


def _opens_a_door(path: Path) -> bool:
    """Whether a source calls, or inherits from, what makes a process reachable."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        named = [node.func] if isinstance(node, ast.Call) else []
        if isinstance(node, ast.ClassDef):
            named = node.bases
        if {getattr(one, "attr", getattr(one, "id", "")) for one in named} & _LISTENING:
            return True
    return False


def test_every_server_that_there_is_stands_in_the_table():
    found = {
        str(path.relative_to(PACKAGE)) for path in PACKAGE.rglob("*.py") if _opens_a_door(path)
    }
    assert found == SERVERS.keys() | SOCKETS


# What is asked, byte for byte: a client would tidy it.


async def _ask(door: Door, path: str, *lines: str) -> tuple[int, str]:
    reader, writer = await asyncio.open_connection("127.0.0.1", door.port)
    writer.write("\r\n".join([f"GET {path} HTTP/1.1", *lines, "", ""]).encode())
    head = (await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 10)).decode("latin-1")
    writer.close()
    return int(head.split(" ")[1]), head


def _lines(door: Door, *, drop: tuple[str, ...] = (), **changed: str) -> list[str]:
    headers = {"Host": f"127.0.0.1:{door.port}"} | door.headers
    headers |= {name.replace("_", "-"): value for name, value in changed.items()}
    return [f"{name}: {value}" for name, value in headers.items() if name not in drop]


_UPGRADE = (
    "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
)  # fmt: skip


def _at(name: str, script):
    async def run():
        async with SERVERS[name]() as door:
            return await script(door)

    return asyncio.run(asyncio.wait_for(run(), 30))


@pytest.fixture(params=SERVERS)
def name(request: pytest.FixtureRequest) -> str:
    return request.param


def test_who_shows_what_is_asked_for_is_let_in(name: str):
    async def script(door: Door) -> None:
        status, _ = await _ask(door, door.path, *_lines(door))
        assert status == (404 if door.uninvited == (404,) else 200)
        if door.upgrade is not None:
            status, _ = await _ask(door, door.upgrade, *_lines(door), *_UPGRADE)
            assert status == 101

    _at(name, script)


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "127.0.0.1.evil.example",
        "localhost.evil.example",
        "127.0.0.1@evil.example",
        "0.0.0.0",
        "",
    ],
)
def test_a_name_that_was_pointed_here_is_not_served(name: str, host: str):
    async def script(door: Door) -> None:
        for path, more in _ways_in(door):
            status, head = await _ask(door, path, *_lines(door, Host=host), *more)
            assert status in (400, 421), head

    _at(name, script)


def test_no_name_and_two_names_are_not_served(name: str):
    async def script(door: Door) -> None:
        for path, more in _ways_in(door):
            status, head = await _ask(door, path, *_lines(door, drop=("Host",)), *more)
            assert status in (400, 421), head
            status, head = await _ask(door, path, "Host: evil.example", *_lines(door), *more)
            assert status in (400, 421), head

    _at(name, script)


@pytest.mark.parametrize(
    "origin",
    [
        "http://evil.example",
        "null",
        "https://127.0.0.1.evil.example",
        "file://",
        "http://localhost.evil.example",
    ],
)
def test_a_page_of_somebody_else_is_refused_whatever_it_shows(name: str, origin: str):
    async def script(door: Door) -> None:
        for path, more in _ways_in(door):
            status, head = await _ask(door, path, *_lines(door, Origin=origin), *more)
            assert status == 403, head

    _at(name, script)


def _ways_in(door: Door) -> list[tuple[str, tuple[str, ...]]]:
    return [(door.path, ())] + ([] if door.upgrade is None else [(door.upgrade, _UPGRADE)])


def test_who_shows_nothing_is_refused(name: str):
    async def script(door: Door) -> None:
        drop = ("Authorization", "Cookie")
        status, head = await _ask(door, door.path, *_lines(door, drop=drop))
        assert status in door.uninvited, head

    _at(name, script)


def test_no_answer_lets_a_foreign_page_read_it(name: str):
    async def script(door: Door) -> None:
        for lines in (_lines(door), _lines(door, Origin="http://evil.example")):
            _, head = await _ask(door, door.path, *lines)
            assert "access-control-allow-origin" not in head.lower()

    _at(name, script)


def test_only_this_machine_is_listened_to_and_nobody_shares_the_port(name: str):
    async def script(door: Door) -> None:
        assert _listening_at(door.port) == ["0100007F"]
        with socket.socket() as other:
            other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            with pytest.raises(OSError, match=os.strerror(errno.EADDRINUSE)):
                other.bind(("127.0.0.1", door.port))

    _at(name, script)


def _listening_at(port: int) -> list[str]:
    """The addresses at which the kernel says that somebody listens on the port."""
    found = []
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        for line in Path(table).read_text().splitlines()[1:]:
            address, at = line.split()[1].split(":")
            if int(at, 16) == port and line.split()[3] == "0A":
                found.append(address)
    return found


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "example.com"])
@pytest.mark.parametrize("make", [SimulatorServer, trunkline.MetricsServer])
def test_another_address_than_this_machines_is_refused(make, host: str):
    with pytest.raises(ConfigError, match="host"):
        make(host=host)


# Unix sockets.


def _published(script) -> None:
    with runtime_directory() as place:
        publisher = trunkline.Publisher(directory=place / "here")
        with Telemetry(publisher):
            assert publisher.path is not None
            script(publisher.path)


def test_a_socket_and_its_directory_are_this_users_alone():
    def script(path: Path) -> None:
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
        assert path.parent.stat().st_uid == os.geteuid()

    _published(script)


def test_another_user_does_not_get_in():
    if os.geteuid() != 0:
        pytest.skip("NOT PROVEN: only root can try it as another user")

    def script(path: Path) -> None:
        # Not even by a path that he may walk.
        path.parent.parent.chmod(0o755)
        with socket.socket(socket.AF_UNIX) as stranger:
            os.seteuid(65_534)
            try:
                with pytest.raises(PermissionError):
                    stranger.connect(os.fspath(path))
            finally:
                os.seteuid(0)

    _published(script)


def test_what_a_browser_can_send_to_a_socket_is_no_request():
    def script(path: Path) -> None:
        with socket.socket(socket.AF_UNIX) as stranger:
            stranger.settimeout(10)
            stranger.connect(os.fspath(path))
            stranger.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n" + b"x" * 4096)
            while stranger.recv(65_536):
                pass

    _published(script)
