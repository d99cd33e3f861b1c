"""Names to addresses, with resolvers that do what they like."""

from __future__ import annotations

import asyncio
import socket
import threading
import time

import pytest

from transports.misbehaving import run
from trunkline.transports import lookup
from trunkline.transports.lookup import look_up

ANSWER = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 80))]


class Resolver:
    """Stands for the system's: answers names when it is told to, counts how often it was asked."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, outcome=ANSWER) -> None:
        self.asked = 0
        self.may_answer = threading.Event()
        self._outcome = outcome
        monkeypatch.setattr(lookup.socket, "getaddrinfo", self)

    def __call__(self, host, port, **options):
        if options.get("flags"):
            raise socket.gaierror(socket.EAI_NONAME, "no number")
        self.asked += 1
        self.may_answer.wait(10)
        if isinstance(self._outcome, Exception):
            raise self._outcome
        return self._outcome


def test_an_address_needs_no_resolver_and_no_thread():
    before = threading.active_count()
    assert run(look_up("127.0.0.1", 80)) == [(socket.AF_INET, ("127.0.0.1", 80))]
    assert run(look_up("::1", 80))[0][0] is socket.AF_INET6
    assert threading.active_count() == before


def test_a_name_is_answered_and_a_failure_is_the_resolvers(monkeypatch: pytest.MonkeyPatch):
    Resolver(monkeypatch).may_answer.set()
    assert run(look_up("host.test", 80)) == [(socket.AF_INET, ("127.0.0.1", 80))]
    failing = Resolver(monkeypatch, socket.gaierror(socket.EAI_AGAIN, "later"))
    failing.may_answer.set()
    for _ in range(2):
        with pytest.raises(socket.gaierror, match="later"):
            run(look_up("host.test", 80))
    assert failing.asked == 2


def test_a_name_that_cannot_be_one_does_not_exist():
    with pytest.raises(socket.gaierror) as caught:
        run(look_up("a" * 70 + ".test", 80))
    assert caught.value.errno == socket.EAI_NONAME


def test_a_resolver_that_hangs_holds_up_neither_a_deadline_nor_the_loops_end(
    monkeypatch: pytest.MonkeyPatch,
):
    resolver = Resolver(monkeypatch)

    async def impatient():
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(look_up("host.test", 80), 0.05)

    began_at = time.monotonic()
    run(impatient())
    assert time.monotonic() - began_at < 1.0
    # Its loop is closed when it answers at last: nobody is told, and nothing is raised.
    resolver.may_answer.set()
    for thread in threading.enumerate():
        if thread.name == "trunkline-lookup":
            assert thread.daemon
            thread.join(5)


def test_lines_that_ask_for_the_same_name_share_a_thread(monkeypatch: pytest.MonkeyPatch):
    resolver = Resolver(monkeypatch)

    async def many():
        questions = [asyncio.create_task(look_up("host.test", 80)) for _ in range(20)]
        await asyncio.sleep(0.02)
        questions[0].cancel()
        resolver.may_answer.set()
        return await asyncio.gather(*questions, return_exceptions=True)

    answers = run(many())
    assert isinstance(answers[0], asyncio.CancelledError)
    assert all(answer == [(socket.AF_INET, ("127.0.0.1", 80))] for answer in answers[1:])
    assert resolver.asked == 1


def test_without_a_thread_to_spare_the_next_question_starts_afresh(monkeypatch: pytest.MonkeyPatch):
    Resolver(monkeypatch).may_answer.set()

    def refuse(self):
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as full:
        full.setattr(threading.Thread, "start", refuse)
        with pytest.raises(RuntimeError, match="new thread"):
            run(look_up("host.test", 80))
    assert run(look_up("host.test", 80))
