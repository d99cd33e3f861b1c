"""Wishes: what is called on a line, and what is answered."""

from __future__ import annotations

import asyncio

import pytest

from trunkline.errors import LocalError
from trunkline.fleet.wishes import ACTIONS, Faults, Wish, carry_out
from trunkline.tui.controls import Action


class Line:
    def __init__(self, error: Exception | None = None) -> None:
        self.called: list[str] = []
        self.error = error

    def _note(self, what: str):
        self.called.append(what)
        if self.error is not None:
            raise self.error

    def reconnect(self):
        self._note("reconnect")

    def rotate(self):
        self._note("rotate")
        return asyncio.get_running_loop().create_future()

    async def aclose(self):
        self._note("close")

    def drain(self):
        self._note("drain")
        done = asyncio.get_running_loop().create_future()
        done.set_result(None)
        return done

    def mute(self, on: bool = True):
        self._note("mute" if on else "unmute")


def wished(line: Line, action: str) -> tuple[list[str], list[asyncio.Future]]:
    answers: list[str] = []
    futures: list[asyncio.Future] = []

    async def scenario():
        def spawn(work):
            futures.append(asyncio.ensure_future(work))
            return futures[-1]

        carry_out(line, Wish("a", action, answers.append), spawn)
        for one in futures:
            if not one.done() and action == "rotate":
                one.set_exception(LocalError("rotating", "closed"))
        await asyncio.gather(*futures, return_exceptions=True)

    asyncio.run(scenario())
    return answers, futures


@pytest.mark.parametrize("action", sorted(ACTIONS))
def test_each_wish_is_carried_out_and_answered_once(action: str):
    line = Line()
    answers, _ = wished(line, action)
    assert line.called == [action]
    assert answers == [ACTIONS[action][1]]


def test_the_wishes_are_those_of_the_screens():
    assert set(ACTIONS) == {action.value for action in Action}


def test_what_is_not_possible_now_is_answered_in_words():
    answers, _ = wished(Line(LocalError("rotating the line", "closed")), "rotate")
    assert answers == ["rotate: rotating the line is not possible while closed"]


def test_a_mistake_of_the_line_is_answered_by_its_kind_only():
    answers, _ = wished(Line(RuntimeError("sk-secret-1234")), "reconnect")
    assert answers == ["reconnect: RuntimeError"]


def test_without_a_simulator_there_are_no_faults():
    assert Faults().names() == ()
    assert Faults().make("x") == "no such fault: x"
