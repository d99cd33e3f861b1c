"""Rare facts as counters and histograms: one function for each, in a table."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, TypeVar, cast

from trunkline.protocol import observations as seen
from trunkline.protocol.closure import Disposition
from trunkline.protocol.observations import MilestoneKind
from trunkline.telemetry import families as of
from trunkline.telemetry import turns as measured
from trunkline.telemetry.fold import RTT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from trunkline.protocol.closure import Closure
    from trunkline.protocol.observations import Observation
    from trunkline.telemetry.account import Account, Standing
    from trunkline.telemetry.families import Family
    from trunkline.telemetry.fold import LineFold

__all__ = ["error_type", "reckon", "token_kinds"]

_Fact = TypeVar("_Fact", bound="Observation")

# What a fold measured of its last fact, and what that is here.
_MEASURED: dict[str, tuple[Family, tuple[str, ...]]] = {
    RTT: (of.RTT, ()),
    measured.FIRST_AUDIO: (of.FIRST_AUDIO, ("speech_stopped",)),
    measured.TURN_GAP: (of.TURN_GAP, ()),
    measured.BARGE_IN: (of.BARGE_IN, ("silent",)),
}
_MOST_RESPONSES = 16
# A reason may hold a figure of the application's settings: "older than the latest 500 ms".
_FIGURE = re.compile(r"\s*\d+(\.\d+)?\s*m?s\b")
# Codes that stand for what nobody sent: a fault beside them says more.
_EMPTY_CODES = (None, 1005, 1006)


def reckon(account: Account, fact: Observation, fold: LineFold, standing: Standing) -> None:
    """Count a fact that the fold has just taken."""
    for metric, seconds in fold.measured():
        known = _MEASURED.get(metric)
        if known is not None:
            account.observe(standing, known[0], seconds, *known[1])
    step = _STEPS.get(type(fact))
    if step is not None:
        step(account, fact, fold, standing)


def error_type(closure: Closure) -> str:
    """Why a link ended or was not had, in one word.

    The server's code, `http_` and a status, `close_` and a close code, or the name of a fault.
    """
    is_weak = closure.status is None and (closure.by_us or closure.code in _EMPTY_CODES)
    if closure.fault is not None and is_weak:
        return closure.fault.name.lower()
    if closure.error_code:
        return closure.error_code
    if closure.status is not None:
        return f"http_{closure.status}"
    return "unknown" if closure.code is None else f"close_{closure.code}"


def token_kinds(fact: seen.ResponseUsage) -> Iterator[tuple[int, str, str, str]]:
    """Tokens, kind, modality and whether they were cached; together what the server counted, and none of them twice."""
    cached_text, cached_audio = fact.cached_text_tokens, fact.cached_audio_tokens
    cached_rest = fact.cached_tokens - cached_text - cached_audio
    text = audio = 0
    if cached_rest == 0:
        # Else nobody says of which modality the cached ones are, and so not of which the others.
        text = max(fact.input_text_tokens - cached_text, 0)
        audio = max(fact.input_audio_tokens - cached_audio, 0)
    rest = fact.input_tokens - fact.cached_tokens - text - audio
    output_rest = fact.output_tokens - fact.output_text_tokens - fact.output_audio_tokens
    rows = (
        (text, "input", "text", "false"),
        (audio, "input", "audio", "false"),
        (rest, "input", "unknown", "false"),
        (cached_text, "input", "text", "true"),
        (cached_audio, "input", "audio", "true"),
        (cached_rest, "input", "unknown", "true"),
        (fact.output_text_tokens, "output", "text", "false"),
        (fact.output_audio_tokens, "output", "audio", "false"),
        (output_rest, "output", "unknown", "false"),
    )
    return (row for row in rows if row[0] > 0)


def _transition(
    account: Account, fact: seen.Transition, fold: LineFold, standing: Standing
) -> None:
    account.spend(standing, fact.source.value, fact.at)
    if fold.outages.ended > standing.reconnects:
        standing.reconnects = fold.outages.ended
        outage = fold.outages.kept[-1]
        account.add(standing, of.RECONNECTS, 1, standing.reason)
        account.observe(standing, of.OUTAGE, outage.seconds or 0.0)
    if fold.is_over:
        account.ended(standing, fold, fact.at, fact.target.value)


def _session_ready(
    account: Account, _: seen.SessionReady, fold: LineFold, standing: Standing
) -> None:
    standing.rebase(account.base_of(fold))


def _link_opened(account: Account, fact: seen.LinkOpened, _: LineFold, standing: Standing) -> None:
    account.add(standing, of.CONNECT_ATTEMPTS, 1, "ok", "")
    account.observe(standing, of.CONNECT, fact.took, "all")
    for phase, seconds in fact.phases:
        account.observe(standing, of.CONNECT, seconds, phase)


def _link_ended(account: Account, fact: seen.LinkEnded, fold: LineFold, standing: Standing) -> None:
    closure, kind = fact.closure, error_type(fact.closure)
    is_outage = fact.verdict.disposition is not Disposition.DONE
    standing.created.clear()
    if not fact.lived and is_outage:
        account.add(standing, of.CONNECT_ATTEMPTS, 1, "error", kind)
    if fact.lived:
        code = "none" if closure.code is None else str(closure.code)
        account.add(standing, of.CLOSES, 1, code, "local" if closure.by_us else "remote")
    outage = fold.outages.kept[-1] if fold.outages.is_open else None
    if is_outage and outage is not None and outage.at == fact.at:
        # An attempt that failed within it ended no link.
        standing.reason, standing.replays = kind, "reconnect"
        if outage.detected_s is not None:
            account.observe(standing, of.OUTAGE_DETECTION, outage.detected_s)


def _rotated(_: Account, __: seen.Rotated, ___: LineFold, standing: Standing) -> None:
    standing.replays = "rotation"


def _rotation_failed(
    account: Account, fact: seen.RotationFailed, _: LineFold, standing: Standing
) -> None:
    if fact.closure is not None and fact.closure.phase is not None:
        account.add(standing, of.CONNECT_ATTEMPTS, 1, "error", error_type(fact.closure))


def _restored(account: Account, fact: seen.Restored, fold: LineFold, standing: Standing) -> None:
    seconds = fact.duplicated_samples / fold.began.rate_hz
    account.add(standing, of.DUPLICATE, seconds, "up", "reconnect")


def _gap(account: Account, fact: seen.AudioGap, fold: LineFold, standing: Standing) -> None:
    reason = _FIGURE.sub("", fact.reason)
    account.add(standing, of.LOST, fact.samples / fold.began.rate_hz, "up", reason)


def _capture_overrun(
    account: Account, fact: seen.CaptureOverrun, _: LineFold, standing: Standing
) -> None:
    account.add(standing, of.CAPTURE_OVERRUNS, 1)
    account.add(standing, of.CAPTURE_DROPPED, fact.lost_ms / 1000)


def _milestone(account: Account, fact: seen.Milestone, fold: LineFold, standing: Standing) -> None:
    if fact.kind is MilestoneKind.RESPONSE_CREATED:
        standing.created[fact.response_id] = fact.at
        while len(standing.created) > _MOST_RESPONSES:
            del standing.created[next(iter(standing.created))]
    elif fact.kind is MilestoneKind.FIRST_AUDIO:
        _first_audio(account, fact, fold, standing)
    elif fact.kind is MilestoneKind.RESPONSE_DONE:
        status = fact.status or "unknown"
        reason = standing.failures.pop(fact.response_id, "")
        account.add(standing, of.RESPONSES, 1, status, reason)
        created_at = standing.created.pop(fact.response_id, None)
        if created_at is not None:
            account.observe(standing, of.RESPONSE_DURATION, fact.at - created_at, status)


def _first_audio(
    account: Account, fact: seen.Milestone, fold: LineFold, standing: Standing
) -> None:
    """Of a turn that was committed by hand; of one that the server heard the end of, the fold has measured it."""
    for turn in reversed(fold.turns.kept):
        if fact.response_id in turn.responses:
            is_first = turn.first_audio_at == fact.at and turn.stopped_at is None
            if is_first and turn.committed_at is not None:
                account.observe(standing, of.FIRST_AUDIO, fact.at - turn.committed_at, "committed")
            return


def _failed(account: Account, fact: seen.ResponseFailed, _: LineFold, standing: Standing) -> None:
    code = fact.code or "unknown"
    standing.failures[fact.response_id] = code
    while len(standing.failures) > _MOST_RESPONSES:
        del standing.failures[next(iter(standing.failures))]
    account.add(standing, of.API_ERRORS, 1, "response_failed", code)


def _server_error(
    account: Account, fact: seen.ServerError, _: LineFold, standing: Standing
) -> None:
    account.add(standing, of.API_ERRORS, 1, fact.type, fact.code or fact.type or "unknown")


def _usage(account: Account, fact: seen.ResponseUsage, _: LineFold, standing: Standing) -> None:
    for tokens, kind, modality, cached in token_kinds(fact):
        account.add(standing, of.TOKENS, tokens, kind, modality, cached)


def _row(
    kind: type[_Fact], step: Callable[[Account, _Fact, LineFold, Standing], None]
) -> tuple[type[Observation], Callable[[Account, Any, LineFold, Standing], None]]:
    """A row of the table; the key is the type the step takes."""
    return kind, cast("Callable[[Account, Any, LineFold, Standing], None]", step)


def _add(family: Family, *values: str) -> Callable[[Account, Any, LineFold, Standing], None]:
    return lambda account, _, __, standing: account.add(standing, family, 1, *values)


_STEPS: dict[type[Observation], Callable[[Account, Any, LineFold, Standing], None]] = dict(
    [
        _row(seen.Transition, _transition),
        _row(seen.SessionReady, _session_ready),
        _row(seen.LinkOpened, _link_opened),
        _row(seen.LinkEnded, _link_ended),
        _row(seen.Rotated, _rotated),
        _row(seen.RotationFailed, _rotation_failed),
        _row(seen.Restored, _restored),
        _row(seen.AudioGap, _gap),
        _row(seen.RoundTrip, _add(of.PINGS, "ok")),
        _row(seen.PingTimedOut, _add(of.PINGS, "timeout")),
        _row(seen.CaptureOverrun, _capture_overrun),
        _row(seen.Milestone, _milestone),
        _row(
            seen.TruncateConfirmed,
            lambda account, fact, _, standing: account.observe(
                standing, of.BARGE_IN, fact.took, "confirmed"
            ),
        ),
        _row(seen.ResponseFailed, _failed),
        _row(seen.ServerError, _server_error),
        _row(seen.ResponseUsage, _usage),
    ]
)
