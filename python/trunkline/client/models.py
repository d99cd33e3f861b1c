"""Names of models: the one that is taken unless another is named, and those that were announced to go away."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["DEFAULT_MODEL", "LEAVING", "TRANSLATION_MODEL", "XAI_DEFAULT_MODEL", "warn_if_leaving"]

DEFAULT_MODEL = "gpt-realtime-2.1"
"""The newest generally available conversation model (openai 3.54.0, 2026-11-22)."""
TRANSLATION_MODEL = "gpt-realtime-translate"
"""The only one of translation sessions (openai 3.54.0)."""
XAI_DEFAULT_MODEL = "grok-voice-latest"
LEAVING = (
    dict.fromkeys(
        (
            "gpt-realtime", "gpt-realtime-2025-08-28", "gpt-realtime-mini", "gpt-realtime-mini-2025-12-15",
            "gpt-audio-mini",
        ),
        "2027-01-20",
    )
    | dict.fromkeys(
        ("whisper-1", "gpt-4o-transcribe", "gpt-4o-mini-transcribe", "gpt-4o-transcribe-diarize"),
        "2027-02-26",
    )
    | dict.fromkeys(("gpt-4o-realtime-preview", "gpt-4o-mini-realtime-preview"), "2026-05-07")
)  # fmt: skip
"""Model to the day it goes, or went (OpenAI's deprecations page, 2026-11-22)."""
_SUCCESSORS = {"2027-02-26": "gpt-realtime-whisper"}
_SNAPSHOTS = ("gpt-4o-realtime-preview-", "gpt-4o-mini-realtime-preview-")
_warned: set[str] = set()


def warn_if_leaving(model: str, session: Mapping[str, Any] | None = None) -> None:
    """Warns once in a process for each model that is to go away: the session's, and the one that writes speech down."""
    for name in (model, _transcriber(session or {})):
        day = _day_of(name)
        if day is None or name in _warned:
            continue
        _warned.add(name)
        instead = _SUCCESSORS.get(day, DEFAULT_MODEL)
        warnings.warn(
            f"the model {name} was announced to go away on {day}; {instead} is its successor",
            FutureWarning,
            stacklevel=3,
        )


def _day_of(name: str) -> str | None:
    # Of the first preview only the snapshots had a day; the bare name pointed to them.
    base = next((prefix[:-1] for prefix in _SNAPSHOTS if name.startswith(prefix)), name)
    return LEAVING.get(base)


def _transcriber(session: Mapping[str, Any]) -> str:
    part: Any = session
    for key in ("audio", "input", "transcription", "model"):
        part = part.get(key) if isinstance(part, dict) else None
    return part if isinstance(part, str) else ""
