"""The core has no clock and no dice: in these tests, whoever asks for one is caught."""

from __future__ import annotations

import random
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_FORBIDDEN = [
    (time, "sleep"),
    (time, "monotonic"),
    (time, "time"),
    (time, "perf_counter"),
    (random, "random"),
]
# pytest and hypothesis measure and draw as they please; only our own modules are held to the rule.
_HELD = ("trunkline.", "protocol.", "test_", "tests.")


def _guarded(name: str, original: Callable[..., Any]) -> Callable[..., Any]:
    def guard(*args: Any, **kwargs: Any) -> Any:
        caller = sys._getframe(1).f_globals.get("__name__", "")
        if caller.startswith(_HELD):
            raise AssertionError(f"{caller} asked for {name}: time and chance are arguments here")
        return original(*args, **kwargs)

    return guard


@pytest.fixture(autouse=True)
def no_clock_and_no_dice(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Makes the clock and the dice raise for everybody but the test tools themselves."""
    for module, name in _FORBIDDEN:
        monkeypatch.setattr(
            module, name, _guarded(f"{module.__name__}.{name}", getattr(module, name))
        )
    return
