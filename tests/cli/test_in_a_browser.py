"""The served console in a real browser: it appears, it hears keys, it fetches nothing from anywhere else."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from io import BytesIO
from urllib.parse import urlsplit

import pytest
from aiohttp import web
from PIL import Image

from cli.browsing import SERVED, served, until
from cli.chromium import chromium, tab
from fleet.reels import write_words

pytestmark = [
    pytest.mark.skipif(
        chromium() is None,
        reason="NOT PROVEN: no Chromium here (apt-get install chromium), so no browser saw the console",
    ),
    pytest.mark.timeout(120),
]


def browse(script, command=SERVED):
    async def run():
        async with served(command) as site, tab() as page:
            return await script(site, page)

    return asyncio.run(run())


def test_the_console_appears_and_hears_keys_and_nothing_else_is_fetched():
    async def script(site, page):
        await page.open(site.address)
        await until(lambda: "this is the console" in page.received, 40)
        assert "-first-byte" in await page.value_of("document.body.className")
        assert await page.value_of("location.href") == f"{site.origin}/"
        await page.click(300, 300)
        await page.type("k")
        await until(lambda: "key k" in page.received)
        picture = await page.picture()
        return site, page, picture

    site, page, picture = browse(script)
    assert '["stdin","k"]' in page.sent
    # A machine without a graphics card is told so; that is no word on us.
    assert [one for one in page.complaints if "WebGL" not in one] == []
    assert {urlsplit(one).netloc for one in page.requests if not one.startswith("data:")} == {
        site.host
    }
    assert ink(picture) > 50


def test_the_real_console_is_shown_on_a_recording(tmp_path):
    path = tmp_path / "calls.tlrec"
    write_words(path, 30)
    command = (sys.executable, "-P", "-m", "trunkline", "console", f"--replay={path}", "--speed=0")

    async def script(site, page):
        await page.open(site.address)
        await until(lambda: "line a" in page.received, 60)
        return page, await page.picture()

    page, picture = browse(script, command)
    assert "trunkline" in page.received
    assert [one for one in page.complaints if "WebGL" not in one] == []
    assert ink(picture) > 50


def ink(picture):
    """How many bright points there are where the console's first line stands."""
    image = Image.open(BytesIO(picture)).convert("L").crop((0, 0, 400, 20))
    return sum(count for count, colour in image.getcolors() if colour > 150)


def test_the_end_of_the_console_is_shown_and_it_can_be_opened_again():
    async def script(site, page):
        await page.open(site.address)
        await until(lambda: "this is the console" in page.received, 40)
        await page.call("Page.navigate", url="about:blank")
        await until(lambda: not site.browser.children)
        await page.call("Page.navigate", url=site.origin)
        await until(lambda: len(site.browser.children) == 1, 40)
        (child,) = site.browser.children
        await child.stop()
        async with asyncio.timeout(20):
            while "-closed" not in await page.value_of("document.body.className"):
                await asyncio.sleep(0.1)
        return await page.value_of("getComputedStyle(document.querySelector('.closed')).display")

    assert browse(script) == "flex"


@contextlib.asynccontextmanager
async def foreign_page():
    """A page of another origin on this machine: the same site to a browser, so it would send our cookie along."""

    async def page(_request):
        return web.Response(text="<title>foreign</title>", content_type="text/html")

    application = web.Application()
    application.router.add_get("/", page)
    runner = web.AppRunner(application)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        yield f"http://127.0.0.1:{site._server.sockets[0].getsockname()[1]}/"
    finally:
        await runner.cleanup()


def test_a_foreign_page_in_the_same_browser_gets_neither_the_page_nor_a_console():
    async def script(site, page):
        await page.open(site.address)
        await until(lambda: "this is the console" in page.received, 40)
        async with foreign_page() as address:
            await page.call("Page.navigate", url=address)
            await until(lambda: not site.browser.children)
            while await page.value_of("document.title") != "foreign":
                await asyncio.sleep(0.05)
            fetched = await page.value_of(
                f"fetch('{site.origin}/', {{credentials: 'include'}}).then(() => 'read', () => 'refused')"
            )
            joined = await page.value_of(
                f"new Promise(done => {{ const w = new WebSocket('ws://{site.host}/ws');"
                " w.onopen = () => done('open'); w.onerror = () => done('refused'); })"
            )
            framed = await page.value_of(
                "new Promise(done => { const f = document.createElement('iframe');"
                f" f.src = '{site.origin}/'; f.onload = () => done(f.contentDocument === null);"
                " document.body.append(f); })"
            )
        return fetched, joined, framed, len(site.browser.children)

    assert browse(script) == ("refused", "refused", True, 0)
