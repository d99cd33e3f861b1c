"""The colours of a report."""

from __future__ import annotations

import re

import pytest

from trunkline.telemetry.page_style import DARK, LIGHT, STYLE

TEXT_TONES = ("ink", "faint", "accent", "bad")


def luminance(colour):
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("tone", TEXT_TONES)
def test_text_can_be_read_by_day_and_by_night(palette, tone):
    assert contrast(palette[tone], palette["paper"]) >= 4.5


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("tone", ["ok", "warning", "user", "model"])
def test_areas_stand_out_from_the_paper(palette, tone):
    assert contrast(palette[tone], palette["paper"]) >= 3


def test_the_sheet_fetches_nothing():
    assert not re.search(r"url\(|@import|https?:|//", STYLE)
    assert STYLE.count("{") == STYLE.count("}")
