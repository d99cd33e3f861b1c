"""Consoles and the processes they look at: real processes, real sockets, and what either does to the other."""

from __future__ import annotations

import json
import signal
import subprocess
import sys

import pytest

from fleet.children import ROOT, talking, wait_for
from fleet.places import runtime_directory
from trunkline.fleet.finder import Finder
from trunkline.fleet.fleet_desk import FleetDesk, RemoteControls
from trunkline.fleet.runtime import addresses


@pytest.fixture
def place():
    with runtime_directory() as path:
        yield path


def states(desk: FleetDesk) -> list[str]:
    fleet = desk.fleet()
    return [] if fleet is None else [row.state for row in fleet.rows]


def test_processes_come_and_go_and_their_lines_are_one_fleet(place):
    with FleetDesk(finder=Finder(place)) as desk:
        with talking(place, "--lines", "2") as first:
            wait_for(lambda: states(desk) == ["live"] * 2, "the lines of the first process")
            with talking(place):
                wait_for(lambda: states(desk) == ["live"] * 3, "the line of the second")
                assert desk.reader.processes == 2
                first.send_signal(signal.SIGKILL)
                wait_for(lambda: states(desk) == ["gone"] * 2 + ["live"], "the loss of the first")
            wait_for(lambda: states(desk) == ["gone"] * 3, "the loss of the second")
        # What a killed process left behind is removed, and a new one takes its place.
        wait_for(lambda: not addresses(place), "an empty directory")
        with talking(place):
            wait_for(lambda: states(desk).count("live") == 1, "a third process")


def test_a_line_that_ends_by_itself_is_closed_and_not_gone(place):
    with FleetDesk(finder=Finder(place)) as desk, talking(place) as process:
        wait_for(lambda: states(desk) == ["live"], "the line")
        process.communicate("", timeout=20)
        wait_for(lambda: desk.reader.processes == 0, "the end of the process")
        wait_for(lambda: states(desk) == ["closed"], "the end of the line")


def test_the_watched_line_is_told_closely_with_what_it_says(place):
    with FleetDesk(finder=Finder(place)) as desk, talking(place, "--lines", "2"):
        wait_for(lambda: states(desk) == ["live"] * 2, "the lines")
        row = desk.fleet().rows[1]
        desk.watch(row.key)
        wait_for(lambda: desk.line() is not None, "its details")
        assert (desk.line().name, desk.line().key) == (row.name, row.key)
        wait_for(lambda: any("the word" in one.text for one in desk.line().transcript), "a word")
        wait_for(lambda: desk.line().lateness.count, "what only measuring tells")
        wait_for(lambda: len(desk.entries()) > 3, "the inspector's lines")


def test_an_operator_reconnects_rotates_and_closes_a_line_of_another_process(place):
    with (
        FleetDesk(finder=Finder(place)) as desk,
        talking(place, "--controllable"),
    ):
        controls = RemoteControls(desk, allow=True)
        wait_for(lambda: states(desk) == ["live"], "the line")
        key = desk.fleet().rows[0].key
        answers: list[str] = []

        def answered(words: str) -> None:
            wait_for(lambda: answers.append(controls.answer()) or answers[-1], words)
            assert answers[-1] == words

        controls.act(key, "reconnect")
        answered("reconnecting")
        wait_for(lambda: desk.fleet().rows[0].reconnects == 1, "another link")
        controls.act(key, "mute")
        answered("muted")
        controls.fault(key, "spill")
        answered("made spill")
        controls.act(key, "close")
        answered("closing")
        wait_for(lambda: states(desk) == ["closed"], "the end")
        assert controls.allowed(key) == frozenset()


def test_a_process_that_takes_no_wishes_refuses_them(place):
    with FleetDesk(finder=Finder(place)) as desk, talking(place):
        controls = RemoteControls(desk, allow=True)
        wait_for(lambda: states(desk) == ["live"], "the line")
        key = desk.fleet().rows[0].key
        assert controls.allowed(key) == frozenset()
        desk.reader.ask(key, {"ask": "close"})
        answers: list[str] = []
        wait_for(lambda: answers.append(controls.answer()) or answers[-1], "an answer")
        assert answers[-1] == "refused: this process takes no wishes"
        assert states(desk) == ["live"]


STUCK = """
import sys, time
sys.path.insert(0, {tests!r})
from pathlib import Path
from fleet.children import wait_for
from trunkline.fleet.finder import Finder
from trunkline.fleet.fleet_desk import FleetDesk
with FleetDesk(finder=Finder(Path({place!r}))) as desk:
    wait_for(lambda: desk.fleet() and desk.fleet().rows, "the lines")
    print("attached", flush=True)
    desk.watch(desk.fleet().rows[0].key)
    while True:
        while (news := desk.reader.news()) is not None:
            print(news, flush=True)
        time.sleep(0.05)
"""


@pytest.mark.timeout(120)
def test_a_console_that_is_stuck_slows_no_line_and_is_introduced_anew(place):
    script = STUCK.format(tests=str(ROOT / "tests"), place=str(place))
    with talking(place, "--lines", "20") as process, FleetDesk(finder=Finder(place)) as desk:
        console = subprocess.Popen(
            [sys.executable, "-c", script], stdout=subprocess.PIPE, text=True
        )
        try:
            assert console.stdout is not None
            assert console.stdout.readline() == "attached\n"
            console.send_signal(signal.SIGSTOP)
            before = desk.fleet().at if desk.fleet() else 0.0
            # The other console goes on, and so do the pacers.
            wait_for(lambda: desk.fleet() and desk.fleet().at > before + 10, "ten seconds", 40)
            assert states(desk) == ["live"] * 20
            console.send_signal(signal.SIGCONT)
        finally:
            console.kill()
            console.communicate()
        told, _ = process.communicate("", timeout=30)
    late = json.loads(told)
    assert late["chunks"] > 20 * 400
    # Far above what is measured (benches/publishing.py), for a machine that does much else; a loop that waits for a
    # reader that is stopped for ten seconds would be late by seconds.
    assert late["p99"] < 1000


FORK = """
import asyncio, os, sys
sys.path.insert(0, {tests!r})
from pathlib import Path
from fleet.hand import Loop
from trunkline.fleet.publisher import Publisher
publisher = Publisher(directory=Path({place!r}))
class Line:
    def measure(self, on): pass
def attach():
    loop = Loop()
    publisher.attach(Line(), loop, name=f"of {{os.getpid()}}", server="", rate_hz=24000)
attach()
child = os.fork()
if not child:
    attach()
print(os.getpid(), flush=True)
sys.stdin.read()
"""


def test_a_child_of_a_process_that_publishes_publishes_itself(place):
    script = FORK.format(tests=str(ROOT / "tests"), place=str(place))
    process = subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    pids = sorted(int(process.stdout.readline()) for _ in range(2))
    with FleetDesk(finder=Finder(place)) as desk:
        wait_for(lambda: len(states(desk)) == 2, "both lines")
        names = {row.name: row.process for row in desk.fleet().rows}
        assert sorted(names) == sorted(f"of {pid}" for pid in pids)
        assert sorted(one.pid for one in addresses(place)) == pids
        process.communicate("", timeout=20)
        wait_for(lambda: not addresses(place), "an empty directory")
