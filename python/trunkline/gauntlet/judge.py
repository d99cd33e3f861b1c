"""From what the server saw to scores: pure, so that planted bad clients can be put to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.gauntlet.manners import judge_end, judge_fatal, judge_retry_after, judge_storm
from trunkline.gauntlet.restoring import judge_items, judge_settings, judge_tool
from trunkline.gauntlet.trial import SCORES, Aim, Score, Trial, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable

    from trunkline.gauntlet.accounts import Accounts
    from trunkline.gauntlet.record import Record

__all__ = ["AUDIO_TOLERANCE_MS", "judge"]

AUDIO_TOLERANCE_MS = 20.0
"""One frame of the detector: less cannot be told from its grid."""


def judge(trial: Trial, record: Record, accounts: Accounts) -> dict[str, Score]:
    """All scores of a trial, in the order of SCORES."""
    return {name: _JUDGES[name](trial, record, accounts) for name in SCORES}


def _absent(reason: str) -> Score:
    return Score(verdict=Verdict.NOT_APPLICABLE, reason=reason)


def _back(trial: Trial, record: Record, _accounts: Accounts) -> Score:
    if trial.aim is not Aim.BACK:
        return _absent(f"the client is to {trial.aim.value}")
    if len(record.deeds) < len(trial.steps):
        return Score(verdict=Verdict.FAILED, reason="it did not get to where the link is broken")
    final = record.final
    if final is None:
        return Score(verdict=Verdict.FAILED, reason="no connection followed that lasted")
    heard = next((one.at for one in final.history.appends), None)
    if heard is None:
        return Score(verdict=Verdict.FAILED, reason="it connected again, but no audio came")
    took = max(0.0, heard - record.served_from)
    within = f"audio flowed {took:.2f} s after the server would serve again"
    if took > trial.back_within:
        reason = f"{within}; {trial.back_within:.0f} s were given"
        return Score(verdict=Verdict.FAILED, reason=reason, value=took, unit="s")
    return Score(verdict=Verdict.PASSED, reason=within, value=took, unit="s")


def _held(trial: Trial, record: Record, _accounts: Accounts) -> Score:
    if trial.aim is not Aim.HOLD:
        return _absent("the link does not live")
    first = record.visits[0] if record.visits else None
    if first is None:
        return Score(verdict=Verdict.FAILED, reason="it never connected")
    if len(record.dials) > 1:
        reason = f"it dialed {len(record.dials) - 1} times more although the link lived"
        return Score(verdict=Verdict.FAILED, reason=reason, value=len(record.dials) - 1)
    if len(record.deeds) < len(trial.steps):
        return Score(verdict=Verdict.FAILED, reason="it did not get to where the trouble is")
    told_at = record.stop.told_at
    ending = first.history.ending
    if ending is not None and (told_at is None or ending.at < told_at):
        return Score(verdict=Verdict.FAILED, reason="it left before it was told to")
    return Score(verdict=Verdict.PASSED, reason="one connection from beginning to end")


def _lost(trial: Trial, record: Record, accounts: Accounts) -> Score:
    reason = _why_no_audio(trial, record, accounts)
    return _speech(accounts, accounts.lost_ms, "are in no conversation", reason)


def _doubled(trial: Trial, record: Record, accounts: Accounts) -> Score:
    reason = _why_no_audio(trial, record, accounts)
    return _speech(accounts, accounts.doubled_ms, "are twice in one conversation", reason)


def _speech(accounts: Accounts, wrong_ms: float, how: str, why_not: str) -> Score:
    """How much of the speech went wrong; `why_not` says why that cannot be told."""
    if why_not:
        return _absent(why_not)
    of = f"of {accounts.said_ms:.0f} ms of speech"
    if wrong_ms > AUDIO_TOLERANCE_MS:
        reason = f"{wrong_ms:.0f} ms {of} {how}"
        return Score(verdict=Verdict.FAILED, reason=reason, value=wrong_ms, unit="ms")
    return Score(verdict=Verdict.PASSED, reason=f"nothing {of}", value=wrong_ms, unit="ms")


def _why_no_audio(trial: Trial, record: Record, accounts: Accounts) -> str:
    """Why audio cannot be judged; empty if it can."""
    if trial.aim is Aim.STOP:
        return "no conversation is to follow"
    if record.final is None:
        return "no connection lasted"
    if not record.final.history.appends:
        return "no audio came over the connection that lasted"
    if not accounts.is_comparable:
        share = round(accounts.known_share * 100)
        return f"not comparable: the client changes the audio ({share} % of it is the file's)"
    return ""


def _answered(trial: Trial, record: Record, _accounts: Accounts) -> Score:
    if trial.aim is Aim.STOP:
        return _absent("no conversation is to follow")
    final = record.final
    if final is None:
        return Score(verdict=Verdict.FAILED, reason="no connection lasted")
    troubled_at = max((at for at, _ in record.deeds), default=final.opened_at)
    turns = [item for item in final.history.items_of("committed") if item.at > troubled_at]
    if not turns:
        reason = "no turn was heard to its end after the trouble"
        return Score(verdict=Verdict.FAILED, reason=reason)
    completed = [one for one in final.history.responses if one.status == "completed"]
    if not any(one.at >= turns[0].at for one in completed):
        return Score(verdict=Verdict.FAILED, reason="the turn after the trouble got no answer")
    return Score(verdict=Verdict.PASSED, reason="a turn after the trouble was answered")


_JUDGES: dict[str, Callable[[Trial, Record, Accounts], Score]] = {
    "back": _back,
    "held": _held,
    "settings": lambda trial, record, _: judge_settings(trial, record),
    "items": lambda trial, record, _: judge_items(trial, record),
    "tool": lambda trial, record, _: judge_tool(trial, record),
    "lost": _lost,
    "doubled": _doubled,
    "answered": _answered,
    "storm": lambda trial, record, _: judge_storm(trial, record),
    "fatal": lambda trial, record, _: judge_fatal(trial, record),
    "retry_after": lambda trial, record, _: judge_retry_after(trial, record),
    "end": lambda trial, record, _: judge_end(trial, record),
}
