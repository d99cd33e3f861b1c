"""Shapes as an inline SVG."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest

from trunkline.telemetry.page_style import DARK, LIGHT, STYLE
from trunkline.telemetry.picture import (
    SIGN_POINTS,
    TONES,
    Bars,
    Box,
    Curve,
    Picture,
    Sign,
    Words,
    svg,
)


def drawn(*shapes, label="what it shows"):
    return svg(Picture(width=100, height=50, label=label, shapes=shapes))


def test_each_shape_is_one_element_and_its_tone_a_class():
    tree = ET.fromstring(
        drawn(
            Box(x=1, y=2, width=3.25, height=4, tone="ok", title="live"),
            Curve(points=((0, 0), (1.04, 2.96)), tone="grid", dashed=True),
            Words(x=5, y=6, text="14:00", anchor="right"),
            Sign(x=10, y=20, kind="triangle", tone="warning", title="slow"),
            Sign(x=10, y=20, kind="cross", tone="bad"),
            Bars(y=30, bars=((1, 2, 3), (5, 2.5, 4)), tone="user"),
        )
    )
    assert tree.attrib == {"viewBox": "0 0 100 50", "role": "img", "aria-label": "what it shows"}
    box, curve, words, triangle, cross, bars = tree
    assert (box.tag, box.get("class"), box[0].text) == ("rect", "f-ok", "live")
    assert (curve.get("points"), curve.get("class")) == ("0,0 1,3", "s-grid")
    assert curve.get("stroke-dasharray")
    assert (words.text, words.get("text-anchor"), words.get("class")) == ("14:00", "end", "f-ink")
    assert triangle.get("points") == "10,15 15.5,24.5 4.5,24.5"
    assert (bars.get("d"), bars.get("class")) == ("M1 30v-3h2v3zM5 30v-4h2.5v4z", "f-user")
    assert (triangle.get("class"), cross.get("class")) == ("f-warning", "s-bad")


@pytest.mark.parametrize("text", ['<script>alert("x")</script>', "a & b", "'\"><img src=x>", "]]>"])
def test_no_text_becomes_markup(text):
    source = drawn(
        Box(x=0, y=0, width=1, height=1, tone="ok", title=text),
        Words(x=0, y=0, text=text),
        Sign(x=0, y=0, kind="dot", tone="ok", title=text),
        label=text,
    )
    box, words, sign = ET.fromstring(source)
    assert ET.fromstring(source).get("aria-label") == text
    assert (box[0].text, words.text, sign[0].text) == (text, text, text)
    assert "<script" not in source


def test_each_tone_has_a_colour_by_day_and_by_night_and_a_class():
    assert set(TONES) == set(LIGHT) == set(DARK)
    for tone in TONES:
        assert f".f-{tone}{{fill:var(--{tone})}}" in STYLE
        assert f".s-{tone}{{stroke:var(--{tone});fill:none}}" in STYLE


def test_a_sign_fits_between_two_rows():
    assert all(
        abs(length) <= 6 for points in SIGN_POINTS.values() for point in points for length in point
    )
