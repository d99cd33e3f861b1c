from __future__ import annotations

from typing import Any

import pytest

from trunkline.errors import ConfigError
from trunkline.protocol.document import Document


@pytest.mark.parametrize(
    ("value", "read"),
    [
        ({}, lambda one: one.text("x")),
        ({"x": True}, lambda one: one.count("x")),
        ({"x": -1}, lambda one: one.count("x")),
        ({"x": 5}, lambda one: one.count("x", most=4)),
        ({"x": 1}, lambda one: one.flag("x")),
        ({"x": []}, lambda one: one.part("x")),
        ({"x": {}}, lambda one: one.parts("x")),
        ({"x": [5]}, lambda one: one.parts("x")),
        ({"x": [5]}, lambda one: one.texts("x")),
        ({"x": [1]}, lambda one: one.span("x", most=9)),
        ({"x": [1, 2.0]}, lambda one: one.span("x", most=9)),
        ({"x": [3, 3]}, lambda one: one.span("x", most=9)),
        ({"x": [3, 10]}, lambda one: one.span("x", most=9)),
        ({"x": 5}, lambda one: one.span("x", most=9)),
        ({"x": [[0, 3], [3, 4]]}, lambda one: one.spans("x", most=9)),
        ({"x": "?"}, lambda one: one.pcm("x")),
        ({"x": "AA=="}, lambda one: one.pcm("x")),
    ],
)
def test_a_bad_value_is_refused_by_its_place_and_with_what_to_do(value: dict[str, Any], read):
    with pytest.raises(ConfigError) as caught:
        read(Document(value, "here"))
    assert caught.value.setting.startswith("here.x")
    assert "take the snapshot anew" in caught.value.reason


def test_good_values_are_given_as_they_are():
    value = {"t": "a", "n": 4, "f": False, "s": [[0, 2], [3, 4]], "p": "AAA=", "o": {"x": 1}}
    one = Document(value, "here")
    assert (one.text("t"), one.count("n", most=4), one.flag("f")) == ("a", 4, False)
    assert one.spans("s", most=4) == [(0, 2), (3, 4)]
    assert (one.pcm("p"), one.pcm("none")) == (b"\0\0", b"")
    assert one.part("o").path == "here.o"
    assert (one.has("t"), one.has("none")) == (True, False)
