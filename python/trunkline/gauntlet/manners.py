"""How a client treats a server in trouble, and how it leaves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.gauntlet.trial import Aim, Score, Trial, Verdict

if TYPE_CHECKING:
    from trunkline.gauntlet.record import Dial, Record

__all__ = [
    "DIALS_AFTER_FATAL",
    "DIALS_A_MINUTE",
    "DIALS_A_SECOND",
    "STOP_SECONDS",
    "judge_end",
    "judge_fatal",
    "judge_retry_after",
    "judge_storm",
]

DIALS_A_SECOND = 4
"""A prompt first try and two more are no storm; five in a second from every client at once are."""
DIALS_A_MINUTE = 30
"""One every two seconds, the mean of a backoff that doubles from half a second up to four."""
DIALS_AFTER_FATAL = 1
"""A key may be fetched anew once."""
STOP_SECONDS = 10.0
"""Frameworks drain their pipelines first."""
_CLOCK_SLACK = 0.1
"""Of Retry-After, which has whole seconds."""


def judge_storm(_trial: Trial, record: Record) -> Score:
    """Whether it dialed at a rate that a server in trouble can stand."""
    times = [dial.at for dial in record.dials]
    second, minute = _most(times, 1.0), _most(times, 60.0)
    if not times:
        return Score(verdict=Verdict.NOT_APPLICABLE, reason="it never dialed")
    reason = f"at most {second} dials in a second, {minute} in a minute"
    if second > DIALS_A_SECOND or minute > DIALS_A_MINUTE:
        return Score(verdict=Verdict.FAILED, reason=reason, value=max(second, minute))
    if len(times) == 1:
        return Score(verdict=Verdict.NOT_APPLICABLE, reason="it dialed once")
    return Score(verdict=Verdict.PASSED, reason=reason, value=minute)


def _most(times: list[float], window: float) -> int:
    """The most dials within any window of so many seconds."""
    return max((sum(at <= one < at + window for one in times) for at in times), default=0)


def judge_fatal(trial: Trial, record: Record) -> Score:
    """Whether it gave up when trying again could not help."""
    if trial.aim is not Aim.STOP:
        return Score(verdict=Verdict.NOT_APPLICABLE, reason="nothing final was said")
    first = next((index for index, dial in enumerate(record.dials) if dial.is_fatal), None)
    if first is None:
        reason = "it never dialed again, so it was never refused"
        return Score(verdict=Verdict.NOT_APPLICABLE, reason=reason)
    more = len(record.dials) - first - 1
    refused = record.dials[first].outcome
    reason = f"{more} more dials after {refused}"
    is_patient = more <= DIALS_AFTER_FATAL
    return Score(verdict=_verdict(is_patient), reason=reason, value=more)


def judge_retry_after(_trial: Trial, record: Record) -> Score:
    """Whether it waited as long as it was asked to."""
    for index, dial in enumerate(record.dials):
        if dial.retry_after is not None:
            return _waited(dial, record.dials[index + 1 :])
    return Score(verdict=Verdict.NOT_APPLICABLE, reason="no refusal named a time")


def _waited(refused: Dial, later: list[Dial]) -> Score:
    asked = refused.retry_after or 0.0
    if not later:
        return Score(verdict=Verdict.NOT_APPLICABLE, reason="it did not dial again")
    waited = later[0].at - refused.at
    reason = f"dialed again after {waited:.2f} s; {asked:.0f} s were asked for"
    is_kept = waited >= asked - _CLOCK_SLACK
    return Score(verdict=_verdict(is_kept), reason=reason, value=waited, unit="s")


def judge_end(_trial: Trial, record: Record) -> Score:
    """Whether it closed its connection and was gone when it was told to stop."""
    stop = record.stop
    if stop.was_killed:
        reason = f"it was still running {STOP_SECONDS:.0f} s after it was told to stop"
        return Score(verdict=Verdict.FAILED, reason=reason)
    final = record.final
    if final is None or not final.history.passed:
        how = "when told to" if stop.told_at is not None else "by itself"
        return Score(verdict=Verdict.PASSED, reason=f"it ended {how}; no connection was left")
    ending = final.history.ending
    if ending is None or ending.by != "client" or ending.code in {None, 1006}:
        reason = "it left its connection without a close frame"
        return Score(verdict=Verdict.FAILED, reason=reason)
    if stop.told_at is None:
        reason = f"it ended by itself, with close {ending.code}"
        return Score(verdict=Verdict.PASSED, reason=reason)
    took = (stop.ended_at or stop.told_at) - stop.told_at
    reason = f"close {ending.code}, gone after {took:.2f} s"
    return Score(verdict=Verdict.PASSED, reason=reason, value=took, unit="s")


def _verdict(is_passed: bool) -> Verdict:
    return Verdict.PASSED if is_passed else Verdict.FAILED
