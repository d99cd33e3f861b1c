"""The trials: a table. Its rows are sources as well: what happens in them was seen in the field."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.errors import ConfigError
from trunkline.gauntlet.deeds import (
    Close,
    Crash,
    Drop,
    Freeze,
    Gate,
    GoDown,
    HttpRefusal,
    Repeat,
    Reset,
    Say,
    Slow,
    Step,
    TurnAway,
    Vanish,
)
from trunkline.gauntlet.trial import Aim, Trial
from trunkline.simulator.faults import Appended, Elapsed, Events, InReply, InUtterance

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["TRIALS", "chosen"]

_EXPIRED = "Your session hit the maximum duration of 60 minutes."
_BAD_KEY = TurnAway(
    close_code=3000,
    type="invalid_request_error",
    code="invalid_api_key",
    message="Incorrect API key provided.",
)
_NO_CREDIT = TurnAway(
    close_code=1013,
    type="insufficient_quota",
    code="insufficient_quota",
    message="You exceeded your current quota, please check your plan and billing details.",
)
_BUSY = HttpRefusal(
    status=429,
    code="rate_limit_exceeded",
    message="Rate limit reached. Please try again in 3s.",
    retry_after=3.0,
)
_UNAVAILABLE = HttpRefusal(
    status=503, code="server_error", message="The service is temporarily unavailable."
)
_UNKNOWN = (
    '{"type":"response.thought.delta","event_id":"event_gauntlet1","delta":"hm"}',
    '{"type":"session.weather","event_id":"event_gauntlet2","nested":{"a":[1,null,{}]}}',
    '{"type":"rate_limits.updated","event_id":"event_gauntlet3","rate_limits":[],"new":true}',
)
_GARBAGE = (
    '{"type":"response.done"',
    "\ufeffnot json at all \u0000",
    "[]",
    "null",
    '{"no_type":1}',
    b"\x00\xff\xfe binary where none belongs",
)
_IN_UTTERANCE = InUtterance(turn=2, ms=900)
_IN_REPLY = InReply(turn=2, ms=600)
_TROUBLE = (
    '{"type":"error","event_id":"event_gauntlet4","error":{"type":"server_error","code":null,'
    '"message":"The server had an error while processing your request. Sorry about that!",'
    '"param":null,"event_id":null}}'
)


def _back(name: str, summary: str, *steps: Step, **more: object) -> Trial:
    return Trial(name=name, summary=summary, aim=Aim.BACK, steps=steps, **more)  # type: ignore[arg-type]


def _hold(name: str, summary: str, *steps: Step) -> Trial:
    return Trial(name=name, summary=summary, aim=Aim.HOLD, steps=steps)


def _stop(name: str, summary: str, gate: Gate, *steps: Step) -> Trial:
    return Trial(name=name, summary=summary, aim=Aim.STOP, steps=steps, gate=gate, patience=30.0)


def _reset(when: Appended | Elapsed | Events | InReply | InUtterance, **more: object) -> Step:
    return Step(when=when, deed=Reset(), **more)  # type: ignore[arg-type]


def _close_in_reply(code: int, reason: str = "") -> Step:
    return Step(when=_IN_REPLY, deed=Close(code=code, reason=reason))


TRIALS: tuple[Trial, ...] = (
    _hold("calm", "Nothing happens: what the client does without trouble."),
    _back(
        "kill-before-created",
        "The upgrade succeeds, and a reset comes instead of session.created.",
        _reset(Elapsed(seconds=0.0)),
    ),
    _back(
        "kill-after-created",
        "Reset right after session.created.",
        _reset(Events(type="session.created")),
    ),
    _back(
        "kill-before-updated",
        "Reset when session.update has come, before it is answered.",
        _reset(Events(type="session.update")),
    ),
    _back(
        "kill-after-updated",
        "Reset right after session.updated.",
        _reset(Events(type="session.updated")),
    ),
    _back(
        "kill-first-appends",
        "Reset after the first 200 ms of audio.",
        _reset(Appended(ms=200)),
    ),
    _back(
        "kill-in-utterance",
        "Reset 900 ms into what the user says in the second turn.",
        _reset(_IN_UTTERANCE),
    ),
    _back(
        "kill-at-commit",
        "Reset when the second turn was committed, before any of its answer.",
        _reset(Events(type="input_audio_buffer.committed", count=2)),
    ),
    _back(
        "kill-in-reply",
        "Reset when 600 ms of the second answer were sent.",
        _reset(_IN_REPLY),
    ),
    _back(
        "kill-in-tool-call",
        "Reset while the client's function, called in the second turn, is running.",
        _reset(Events(type="response.function_call_arguments.done"), delay=0.3),
        tool_turn=2,
    ),
    _back(
        "kill-after-tool-output",
        "Reset 50 ms after the function's output has come.",
        _reset(Events(type="tool.output"), delay=0.05),
        tool_turn=2,
    ),
    _back(
        "kill-twice",
        "Reset in the second utterance, and again when the new session is being set up.",
        _reset(_IN_UTTERANCE, visit=1),
        _reset(Events(type="session.updated"), visit=2, delay=0.02),
    ),
    _back(
        "drop-without-close",
        "The connection ends in the second utterance without a close frame (1006).",
        Step(when=_IN_UTTERANCE, deed=Drop()),
    ),
    _back(
        "expiry",
        "The session's maximum duration: an error event and close 1001, in the second utterance.",
        Step(
            when=_IN_UTTERANCE,
            deed=Close(
                code=1001,
                reason=_EXPIRED,
                error=("invalid_request_error", "session_expired", _EXPIRED),
            ),
        ),
    ),
    _back(
        "expiry-without-error",
        "Close 1001 alone, in silence after the first answer: libraries take it for a clean end.",
        Step(when=Events(type="response.done"), deed=Close(code=1001, reason=_EXPIRED), delay=0.5),
    ),
    _back("close-1011", "Close 1011 in the second answer.", _close_in_reply(1011, "internal")),
    _back(
        "close-1012",
        "Close 1012 (service restart) in the second answer.",
        _close_in_reply(1012, "service restart"),
    ),
    _back(
        "half-open",
        "In the second utterance the server is gone, and nothing tells: no reset, no close.",
        Step(when=_IN_UTTERANCE, deed=Vanish()),
        back_within=20.0,
        patience=60.0,
    ),
    _back(
        "crash-loop",
        "Reset in the second utterance; the next four sessions are reset at session.created.",
        _reset(_IN_UTTERANCE, visit=1),
        gate=Gate(how=Crash(), count=4),
        patience=60.0,
    ),
    _back(
        "server-restart",
        "In the second utterance all links are reset; for three seconds nobody listens.",
        Step(when=_IN_UTTERANCE, deed=GoDown(seconds=3.0)),
        patience=60.0,
    ),
    _back(
        "retry-after",
        "Reset in the second utterance; the next dial gets 429 with Retry-After: 3.",
        _reset(_IN_UTTERANCE, visit=1),
        gate=Gate(how=_BUSY, count=1),
    ),
    _back(
        "unavailable",
        "Reset in the second utterance; the next two dials get 503.",
        _reset(_IN_UTTERANCE, visit=1),
        gate=Gate(how=_UNAVAILABLE, count=2),
    ),
    _stop("bad-key", "The key is refused from the start (3000).", Gate(how=_BAD_KEY, after=0)),
    _stop(
        "no-credit",
        "No credit from the start: close 1013, whose reason says that it is final.",
        Gate(how=_NO_CREDIT, after=0),
    ),
    _stop(
        "no-credit-later",
        "Reset in the second utterance; then the credit is used up (1013).",
        Gate(how=_NO_CREDIT),
        _reset(_IN_UTTERANCE, visit=1),
    ),
    _stop(
        "key-expired",
        "Reset in the second utterance; the key is no longer taken (3000) at the redial.",
        Gate(how=_BAD_KEY),
        _reset(_IN_UTTERANCE, visit=1),
    ),
    _hold(
        "slow-link",
        "For six seconds the link takes 40 kB/s, two thirds of what the audio needs.",
        Step(when=InUtterance(turn=1, ms=500), deed=Slow(seconds=6.0, bytes_per_second=40_000)),
    ),
    _hold(
        "freeze",
        "Two seconds without a byte in the second utterance, then everything goes on.",
        Step(when=_IN_UTTERANCE, deed=Freeze(seconds=2.0)),
    ),
    _hold(
        "garbage",
        "Messages that are no JSON, no events, or binary.",
        Step(when=_IN_UTTERANCE, deed=Say(messages=_GARBAGE)),
    ),
    _hold(
        "duplicates",
        "From the second utterance on, thirty events come twice.",
        Step(when=_IN_UTTERANCE, deed=Repeat(events=30)),
    ),
    _hold(
        "unknown-events",
        "Events of types and with fields that nobody knows yet.",
        Step(when=_IN_UTTERANCE, deed=Say(messages=_UNKNOWN)),
    ),
    _hold(
        "server-error",
        "An error event that ends nothing, in the second utterance.",
        Step(when=_IN_UTTERANCE, deed=Say(messages=(_TROUBLE,))),
    ),
)


def chosen(names: Iterable[str]) -> tuple[Trial, ...]:
    """The trials of these names, all if there are none; raises ConfigError for an unknown one."""
    wanted = tuple(names)
    known = {trial.name for trial in TRIALS}
    for name in wanted:
        if name not in known:
            raise ConfigError("--only", f"{name!r} is none of {', '.join(sorted(known))}")
    return tuple(trial for trial in TRIALS if not wanted or trial.name in wanted)
