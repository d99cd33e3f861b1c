"""Who is let in, as a real HTTP client asks."""

from __future__ import annotations

import asyncio

import pytest

from cli.browsing import served
from trunkline.cli.browser_guard import Guard


def ask(requests, *, introduced=True):
    """Status, headers and text of each request; one is a path and its headers."""

    async def run():
        answers = []
        async with served() as site, site.visitor(introduced=introduced) as session:
            for path, headers in requests:
                headers = {
                    name: value.format(
                        host=site.host, port=site.port, token=site.browser.guard.token
                    )
                    for name, value in headers.items()
                }
                path = path.format(token=site.browser.guard.token)
                async with session.get(
                    site.origin + path, headers=headers, allow_redirects=False
                ) as answer:
                    answers.append((answer.status, answer.headers, await answer.text()))
            assert not site.browser.children
        return answers

    return asyncio.run(run())


def statuses(requests, **options):
    return [status for status, _, _ in ask(requests, **options)]


UPGRADE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}
EVERYTHING = (
    "/",
    "/ws",
    "/static/js/textual.js",
    "/static/css/xterm.css",
    "/download/x",
    "/nothing",
    "/static/",
)


def test_who_was_introduced_sees_the_page_by_both_names_of_this_machine():
    async def run():
        async with served() as site:
            for host in (site.host, f"localhost:{site.port}"):
                async with site.visitor(introduced=False) as session:
                    asked = {"headers": {"Host": host}, "allow_redirects": False}
                    async with session.get(site.address, **asked) as answer:
                        assert (answer.status, answer.headers["Location"]) == (303, "/")
                        (cookie,) = answer.cookies.values()
                    headers = {"Host": host, "Cookie": f"{cookie.key}={cookie.value}"}
                    async with session.get(site.origin, headers=headers) as answer:
                        assert answer.status == 200
                        assert f'data-session-websocket-url="ws://{host}/ws"' in await answer.text()

    asyncio.run(run())


@pytest.mark.parametrize("path", EVERYTHING)
def test_without_the_token_nothing_is_shown(path):
    assert statuses(
        [(path, {}), (path, UPGRADE | {"Origin": "http://{host}"})], introduced=False
    ) == [403, 403]


@pytest.mark.parametrize("token", ["", "x", "{token}x", "é"])
def test_a_token_that_is_almost_right_is_wrong(token):
    assert statuses([(f"/?token={token}", {})], introduced=False) == [403]


def test_the_token_opens_the_page_and_nothing_else():
    assert statuses(
        [("/ws?token={token}", {}), ("/static/js/textual.js?token={token}", {})], introduced=False
    ) == [
        403,
        403,
    ]


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:{port}",
        "127.0.0.1",
        "localhost:1",
        "[::1]:{port}",
        "127.0.0.1.evil.example:{port}",
        "",
    ],
)
@pytest.mark.parametrize("path", ["/?token={token}", "/", "/ws", "/static/js/textual.js"])
def test_a_name_that_was_rebound_to_this_machine_is_not_served_even_with_the_token(host, path):
    assert statuses(
        [(path, {"Host": host}), (path, UPGRADE | {"Host": host, "Origin": "http://" + host})]
    ) == [421, 421]


@pytest.mark.parametrize(
    "origin",
    ["http://evil.example", "null", "https://127.0.0.1:{port}", "http://127.0.0.1", "http://localhost:1",
     "http://127.0.0.1:{port}.evil.example", "file://", ""],
)  # fmt: skip
@pytest.mark.parametrize("path", ["/?token={token}", "/", "/ws"])
def test_a_foreign_page_is_refused_even_with_the_cookie(origin, path):
    assert statuses([(path, {"Origin": origin}), (path, UPGRADE | {"Origin": origin})]) == [
        403,
        403,
    ]


def test_an_upgrade_that_does_not_say_where_it_comes_from_is_refused():
    assert statuses([("/ws", UPGRADE)]) == [403]


def test_two_hosts_and_two_origins_are_refused_though_one_is_right():
    async def run():
        async with served() as site:
            for doubled in (
                [f"Host: {site.host}", "Host: evil.example"],
                [f"Host: {site.host}", f"Origin: {site.origin}", "Origin: http://evil.example"],
                [],
            ):
                reader, writer = await asyncio.open_connection("127.0.0.1", site.port)
                version = "1.1" if doubled else "1.0"
                writer.write(
                    "\r\n".join(
                        [f"GET /?token={site.browser.guard.token} HTTP/{version}", *doubled, "", ""]
                    ).encode()
                )
                status = (await reader.readline()).split()[1]
                assert status in (b"400", b"403", b"421"), (doubled, status)
                writer.close()

    asyncio.run(run())


def test_every_answer_forbids_the_browser_what_it_can():
    requests = [
        ("/", {}),
        ("/static/js/textual.js", {}),
        ("/nothing", {}),
        ("/", {"Host": "evil.example"}),
        ("/ws", {}),
    ]
    for status, headers, _ in [*ask(requests), *ask([("/?token={token}", {})], introduced=False)]:
        policy = headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy, status
        assert "frame-ancestors 'none'" in policy
        assert "script-src 'self';" in policy
        assert "unsafe-eval" not in policy
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["X-Frame-Options"] == "DENY"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert headers["Cache-Control"] == "no-store"
        assert "aiohttp" not in headers["Server"]


def test_the_cookie_is_for_no_script_and_no_other_site_and_does_not_hold_the_token():
    async def run():
        async with served() as site, site.visitor(introduced=False) as session:
            async with session.get(site.address, allow_redirects=False) as answer:
                cookie = answer.headers["Set-Cookie"]
            assert {"HttpOnly", "SameSite=Strict", "Path=/"} <= set(cookie.split("; "))
            assert site.browser.guard.token not in cookie

    asyncio.run(run())


def test_each_run_has_a_token_of_its_own_that_nobody_guesses():
    tokens = {Guard(8000).token for _ in range(100)}
    assert len(tokens) == 100
    assert all(len(token) >= 43 for token in tokens)


def test_what_is_refused_says_nothing_of_what_there_is():
    for path in EVERYTHING:
        ((status, _, text),) = ask([(path, {})], introduced=False)
        assert (status, text) == (
            403,
            "Not allowed. Open the address that `trunkline console --serve` printed.",
        )
