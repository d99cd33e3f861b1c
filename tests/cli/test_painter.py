"""Drawings as PNG files."""

from __future__ import annotations

import sys
from io import BytesIO

import click
import pytest
from PIL import Image

from telemetry.storytelling import story
from trunkline.cli.painter import png
from trunkline.telemetry.charts import fleet_timeline, line_timeline, round_trips
from trunkline.telemetry.page_style import LIGHT
from trunkline.telemetry.picture import Bars, Box, Curve, Picture, Sign, Words


def opened(picture):
    return Image.open(BytesIO(png(picture))).convert("RGB")


def colours(image):
    return {
        "#{:02x}{:02x}{:02x}".format(*colour) for _, colour in image.getcolors(maxcolors=1 << 20)
    }


def one(*shapes):
    return Picture(width=100, height=50, label="", shapes=shapes)


def test_it_is_twice_the_size_of_the_drawing_and_its_margin():
    assert opened(one()).size == (248, 148)
    assert colours(opened(one())) == {LIGHT["paper"]}


@pytest.mark.parametrize(
    "shape",
    [
        Box(x=10, y=10, width=20, height=20, tone="bad"),
        Bars(y=40, bars=((10, 5, 20), (20, 5, 10)), tone="bad"),
        Curve(points=((0, 0), (50, 50)), tone="bad"),
        Curve(points=((0, 10), (50, 10)), tone="bad", dashed=True),
        Words(x=50, y=30, text="14:05", tone="bad", anchor="middle"),
        Sign(x=50, y=25, kind="triangle", tone="bad"),
        Sign(x=50, y=25, kind="cross", tone="bad"),
    ],
    ids=lambda shape: type(shape).__name__,
)
def test_each_shape_leaves_its_colour(shape):
    assert LIGHT["bad"] in colours(opened(one(shape)))


def test_a_box_lies_where_it_says():
    image = opened(one(Box(x=10, y=10, width=20, height=20, tone="ok")))
    assert image.getpixel((2 * (12 + 15), 2 * (12 + 15))) != (255, 255, 255)
    assert image.getpixel((2 * (12 + 5), 2 * (12 + 15))) == (255, 255, 255)


def test_a_dashed_line_has_holes_and_ends_where_it_should():
    image = opened(one(Curve(points=((0, 10), (50, 10)), tone="bad", dashed=True)))
    pixels = [image.getpixel((x, 44)) for x in range(24, 124)]
    assert len(set(pixels)) == 2
    assert image.getpixel((130, 44)) == (255, 255, 255)


def test_whole_recordings_are_drawn_with_all_their_tones():
    lines = story("a", "b")
    assert {LIGHT["ok"], LIGHT["bad"]} <= colours(opened(fleet_timeline(lines)))
    assert {LIGHT["user"], LIGHT["model"]} <= colours(opened(line_timeline(lines[0])))
    assert LIGHT["accent"] in colours(opened(round_trips(lines[0])))


def test_without_the_extra_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "PIL", None)
    with pytest.raises(click.UsageError, match=r"trunkline\[report\]"):
        png(one())
