"""Threads that take turns quickly."""

from __future__ import annotations

import sys

import pytest

from trunkline.cli.switching import SWITCH_SECONDS, switching_quickly


def test_threads_take_turns_quickly_for_as_long_as_the_screen_is_there():
    before = sys.getswitchinterval()
    with switching_quickly():
        assert sys.getswitchinterval() == pytest.approx(SWITCH_SECONDS)
    assert sys.getswitchinterval() == pytest.approx(before)
