"""How pieces of audio arrived: the time between them, and their jitter.

A line that streams gets fifty pieces a second, and what is asked about each of them is little arithmetic, which costs
more in steps of the interpreter than everything else that telemetry does with them; so it is native.
"""

from __future__ import annotations

from trunkline._native import follow_arrivals

__all__ = ["follow_arrivals"]
