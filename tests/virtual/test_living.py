"""The whole stack in virtual time: hours of real client, real server and failing network, judged from the outside."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest

from trunkline.client.driver import Driver
from trunkline.transports.connection import Connection
from trunkline.transports.websocket import WebSocketLink
from virtual.living import Life, Living

if TYPE_CHECKING:
    from collections.abc import Callable

HOURS = float(os.environ.get("TRUNKLINE_VIRTUAL_HOURS", "30"))
PACES = {"busy": (25.0, 6.0), "storm": (8.0, 6.0), "quiet": (400.0, 60.0)}
"""Mean seconds between faults, and between turns."""


def live(seed: int, pace: str, seconds: float) -> Life:
    interval, pause = PACES[pace]
    return Living(seed, seconds, fault_interval=interval, pause=pause).run()


@pytest.mark.timeout(600)
@pytest.mark.parametrize("pace", list(PACES))
def test_hours_of_it_break_no_promise(pace: str):
    share = {"busy": 0.4, "storm": 0.2, "quiet": 0.4}[pace]
    hours, lives = HOURS * share, []
    while hours > 1e-6:
        # More turns than an hour of this has are more items than a restore tells again.
        part = min(hours, 0.5)
        lives.append(live(len(lives), pace, part * 3600))
        assert lives[-1].broken == [], f"seed {len(lives) - 1}, {pace}"
        hours -= part
    faults, restores, rotations = (
        sum(getattr(life, what) for life in lives) for what in ("faults", "restores", "rotations")
    )
    assert restores > 0
    assert rotations > 0
    print(
        f"{pace}: {HOURS * share:.1f} h, {faults} faults, {restores} restores, {rotations} rotations"
    )


def _trace_elsewhere(seed: int, hash_seed: int) -> str:
    """The trace of a life in a process of its own: other addresses, other hashes, a later hour."""
    code = f"from virtual.test_living import live; print(live({seed}, 'busy', 900.0).trace)"
    paths = os.pathsep.join(path for path in sys.path if path)
    environment = {**os.environ, "PYTHONPATH": paths, "PYTHONHASHSEED": str(hash_seed)}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def test_one_seed_is_one_life_in_every_process():
    here, other = live(5, "busy", 900.0).trace, live(6, "busy", 900.0).trace
    assert {_trace_elsewhere(5, hash_seed) for hash_seed in (1, 2, 3)} == {here}
    assert here != other


def _guarded(name: str, original: Callable[..., Any]) -> Callable[..., Any]:
    def guard(*args: Any) -> Any:
        caller = sys._getframe(1).f_globals.get("__name__", "")
        assert not caller.startswith("trunkline."), f"{caller} asked for {name}"
        return original(*args)

    return guard


def test_no_clock_and_no_dice_of_the_machine_reach_a_life(monkeypatch: pytest.MonkeyPatch):
    clocks = [
        (time, name) for name in ("time", "time_ns", "monotonic", "perf_counter", "clock_gettime")
    ]
    for module, name in [*clocks, (random, "random"), (os, "urandom")]:
        monkeypatch.setattr(module, name, _guarded(name, getattr(module, name)))
    assert live(5, "storm", 600.0).broken == []


def _no_abort(patch):
    patch.setattr(WebSocketLink, "abort", lambda self: None)


def _no_timer(patch):
    patch.setattr(Driver, "_arm", lambda self: None)


def _pongs_not_heard(patch):
    patch.setattr(Driver, "_pong", lambda self, epoch, payload: None)


def _nothing_is_written(patch):
    patch.setattr(Connection, "write_text", lambda self, message: None)


def _ends_are_not_told(patch):
    patch.setattr(Driver, "_ended", lambda self, epoch, closure: None)


@pytest.mark.timeout(200)
@pytest.mark.parametrize(
    "plant", [_no_abort, _no_timer, _pongs_not_heard, _nothing_is_written, _ends_are_not_told],
    ids=lambda plant: plant.__name__.strip("_").replace("_", " "),
)  # fmt: skip
def test_a_bug_planted_in_the_io_is_found(plant, monkeypatch: pytest.MonkeyPatch):
    plant(monkeypatch)
    for seed in range(6):
        try:
            life = live(seed, "busy" if seed % 2 else "storm", 900.0)
        except BaseException as error:  # noqa: BLE001 - a life that cannot be lived is a finding
            print("found by", type(error).__name__)
            return
        if life.broken:
            print("found by", life.broken[0])
            return
    pytest.fail("it lived through all seeds")
