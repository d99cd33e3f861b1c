"""A source that is silent for ever, and a sink that nobody hears: for lines without a sound card."""

from __future__ import annotations

from itertools import repeat

from trunkline.devices.base import SILENCE
from trunkline.devices.paced import PacedSink, PacedSource

__all__ = ["silent_sink", "silent_source"]

_NAME = "silence"


def silent_source() -> PacedSource:
    """Blocks of silence in real time, without an end."""
    return PacedSource(_NAME, lambda: repeat(SILENCE))


def silent_sink(*, latency: float = 0.0) -> PacedSink:
    """Takes what is played in real time and drops it; a block counts as heard `latency` seconds after it was taken."""
    return PacedSink(_NAME, take=lambda _pcm: None, latency=latency)
