"""Which of those that speak of colours is heard."""

from __future__ import annotations

import os

import pytest

from trunkline.cli.colour import VARIABLE, is_colour_said, obeying_colour

NAMES = (VARIABLE, "NO_COLOR", "FORCE_COLOR")


@pytest.mark.parametrize(
    ("ours", "no", "force", "settled"),
    [
        (None, None, None, {}),
        (None, "1", None, {"NO_COLOR": "1"}),
        (None, "", None, {}),
        (None, None, "1", {"FORCE_COLOR": "1"}),
        (None, "1", "1", {"NO_COLOR": "1"}),
        (None, "", "3", {"FORCE_COLOR": "3"}),
        ("auto", "1", None, {"NO_COLOR": "1"}),
        ("never", None, "1", {"NO_COLOR": "1"}),
        ("always", "1", None, {"FORCE_COLOR": "1"}),
    ],
)
def test_ours_is_heard_first_then_no_color_then_force_color(monkeypatch, ours, no, force, settled):
    given = dict(zip(NAMES, (ours, no, force), strict=True))
    for name, value in given.items():
        if value is None:
            monkeypatch.delenv(name, raising=False)
        else:
            monkeypatch.setenv(name, value)
    with obeying_colour():
        assert {name: os.environ[name] for name in NAMES[1:] if name in os.environ} == settled
    assert {name: os.environ.get(name) for name in NAMES} == given
    assert is_colour_said() is bool(no or force)
