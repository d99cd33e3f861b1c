"""The driver: what it does between the core and a link."""

from __future__ import annotations

import asyncio
import gc
import logging
import socket
import ssl
import threading
import time
import warnings

import pytest

from client.serving import confirm, line_over, welcome, welcomed
from transports.misbehaving import deaf_port, free_port, keep_silent
from transports.misbehaving import server as silent_server
from trunkline.client import targets
from trunkline.client.client import Line
from trunkline.client.clocks import Clocks
from trunkline.client.config import LineConfig
from trunkline.client.credentials import Secret, Token
from trunkline.client.loop_lag import LoopLag
from trunkline.client.wheel import TOGETHER
from trunkline.errors import LineFailed
from trunkline.protocol import observations as seen
from trunkline.protocol.backoff import RetryBudget
from trunkline.protocol.closure import Closure, Fault, Phase
from trunkline.protocol.lifecycle import State
from trunkline.protocol.policy import Deadlines
from trunkline.transports.base import Kernel, Progress
from trunkline.transports.memory import MemoryTransport
from trunkline.transports.websocket import WebSocketTransport


def run(scenario):
    async def bounded():
        async with asyncio.timeout(20):
            return await scenario

    return asyncio.run(bounded())


def test_round_trips_are_measured_from_the_start():
    async def scenario():
        facts = []
        async with welcomed(observers=[facts.append]):
            while not any(isinstance(fact, seen.RoundTrip) for fact in facts):
                await asyncio.sleep(0.01)

    run(scenario())


def test_the_state_of_the_queues_is_told_while_the_link_lives():
    async def scenario():
        facts = []
        async with welcomed(observers=[facts.append]):
            while sum(isinstance(fact, seen.QueueSampled) for fact in facts) < 2:
                await asyncio.sleep(0.01)

    run(scenario())


def test_no_more_lines_of_one_loop_ping_at_the_same_moment_than_share_a_long_look():
    async def scenario():
        transport = MemoryTransport()
        lines = [line_over(transport) for _ in range(2 * TOGETHER)]
        phases = []
        for line in lines:
            server = asyncio.create_task(welcome(transport))
            await line.__aenter__()
            await server
            phases.append(line._connection._supervisor.link.liveness.phase)
        assert [phases.count(phase) for phase in phases] == [TOGETHER] * len(lines)
        for line in lines:
            await line.aclose()

    run(scenario())


def test_pings_go_out_with_the_long_look_and_no_timer_waits_for_them():
    async def scenario():
        async with welcomed() as line:
            driver, pings = line._driver, []
            driver._links[line._connection.epoch].ping = pings.append
            due = line._connection.fast_path.heartbeat.ping_at()
            assert due is not None
            driver._looks._long_at = due + 0.1
            driver._arm()
            assert driver._timer_at == due
            driver._looks._long_at = due
            driver._arm()
            assert driver._timer_at != due
            driver._turn(due)
            assert len(pings) == 1
            assert line._connection.fast_path.heartbeat.ping_at() > due

    run(scenario())


def test_a_deadline_has_a_timer_once_no_long_look_comes_before_it():
    async def scenario():
        async with welcomed() as line:
            driver, due = line._driver, []
            driver._arm()
            now = driver.now()
            line._connection.deadline = lambda *, pings=True: due[-1]
            driver._looks._long_at = now + 0.5
            for at, timer in ((now + 5.0, None), (now + 0.2, now + 0.2), (now + 0.5, None)):
                due.append(at)
                driver._arm()
                assert (driver._timer is None, driver._timer_at) == (timer is None, timer)
            # The look itself sees to one that comes before the next.
            due.append(now + 1.2)
            driver._turn(now + 0.5)
            assert driver._timer_at == now + 1.2
            due.append(now + 1.6)
            driver._turn(now + 1.5)
            assert driver._timer_at == now + 1.6

    run(scenario())


def test_a_ping_that_the_long_look_may_not_make_is_the_timers():
    async def scenario():
        async with welcomed() as line:
            driver, pings = line._driver, []
            driver._links[line._connection.epoch].ping = pings.append
            heartbeat = line._connection.fast_path.heartbeat
            due = heartbeat.ping_at()
            assert due is not None
            driver._looks._long_at = due
            driver._arm()
            # Something else is due as well: that is for the ordinary way.
            heartbeat._is_anything_due = lambda _now: True
            driver._turn(due)
            assert not pings
            assert driver._timer_at == due

    run(scenario())


def test_a_credential_is_asked_for_at_every_dial():
    async def scenario():
        keys = iter(f"sk-test-{number}" for number in range(10))
        transport = MemoryTransport()
        line = line_over(transport, credential=lambda: next(keys))
        server = asyncio.create_task(welcome(transport))
        async with line:
            first = await server
            first.drop()
            second = await welcome(transport)
        assert first.target.headers[-1][1] == "Bearer sk-test-0"
        assert second.target.headers[-1][1] == "Bearer sk-test-1"

    run(scenario())


@pytest.mark.parametrize("failure", [RuntimeError("vault sealed: canary"), KeyError("canary")])
def test_a_provider_that_fails_is_retried_and_its_words_are_not_told(failure: Exception):
    async def scenario():
        facts = []
        answers = iter([failure, "sk-test-1"])

        def provider() -> str:
            answer = next(answers)
            if isinstance(answer, Exception):
                raise answer
            return answer

        transport = MemoryTransport()
        line = line_over(transport, observers=[facts.append], credential=provider)
        server = asyncio.create_task(welcome(transport))
        with pytest.raises(TimeoutError):
            # The floor for a failed provider is a second; the point is that the line waits for it.
            await asyncio.wait_for(line.__aenter__(), 0.2)
        server.cancel()
        ended = next(fact for fact in facts if isinstance(fact, seen.LinkEnded))
        assert ended.closure.fault is Fault.CREDENTIAL
        assert "canary" not in ended.closure.describe()

    run(scenario())


def test_a_key_that_no_header_may_carry_is_an_end_of_the_link_and_not_a_crash():
    async def scenario():
        facts = []
        line = line_over(MemoryTransport(), observers=[facts.append], credential=lambda: "a b")
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(line.__aenter__(), 0.1)
        assert any(
            isinstance(fact, seen.LinkEnded) and fact.closure.fault is Fault.CREDENTIAL
            for fact in facts
        )

    run(scenario())


class _Faulty(MemoryTransport):
    """A transport with a mistake in it."""

    async def dial(self, target, listener):
        raise ZeroDivisionError("a mistake of ours")


def test_a_mistake_below_ends_the_link_and_is_logged(caplog: pytest.LogCaptureFixture):
    async def scenario():
        facts = []
        line = line_over(_Faulty(), observers=[facts.append])
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(line.__aenter__(), 0.1)
        return facts

    with caplog.at_level(logging.ERROR, logger="trunkline"):
        facts = run(scenario())
    assert any(
        isinstance(fact, seen.LinkEnded) and fact.closure.fault is Fault.INTERNAL for fact in facts
    )
    assert "the link's task failed" in caplog.text


def test_a_server_that_says_nothing_is_left_and_dialed_again():
    async def scenario():
        facts = []
        transport = MemoryTransport()
        line = line_over(
            transport, observers=[facts.append], deadlines=Deadlines(ready=0.05, dial=1.0)
        )
        entering = asyncio.create_task(line.__aenter__())
        silent = await transport.accept()
        await welcome(transport)
        await entering
        await line.aclose()
        assert silent.ended is not None
        ended = next(fact for fact in facts if isinstance(fact, seen.LinkEnded))
        assert (ended.closure.fault, ended.closure.by_us) == (Fault.TIMEOUT, True)

    run(scenario())


def test_a_server_that_ignores_the_goodbye_does_not_hold_up_the_end():
    class _Deaf(MemoryTransport):
        async def dial(self, target, listener):
            link = await super().dial(target, listener)
            link.close = lambda code, reason: asyncio.sleep(3600)
            return link

    async def scenario():
        transport = _Deaf()
        line = line_over(transport, deadlines=Deadlines(goodbye=0.05))
        server = asyncio.create_task(welcome(transport))
        async with line:
            await server
        assert line.state is State.CLOSED
        assert asyncio.all_tasks() == {asyncio.current_task()}

    run(scenario())


def test_a_full_link_is_not_written_to_until_it_takes_more():
    class _Full(MemoryTransport):
        async def dial(self, target, listener):
            link = await super().dial(target, listener)
            self.link = _Gate(link)
            self.listener = listener
            return self.link

    class _Gate:
        def __init__(self, link):
            self._link = link
            self.writable = True

        def __getattr__(self, name):
            return getattr(self._link, name)

    async def scenario():
        transport, facts = _Full(), []
        line = line_over(transport, observers=[facts.append])
        server = asyncio.create_task(welcome(transport))
        async with line:
            peer = await server
            transport.link.writable = False
            line.send_audio(bytes(960))
            assert line.books().waiting == 480
            transport.link.writable = True
            transport.listener.writable()
            assert line.books().waiting == 0
            (stall,) = [fact for fact in facts if isinstance(fact, seen.WriterStalled)]
            assert 0.0 <= stall.took < 5.0
            assert (await peer.receive())["type"] == "input_audio_buffer.append"

    run(scenario())


def test_a_link_that_ends_while_it_is_full_has_stalled_until_then():
    class _Full(MemoryTransport):
        async def dial(self, target, listener):
            link = await super().dial(target, listener)
            self.links = [*getattr(self, "links", []), _Half(link)]
            return self.links[-1]

    class _Half:
        def __init__(self, link):
            self._link = link
            self.writable = True

        def __getattr__(self, name):
            return getattr(self._link, name)

    async def scenario():
        transport, facts = _Full(), []
        line = line_over(transport, observers=[facts.append])
        server = asyncio.create_task(welcome(transport))
        async with line:
            peer = await server
            transport.links[0].writable = False
            line.send_audio(bytes(960))
            peer.drop()
            await welcome(transport)
            stalls = [fact for fact in facts if isinstance(fact, seen.WriterStalled)]
            assert [fact.epoch for fact in stalls] == [1]

    run(scenario())


def test_the_phases_of_a_dial_are_told_with_its_link():
    class _Timed(MemoryTransport):
        async def dial(self, target, listener):
            link = await super().dial(target, listener)
            link.phases = (("tcp", 0.096), ("tls", 0.101))
            return link

    async def scenario():
        transport, facts = _Timed(), []
        line = line_over(transport, observers=[facts.append])
        server = asyncio.create_task(welcome(transport))
        async with line:
            await server
        (opened,) = [fact for fact in facts if isinstance(fact, seen.LinkOpened)]
        assert opened.phases == (("tcp", 0.096), ("tls", 0.101))

    run(scenario())


def test_what_the_kernel_says_of_the_current_link_is_told():
    class _Told(MemoryTransport):
        async def dial(self, target, listener):
            link = await super().dial(target, listener)
            kernel = Kernel(rtt=0.03, rtt_var=0.0, rtt_min=0.02, retransmits=7, unsent_bytes=1)
            told = Progress(acked_bytes=1, unsent_bytes=1, kernel=kernel)
            link.progress = lambda: told
            return link

    async def scenario():
        transport, facts = _Told(), []
        line = line_over(transport, observers=[facts.append])
        server = asyncio.create_task(welcome(transport))
        async with line:
            await server
            while not any(isinstance(fact, seen.KernelSampled) for fact in facts):
                await asyncio.sleep(0.01)
        told = next(fact for fact in facts if isinstance(fact, seen.KernelSampled))
        assert (told.epoch, told.rtt, told.retransmits) == (1, 0.03, 7)

    run(scenario())


def test_the_lag_of_the_loop_is_told_while_the_line_is_measured_and_not_after_its_end():
    async def scenario():
        transport, facts = MemoryTransport(), []
        line = line_over(transport, observers=[facts.append])
        lag = LoopLag.of(asyncio.get_running_loop())
        server = asyncio.create_task(welcome(transport))
        async with line:
            await server
            assert lag._timer is None
            line.measure()
            while not any(isinstance(fact, seen.LoopLagged) for fact in facts):
                await asyncio.sleep(0.01)
        assert lag._timer is None

    run(scenario())


def test_what_comes_from_an_old_link_is_fenced():
    async def scenario():
        facts = []
        transport = MemoryTransport()
        line = line_over(transport, observers=[facts.append])
        server = asyncio.create_task(welcome(transport))
        async with line:
            old = await server
            old.drop(Closure(code=1011))
            await welcome(transport)
            old._listener.pong(b"late")
            assert any(isinstance(fact, seen.Fenced) for fact in facts)

    run(scenario())


def test_nothing_is_left_after_many_drops_at_every_moment():
    async def scenario():
        transport = MemoryTransport()
        line = line_over(transport)

        async def server():
            for steps in range(3):
                peer = await transport.accept()
                if steps >= 1:
                    peer.send({"type": "session.created", "session": {"id": "s"}})
                if steps >= 2:
                    await confirm(peer)
                peer.drop()
            return await welcome(transport)

        task = asyncio.create_task(server())
        async with line:
            await task
        assert asyncio.all_tasks() == {asyncio.current_task()}

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        run(scenario())
        gc.collect()


def test_a_credential_that_was_refused_is_asked_for_anew():
    async def scenario():
        minted = []

        def mint() -> Token:
            minted.append(None)
            return Token(Secret(f"ek_test_{len(minted)}"), time.time() + 600)

        transport = MemoryTransport()
        transport.refuse_next(Closure(status=401))
        line = line_over(transport, credential=mint)
        server = asyncio.create_task(welcome(transport))
        async with line:
            peer = await server
            assert peer.target.headers[-1][1] == "Bearer ek_test_2"
            peer.drop()
            # A drop is no reason to ask again: the token is still good.
            again = await welcome(transport)
            assert again.target.headers[-1][1] == "Bearer ek_test_2"


def test_a_machine_that_slept_dials_again_at_once():
    slept = [0.0]

    async def scenario():
        facts = []
        transport = MemoryTransport()
        clocks = Clocks(slept=lambda: slept[0])
        line = line_over(transport, observers=[facts.append], clocks=clocks)
        server = asyncio.create_task(welcome(transport))
        async with line:
            old = await server
            slept[0] = 1.9
            await asyncio.sleep(0.6)
            assert line.epoch == 1, "clocks differ a little; that is no sleep"
            slept[0] = 3600.0
            await welcome(transport)
            assert old.ended is not None
            while line.state is not State.LIVE:
                await asyncio.sleep(0.001)
        (ended,) = [fact for fact in facts if isinstance(fact, seen.LinkEnded)][:1]
        assert ended.closure.fault is Fault.SUSPENDED

    run(scenario())


def test_a_key_that_does_not_change_is_refused_once_and_for_all():
    async def scenario():
        transport = MemoryTransport()
        transport.refuse_next(Closure(status=401))
        with pytest.raises(LineFailed, match="key was not accepted") as caught:
            await line_over(transport).__aenter__()
        assert len(caught.value.closures) == 1


def test_a_loop_that_was_blocked_reads_before_it_judges():
    async def scenario():
        facts = []
        async with welcomed(observers=[facts.append]) as line:
            line.send_audio(bytes(960))
            await asyncio.sleep(0)
            time.sleep(5.5)  # noqa: ASYNC251 - that is the mistake which is tried
            await asyncio.sleep(0.5)
            assert line.epoch == 1
        assert any(isinstance(fact, seen.LoopBlocked) for fact in facts)

    run(scenario())


def test_what_was_not_read_is_asked_about_before_anything_is_judged():
    async def scenario():
        async with welcomed() as line:
            driver, connection, done = line._driver, line._connection, []
            due = [driver.now()]
            connection.deadline = lambda *, pings=True: due[0]
            connection.handle_timeout = lambda now, _: done.append("judged")
            driver._looks.has_pinged = lambda now: False
            driver._looks.doubt = lambda now: done.append("asked")
            driver._timeout()
            assert done == ["asked", "judged"]
            # What it learns by that may put the judgement off.
            driver._looks.doubt = lambda now: due.__setitem__(0, now + 0.25)
            driver._timeout()
            assert done == ["asked", "judged"]

    run(scenario())


def test_a_source_of_keys_that_hangs_is_left(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(targets, "_CREDENTIAL_TIMEOUT", 0.01)

    async def scenario():
        facts = []

        async def never() -> str:
            await asyncio.sleep(3600)
            return "sk-test-1"

        line = line_over(MemoryTransport(), observers=[facts.append], credential=never)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(line.__aenter__(), 0.2)
        ended = next(fact for fact in facts if isinstance(fact, seen.LinkEnded))
        assert (ended.closure.fault, ended.closure.phase) == (Fault.CREDENTIAL, Phase.CREDENTIAL)

    run(scenario())


def test_a_link_that_runs_out_of_memory_says_so(caplog: pytest.LogCaptureFixture):
    class _Starved(MemoryTransport):
        async def dial(self, target, listener):
            raise MemoryError

    async def scenario():
        facts = []
        line = line_over(_Starved(), observers=[facts.append])
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(line.__aenter__(), 0.1)
        ended = next(fact for fact in facts if isinstance(fact, seen.LinkEnded))
        assert ended.verdict.cause == "local resources exhausted"

    run(scenario())


# An end that does not wait, whatever the line is waiting for.


async def _ends_at_once(url: str, tls: ssl.SSLContext | None = None) -> None:
    before = asyncio.all_tasks()
    config = LineConfig(credential="sk-test-1", base_url=url)
    line = Line(config, transport=WebSocketTransport(tls=tls), budget=RetryBudget())
    entering = asyncio.create_task(line.__aenter__())
    await asyncio.sleep(0.1)
    began_at = time.monotonic()
    await line.aclose()
    assert time.monotonic() - began_at < 0.3
    await entering
    assert line.state is State.CLOSED
    left = [task for task in asyncio.all_tasks() - before if "trunkline" in repr(task)]
    assert left == []


def test_the_end_does_not_wait_for_a_connection():
    with deaf_port() as port:
        run(_ends_at_once(f"http://127.0.0.1:{port}/v1"))


@pytest.mark.parametrize("scheme", ["https", "http"], ids=["TLS", "the upgrade"])
def test_the_end_does_not_wait_for_a_silent_server(scheme: str):
    async def scenario():
        async with silent_server(keep_silent) as port:
            await _ends_at_once(f"{scheme}://127.0.0.1:{port}/v1")

    run(scenario())


def test_the_end_does_not_wait_for_a_backoff():
    run(_ends_at_once(f"http://127.0.0.1:{free_port()}/v1"))


def test_the_end_does_not_wait_for_a_resolver(monkeypatch: pytest.MonkeyPatch):
    may_answer = threading.Event()
    real = socket.getaddrinfo

    def hang(host, *arguments, **options):
        if host != "host.test":
            return real(host, *arguments, **options)
        if not options.get("flags"):
            may_answer.wait(10)
        raise socket.gaierror(socket.EAI_NONAME, "no such name")

    monkeypatch.setattr(socket, "getaddrinfo", hang)
    run(_ends_at_once("https://host.test/v1"))
    may_answer.set()


def test_the_end_does_not_wait_for_a_source_of_keys():
    async def scenario():
        line = line_over(MemoryTransport(), credential=lambda: asyncio.sleep(3600))
        entering = asyncio.create_task(line.__aenter__())
        await asyncio.sleep(0.01)
        async with asyncio.timeout(0.3):
            await line.aclose()
        await entering

    run(scenario())


def test_an_observer_that_raises_is_told_once_and_does_not_take_the_line_with_it(
    caplog: pytest.LogCaptureFixture,
):
    def broken(_fact):
        raise ZeroDivisionError("a mistake of the application")

    async def scenario():
        facts = []
        async with welcomed(observers=[broken, facts.append]) as line:
            assert line.state is State.LIVE
        return facts

    with caplog.at_level(logging.ERROR, logger="trunkline"):
        assert len(run(scenario())) > 3
    assert caplog.text.count("an observer failed") == 1


def test_a_goodbye_that_fails_is_logged_and_not_left_to_the_loop(caplog: pytest.LogCaptureFixture):
    class _Clumsy(MemoryTransport):
        async def dial(self, target, listener):
            link = await super().dial(target, listener)
            link.close = self.close
            return link

        async def close(self, code, reason):
            raise ZeroDivisionError("a mistake of a transport")

    async def scenario():
        transport = _Clumsy()
        line = line_over(transport, deadlines=Deadlines(goodbye=0.05))
        server = asyncio.create_task(welcome(transport))
        async with line:
            await server
        assert line.state is State.CLOSED

    with caplog.at_level(logging.ERROR, logger="trunkline"):
        run(scenario())
    assert "a task of the line failed" in caplog.text


class _AtOnce(MemoryTransport):
    """Its links give all that waits at once, as one read of a socket does."""

    async def dial(self, target, listener):
        link = await super().dial(target, listener)
        one_by_one = link.deliver

        async def deliver(take):
            def take_all(messages):
                waiting = link._peer._to_us
                while not waiting.empty() and isinstance(waiting._queue[0], bytes):
                    messages = (*messages, waiting.get_nowait())
                take(messages)

            await one_by_one(take_all)

        link.deliver = deliver
        return link


def test_what_one_read_brought_is_taken_in_order():
    async def first_five():
        transport = _AtOnce()
        line = line_over(transport)
        server = asyncio.create_task(welcome(transport))
        names = []
        async with line:
            peer = await server
            for number in range(5):
                peer.send({"type": f"test.number_{number}"})
            async for event in line:
                if getattr(event, "type", "").startswith("test."):
                    names.append(event.type)
                    if len(names) == 5:
                        return names
        return None

    assert run(first_five()) == [f"test.number_{number}" for number in range(5)]


def test_what_was_read_behind_the_message_that_ended_a_link_is_said_to_nobody():
    async def scenario():
        facts = []
        transport = _AtOnce()
        line = line_over(transport, observers=[facts.append])
        server = asyncio.create_task(welcome(transport))
        async with line:
            peer = await server
            expired = {"type": "invalid_request_error", "code": "session_expired", "message": "old"}
            peer.send({"type": "error", "error": expired})
            for _ in range(3):
                peer.send({"type": "test.behind"})
            await welcome(transport)
        passed = [fact.type for fact in facts if isinstance(fact, seen.MessagePassed)]
        assert "test.behind" not in passed
        assert not any(isinstance(fact, seen.Fenced) for fact in facts)

    run(scenario())


class _Handle:
    """A timer that cannot say when it is due: uvloop's, if that was already past."""

    def __init__(self, handle: asyncio.TimerHandle) -> None:
        self.cancel = handle.cancel


class _Loop(asyncio.SelectorEventLoop):
    def call_at(self, *arguments, **options):
        return _Handle(super().call_at(*arguments, **options))


def test_a_loop_whose_timers_do_not_say_when_they_are_due_will_do():
    async def scenario():
        async with welcomed() as line:
            line.send_audio(bytes(960))
            await asyncio.sleep(0)
            assert line.state is State.LIVE

    with asyncio.Runner(loop_factory=_Loop) as runner:
        runner.run(scenario())
