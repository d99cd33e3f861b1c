"""The README's moving picture, and the script that draws it."""

from __future__ import annotations

import importlib.util
import re
import shutil
import sys
from pathlib import Path

import pytest
from PIL import Image
from textual.app import App
from textual.widgets import Static

ROOT = Path(__file__).parents[1]
PICTURE = ROOT / "docs/demo.gif"


@pytest.fixture(scope="module")
def script():
    spec = importlib.util.spec_from_file_location("draw_demo", ROOT / "docs/draw_demo.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # a dataclass looks its own module up
    spec.loader.exec_module(module)
    return module


class Small(App):
    def compose(self):
        yield Static("[bold red]a  b[/]")


async def _screenshot():
    app = Small()
    async with app.run_test(size=(40, 5)):
        return app.export_screenshot()


@pytest.fixture(scope="module")
def screenshot():
    import asyncio

    return asyncio.run(_screenshot())


def test_the_readme_opens_with_it_and_it_is_small_enough_to_load():
    opening = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()[:10]
    assert any("](docs/demo.gif)" in line for line in opening)
    assert PICTURE.stat().st_size <= 500_000
    with Image.open(PICTURE) as picture:
        assert picture.n_frames >= 20
        assert picture.size[0] == 960


def test_a_frame_fetches_no_font_and_keeps_its_blanks(script, screenshot, tmp_path):
    if shutil.which("rsvg-convert") is None:
        pytest.skip(
            "NOT PROVEN: no rsvg-convert here (apt-get install librsvg2-bin), so no frame was drawn"
        )
    image = script.convert(screenshot, tmp_path / "one")
    drawn = (tmp_path / "one.svg").read_text()
    assert image.size[0] == script.WIDTH_PIXELS
    assert "@font-face" not in drawn
    told = re.sub(r"<!--.*?-->", "", drawn, flags=re.DOTALL)
    assert not re.search(r"https?://(?!www\.w3\.org/)", told)
    assert 'xml:space="preserve"' in drawn


def test_the_palette_has_every_colour_of_the_screens(script, screenshot):
    palette = script.palette_of([script.Frame(0.0, screenshot)]).getpalette()
    entries = {tuple(palette[at : at + 3]) for at in range(0, len(palette), 3)}
    for colour in set(re.findall(r"#[0-9a-f]{6}", screenshot)):
        assert tuple(bytes.fromhex(colour[1:])) in entries
