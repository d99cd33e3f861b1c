"""What the server and the transport last said of a line, and what they said so far of tokens and errors."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import orjson

from trunkline.text import Clean, clean

if TYPE_CHECKING:
    from trunkline.protocol import observations as seen
    from trunkline.telemetry.snapshot import Outage

__all__ = ["MOST_ERRORS", "Standing"]

MOST_ERRORS = 32
"""Codes of errors that are told apart; what a server sends is not ours to bound."""

_OTHER = Clean("other")
_NOTHING = Clean("")
_MOST_SETTINGS_CHARS = 16_384
_MOST_LIMITS = 8


@dataclass(slots=True)
class Standing:
    """Takes facts that say how things are, and counts those that say what went wrong."""

    model: Clean | None = None
    session_id: Clean | None = None
    expires_at: float | None = None
    settings: str = ""
    """As the server confirmed them: its own words, for `laid_out` to show."""
    detects: bool = True
    """Whether the server tells when the user speaks; else turns are committed by hand."""
    phases: tuple[tuple[str, float], ...] = ()
    """Name and seconds of each phase of the last dial."""
    attempt: int = 0
    """Of the dial that runs or is planned; 0 while live."""
    retry_at: float | None = None
    rotations: int = 0
    rotations_failed: int = 0
    anomalies: int = 0
    fenced: int = 0
    duplicated_samples: int = 0
    capture_lost_ms: float = 0.0
    input_tokens: int = 0
    output_tokens: int = 0
    cached_tokens: int = 0
    limits: tuple[tuple[Clean, int, int, float], ...] = ()
    errors: dict[Clean, int] = field(default_factory=dict)

    gaps: dict[Clean, int] = field(default_factory=dict)
    """Why audio was not delivered, and samples of it."""

    def gap(self, fact: seen.AudioGap) -> None:
        """Audio will not be delivered."""
        reason = clean(fact.reason, limit_chars=60)
        if reason not in self.gaps and len(self.gaps) >= MOST_ERRORS:
            reason = _OTHER
        self.gaps[reason] = self.gaps.get(reason, 0) + fact.samples

    def overrun(self, fact: seen.CaptureOverrun) -> None:
        """The application was too slow for the microphone."""
        self.capture_lost_ms += fact.lost_ms

    def outage_words(self, outage: Outage, now: float) -> str:
        """How long an outage lasts already, and what is done about it."""
        if outage.final:
            return f"failed: {outage.cause}, {outage.reason}"
        words = [f"outage {max(now - outage.at, 0.0):.1f} s", outage.reason]
        if self.attempt and self.retry_at is not None:
            words.append(f"try {self.attempt} in {max(self.retry_at - now, 0.0):.1f} s")
        return ", ".join(words)

    def live(self) -> None:
        """The line is live: nothing is tried any more."""
        self.attempt, self.retry_at = 0, None

    def session_ready(self, fact: seen.SessionReady) -> None:
        """The server created a session."""
        self.session_id = clean(fact.session_id, limit_chars=80)
        self.model = clean(fact.model, limit_chars=80)
        self.expires_at = fact.expires_at

    def retry_scheduled(self, fact: seen.RetryScheduled) -> None:
        """The line will dial again."""
        self.attempt, self.retry_at = fact.attempt, fact.at + fact.delay

    def confirmed(self, fact: seen.SettingsConfirmed) -> None:
        """The settings in force: kept as they came if that is JSON of no more than is shown."""
        document, is_json = fact.settings, False
        with suppress(orjson.JSONDecodeError):
            self.detects, is_json = _detects(orjson.loads(document)), True
        is_kept = is_json and len(document) <= _MOST_SETTINGS_CHARS
        self.settings = document if is_kept else clean(document, limit_chars=_MOST_SETTINGS_CHARS)

    def laid_out(self) -> Clean:
        """The settings for reading, if they are JSON; what is none as it is."""
        document = self.settings
        with suppress(orjson.JSONDecodeError):
            document = orjson.dumps(orjson.loads(document), option=orjson.OPT_INDENT_2).decode()
        return clean(document, limit_chars=_MOST_SETTINGS_CHARS)

    def rotation_failed(self, fact: seen.RotationFailed) -> None:
        """A second link failed; counted once the rotation is given up."""
        self.rotations_failed += fact.final

    def usage(self, fact: seen.ResponseUsage) -> None:
        """What a response cost."""
        self.input_tokens += fact.input_tokens
        self.output_tokens += fact.output_tokens
        self.cached_tokens += fact.cached_tokens

    def rate_limits(self, fact: seen.RateLimits) -> None:
        """What is left of the account's limits."""
        self.limits = tuple(
            (clean(name, limit_chars=40), limit, left, reset)
            for name, limit, left, reset in fact.limits[:_MOST_LIMITS]
        )

    def error(self, code: str) -> None:
        """The server told of an error, or of a response that failed."""
        name = clean(code or "unknown", limit_chars=60)
        if name not in self.errors and len(self.errors) >= MOST_ERRORS:
            name = _OTHER
        self.errors[name] = self.errors.get(name, 0) + 1

    def anomaly(self) -> None:
        """Something came that should not have."""
        self.anomalies += 1

    def fence(self) -> None:
        """Something from an old link was discarded."""
        self.fenced += 1


def _detects(settings: Any) -> bool:
    """Whether these settings have the server detect speech, as it does unless it is told not to."""
    for name in ("audio", "input", "turn_detection"):
        if not isinstance(settings, dict) or name not in settings:
            return True
        settings = settings[name]
    return settings is not None and settings != {"type": None}
