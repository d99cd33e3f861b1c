from __future__ import annotations

from trunkline.errors import TrunklineError
from trunkline.tui.filter.refusal import FilterError


def test_it_says_where_and_what():
    error = FilterError("no field stat", 7)
    assert str(error) == "column 7: no field stat"
    assert (error.message, error.column) == ("no field stat", 7)
    assert isinstance(error, TrunklineError)


def test_what_was_typed_cannot_command_the_terminal():
    assert "\x1b" not in str(FilterError("no field \x1b]52;c;aGk=\x07", 1))
