"""What is said beside the output."""

from __future__ import annotations

import pytest

from trunkline.cli.aside import saying_nothing, tell


def test_it_is_said_on_standard_error_and_not_at_all_where_nobody_wants_to_hear(capsys):
    tell("one")
    with saying_nothing():
        tell("two")
    tell("three", nl=False)
    assert capsys.readouterr() == ("", "one\nthree")


def test_it_is_said_again_after_a_failure(capsys):
    with pytest.raises(ValueError, match="x"), saying_nothing():
        raise ValueError("x")
    tell("one")
    assert capsys.readouterr().err == "one\n"
