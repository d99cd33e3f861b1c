"""The console's web server: the page, its files, and consoles that come and go with their websockets."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import aiohttp
import pytest

from cli.browsing import SERVED, is_alive, screen_until, served, until
from trunkline.cli import browser as module
from trunkline.cli.browser import MOST_CONSOLES

# What names a namespace, a licence or a library's home, and is never fetched.
UNFETCHED = re.compile(
    r"http://www\.w3\.org/\d{4}/[\w/#-]+|https://github\.com/chjj/term\.js|http://bellard\.org/jslinux/?"
)
ADDRESS = re.compile(r"(?:https?:)?//(?=[a-z0-9-]+\.[a-z])[\w./#-]+", re.IGNORECASE)


def run(script, command=SERVED):
    async def perform():
        async with served(command) as site, site.visitor() as session:
            return await script(site, session)

    return asyncio.run(perform())


def test_the_page_and_all_that_it_loads_come_from_here():
    async def script(site, session):
        async with session.get(site.origin) as answer:
            text = await answer.text()
        found = {"/": text}
        for path in set(re.findall(r'(?:href|src)="(/[^"]+)"|url\("(/[^"]+)"\)', text)):
            path = "".join(path)
            async with session.get(site.origin + path) as answer:
                assert answer.status == 200, path
                found[path] = (await answer.read()).decode("utf-8", "replace")
        return found

    found = run(script)
    assert {"/static/js/textual.js", "/static/css/xterm.css"} < set(found)
    assert not ADDRESS.search(found["/"].replace(re.search(r"ws://[\d.:]+/ws", found["/"])[0], ""))
    assert "<title>a &amp; &lt;b&gt;</title>" in found["/"]


def test_no_file_that_is_served_names_an_address_to_fetch():
    async def script(site, session):
        texts = {}
        for path in module._static_files():
            async with session.get(site.origin + path) as answer:
                assert answer.status == 200
                assert answer.headers["Content-Type"].split(";")[0] in module._TYPES.values()
                texts[path] = (await answer.read()).decode("latin-1")
        return texts

    texts = run(script)
    assert len(texts) >= 4
    for path, text in texts.items():
        if not path.endswith(".ttf"):
            assert not ADDRESS.findall(UNFETCHED.sub("", text)), path


@pytest.mark.parametrize(
    "path",
    ["/static", "/static/", "/static/js", "/static/js/", "/static/../browser.py", "/static/%2e%2e/server.py",
     "/static/js/..%2f..%2fserver.py", "/static//etc/passwd", "/templates/app_index.html"],
)  # fmt: skip
def test_there_is_no_listing_and_no_way_out_of_the_files(path):
    async def script(site, session):
        # By hand: a client would tidy the path before it asks.
        cookie = "; ".join(f"{one.key}={one.value}" for one in session.cookie_jar)
        reader, writer = await asyncio.open_connection("127.0.0.1", site.port)
        writer.write(
            f"GET {path} HTTP/1.1\r\nHost: {site.host}\r\nCookie: {cookie}\r\n\r\n".encode()
        )
        status = (await reader.readline()).split()[1]
        writer.close()
        return status

    assert run(script) == b"404"


def test_only_looking_is_a_method_here():
    async def script(site, session):
        found = set()
        for method in ("POST", "PUT", "DELETE", "OPTIONS"):
            async with session.request(method, site.origin) as answer:
                found.add(answer.status)
        return found

    assert run(script) == {405}


def test_a_websocket_brings_a_console_and_takes_it_away():
    async def script(site, session):
        async with site.console(session, query="?width=77&height=22") as websocket:
            await screen_until(websocket, "77x22")
            (child,) = site.browser.children
            pid = child.pid
            await websocket.send_json(["stdin", "k"])
            await screen_until(websocket, "key k")
            await websocket.send_json(["ping", "1"])
        await until(lambda: not site.browser.children)
        assert not is_alive(pid)

    run(script)


def test_a_connection_that_breaks_off_ends_its_console_too():
    async def script(site, session):
        async with site.console(session) as websocket:
            await screen_until(websocket, "this is the console")
            (child,) = site.browser.children
            pid = child.pid
            websocket._response.connection.transport.abort()
            await until(lambda: not site.browser.children)
            assert not is_alive(pid)

    run(script)


@pytest.mark.parametrize(
    "message",
    ["", "{", "[]", '["run", "rm"]', '["resize", 5]', '["stdin", 5]', '["resize", {}]', "5"],
)
def test_what_no_page_says_ends_the_visit(message):
    async def script(site, session):
        async with site.console(session) as websocket:
            await websocket.send_str(message)
            async with asyncio.timeout(15):
                async for _ in websocket:
                    pass
            assert websocket.closed
        await until(lambda: not site.browser.children)

    run(script)


def test_a_message_that_is_too_long_and_one_of_bytes_end_the_visit():
    async def script(site, session):
        for send in (
            lambda websocket: websocket.send_str("[" + " " * 70_000 + "]"),
            lambda websocket: websocket.send_bytes(b"x"),
        ):
            async with site.console(session) as websocket:
                await send(websocket)
                async with asyncio.timeout(15):
                    async for _ in websocket:
                        pass
            await until(lambda: not site.browser.children)

    run(script)


def test_only_so_many_consoles_are_open_at_once():
    async def script(site, session):
        async with asyncio.TaskGroup() as group:
            leave = asyncio.Event()

            async def visit():
                async with site.console(session) as websocket:
                    await screen_until(websocket, "this is the console")
                    await leave.wait()

            for _ in range(MOST_CONSOLES):
                group.create_task(visit())
            await until(lambda: len(site.browser.children) == MOST_CONSOLES, 30)
            with pytest.raises(aiohttp.WSServerHandshakeError, match="503"):
                async with site.console(session):
                    pass
            leave.set()
        await until(lambda: not site.browser.children)
        async with site.console(session) as websocket:
            await screen_until(websocket, "this is the console")

    run(script)


def test_the_end_of_the_server_is_the_end_of_its_consoles():
    async def perform():
        async with served() as site, site.visitor() as session:
            websocket = await session.ws_connect(
                f"{site.origin}/ws", headers={"Origin": site.origin}
            )
            await screen_until(websocket, "this is the console")
            (child,) = site.browser.children
            return child.pid

    assert not is_alive(asyncio.run(perform()))


def test_a_download_that_nobody_offered_is_not_found():
    async def script(site, session):
        async with session.get(f"{site.origin}/download/guess") as answer:
            return answer.status

    assert run(script) == 404


SERVE = """
import sys
from trunkline.cli.browser import serve
serve(sys.argv[1:], port=0, title="x", tell=lambda address: print(address, flush=True))
"""


@pytest.mark.parametrize("signal_number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_the_command_binds_the_loopback_alone_and_leaves_nothing_behind(signal_number):
    """Even killed outright: the pipe of a console ends with the server, and so does the console."""
    process = subprocess.Popen(
        [sys.executable, "-c", SERVE, *SERVED],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    address = process.stdout.readline().strip()

    async def visit():
        origin = address.partition("/?")[0]
        jar = aiohttp.CookieJar(unsafe=True)
        async with aiohttp.ClientSession(cookie_jar=jar) as session:
            async with session.get(address) as answer:
                assert answer.status == 200
            websocket = await session.ws_connect(f"{origin}/ws", headers={"Origin": origin})
            await screen_until(websocket, "this is the console")
            (child,) = children_of(process.pid)
            assert listening_addresses(int(origin.rpartition(":")[2])) == {"0100007F"}
            os.kill(process.pid, signal_number)
            await until(lambda: not is_alive(child), 20)
            await websocket.close()

    try:
        asyncio.run(visit())
    finally:
        process.kill()
        process.communicate(timeout=20)


def children_of(pid):
    return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def listening_addresses(port):
    """The local addresses, in the kernel's hexadecimal, that listen on the port."""
    rows = (
        Path("/proc/net/tcp").read_text().splitlines()[1:]
        + Path("/proc/net/tcp6").read_text().splitlines()[1:]
    )
    parts = [row.split() for row in rows]
    return {
        part[1].partition(":")[0]
        for part in parts
        if part[3] == "0A" and int(part[1].partition(":")[2], 16) == port
    }
