"""What goes wrong: one row per kind, and one function that does it to a stage.

To add a kind is to add a row; a swarm run draws which rows it uses and how often.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from trunkline.protocol.closure import Closure, Fault
from trunkline.simulator.refusals import Refusal
from trunkline.soak.malformed import NONSENSE, UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Callable

    from trunkline.soak.stage import Stage

__all__ = ["FAULTS", "FINAL", "GOODBYES", "KINDS"]

GOODBYES: tuple[tuple[int, str], ...] = (
    (1000, ""), (1001, ""), (1001, "going away"), (1011, ""), (1011, "server_error"), (1012, ""), (1013, ""),
    (1013, "server_error.overloaded"), (1014, ""), (1002, ""), (1009, ""), (1008, ""),
)  # fmt: skip
"""Code and reason of closes after which a line must come back."""
_FINAL: tuple[tuple[int, str], ...] = (
    (3000, "invalid_request_error.invalid_api_key"),
    (4000, "invalid_request_error.invalid_model"),
    (1013, "insufficient_quota.credit_balance_exhausted"),
)
# Of the seconds for which a server stands still: half of these end with what waits unread.
_LEFT_UNREAD = 2.0
_REFUSALS: tuple[Closure, ...] = (
    Closure(status=429, retry_after=7.0), Closure(status=503, retry_after=3.0), Closure(status=500),
    Closure(status=502), Closure(status=504), Closure(status=408), Closure(status=200, detail="<html>"),
    Closure(fault=Fault.NAME), Closure(fault=Fault.RESET), Closure(fault=Fault.UNREACHABLE),
    Closure(fault=Fault.TLS), Closure(fault=Fault.TIMEOUT), Closure(fault=Fault.HANDSHAKE),
)  # fmt: skip


def _reset(stage: Stage) -> None:
    if stage.link is not None:
        stage.link.reset()


def _finish(stage: Stage) -> None:
    if stage.link is not None:
        stage.link.finish()


def _goodbye(stage: Stage) -> None:
    if stage.link is not None:
        stage.link.say_goodbye(*stage.dice.choice(GOODBYES))


def _expire(stage: Stage) -> None:
    words = "Your session hit the maximum duration of 60 minutes."
    session, link = stage.session, stage.link
    if session is None or link is None:
        return
    # Either half may come alone.
    if stage.dice.random() < 0.7:
        session.engine.inject_error(Refusal(words, code="session_expired"))
        session.call_out()
    link.say_goodbye(1001, words)


def _refuse(stage: Stage) -> None:
    for _ in range(stage.dice.randint(1, 4)):
        stage.server.refusals.append(stage.dice.choice(_REFUSALS))
    _reset(stage)


def _refuse_key(stage: Stage) -> None:
    stage.server.refusals.append(Closure(status=401))
    _reset(stage)


def _final(stage: Stage) -> None:
    if stage.dice.random() < 0.5 or stage.link is None:
        stage.server.refusals.append(Closure(status=stage.dice.choice((403, 404))))
        _reset(stage)
    else:
        stage.link.say_goodbye(*stage.dice.choice(_FINAL))


def _blackhole(stage: Stage) -> None:
    seconds = stage.dice.choice((6.0, 15.0, 40.0)) * stage.dice.uniform(0.5, 1.0)
    stage.trouble(seconds)
    stage.server.darken(seconds)
    if seconds > 25.0:
        for link in stage.driver.links.values():
            stage.watch.darkened(link)


def _one_way(stage: Stage) -> None:
    link = stage.link
    if link is None:
        return
    seconds = stage.dice.uniform(3.0, 30.0)
    stage.trouble(seconds)
    (link.up if stage.dice.random() < 0.5 else link.down).hold()
    link.later(seconds, "heal")


def _stall(stage: Stage) -> None:
    link = stage.link
    if link is None:
        return
    seconds = stage.dice.uniform(0.1, 2.0)
    stage.trouble(seconds)
    link.up.hold()
    link.down.hold()
    link.later(seconds, "heal")


def _freeze(stage: Stage) -> None:
    if stage.session is not None:
        seconds = stage.dice.choice((0.5, 2.0, 8.0, 40.0))
        stage.trouble(seconds)
        # Drawn by nothing: another throw of the dice would make other lives of all that were lived.
        if seconds == _LEFT_UNREAD and stage.session.number % 2:
            stage.session.leave_unread(seconds)
        else:
            stage.session.freeze(seconds)


def _slow(stage: Stage) -> None:
    link = stage.link
    if link is None:
        return
    seconds = stage.dice.uniform(5.0, 40.0)
    stage.trouble(seconds + 40.0)
    link.up.weather.rate = stage.dice.uniform(15_000.0, 60_000.0)
    link.later(seconds, "speed_up")


def _crash(stage: Stage) -> None:
    seconds = stage.dice.choice((0.2, 1.0, 5.0, 25.0))
    stage.trouble(seconds)
    stage.server.crash(seconds)


def _crash_loop(stage: Stage) -> None:
    seconds = stage.dice.uniform(5.0, 60.0)
    stage.trouble(seconds)
    stage.server.loops_until = stage.agenda.now + seconds
    _reset(stage)


def _silence(stage: Stage) -> None:
    stage.server.silences = 1
    stage.trouble(12.0)
    _reset(stage)


def _malformed(stage: Stage) -> None:
    if stage.session is not None:
        for _ in range(stage.dice.randint(1, 3)):
            stage.session.blurt(stage.dice.choice(NONSENSE))


def _unknown(stage: Stage) -> None:
    if stage.session is not None:
        stage.session.blurt(stage.dice.choice(UNKNOWN))


def _repeat(stage: Stage) -> None:
    if stage.session is not None:
        stage.session.repeats += stage.dice.randint(1, 6)


def _reorder(stage: Stage) -> None:
    if stage.session is not None:
        stage.session.swaps += stage.dice.randint(1, 6)


def _late(stage: Stage) -> None:
    link, session = stage.link, stage.session
    if link is not None:
        link.break_off()
        if session is not None:
            for delay in (0.0, 0.5, 1.0, 2.0, 4.0):
                stage.agenda.after(delay, partial(session.call_tool, "late"))


def _error(stage: Stage) -> None:
    if stage.session is not None:
        stage.session.engine.inject_error(
            Refusal("The server had an error.", code=None, kind="server_error")
        )
        stage.session.call_out()


def _block(stage: Stage) -> None:
    seconds = stage.dice.choice((0.3, 1.0, 4.0, 15.0))
    stage.trouble(seconds)
    stage.driver.block(seconds)


def _suspend(stage: Stage) -> None:
    seconds = stage.dice.choice((3.0, 30.0, 200.0))
    stage.trouble(seconds)
    stage.driver.block(seconds, asleep=True)


def _slow_reader(stage: Stage) -> None:
    seconds = stage.dice.uniform(0.5, 10.0)
    stage.trouble(seconds)
    stage.caller.slow_down(seconds)


FAULTS: dict[str, Callable[[Stage], None]] = {
    "reset": _reset,
    "fin": _finish,
    "close": _goodbye,
    "expiry": _expire,
    "refusal": _refuse,
    "key refused once": _refuse_key,
    "blackhole": _blackhole,
    "one way": _one_way,
    "stall": _stall,
    "freeze": _freeze,
    "slow link": _slow,
    "crash": _crash,
    "crash loop": _crash_loop,
    "no session": _silence,
    "malformed": _malformed,
    "unknown event": _unknown,
    "repeated events": _repeat,
    "reordered events": _reorder,
    "late events": _late,
    "server error": _error,
    "blocked loop": _block,
    "suspend": _suspend,
    "slow reader": _slow_reader,
    "final refusal": _final,
}
"""Kind to deed."""

FINAL = "final refusal"
"""The one that ends a line for good; it is drawn far less often."""
KINDS = tuple(FAULTS)
