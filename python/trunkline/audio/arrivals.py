"""How pieces of audio arrived: the time between them, and their jitter.

A line that streams gets fifty pieces a second, and what is asked about each of them is little arithmetic, which costs
more in steps of the interpreter than everything else that telemetry does with them; so it is native.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline._native import follow_arrivals

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["followed"]


def followed(
    times: Sequence[float],
    samples: Sequence[int],
    *,
    before: tuple[float, int] | None,
    jitter: float | None,
    rate_hz: int,
) -> tuple[list[int], float | None]:
    """Goes on behind `before`, when the last piece came and its samples, with those that came at `times` (seconds).

    Gives for each gap its bucket of a histogram of durations (`telemetry.histogram.bucket_of`), and the jitter in
    seconds behind the last of them: the filter of RFC 3550 §A.8, where transit is arrival less media position. The
    jitter is what was given where there is no gap. Cost: 3 µs for 50 pieces.
    """
    return follow_arrivals(times, samples, before=before, jitter=jitter, rate_hz=rate_hz)
