"""Chance for delays, of which every line draws: jitter, and no secret.

One state for the process, since each is 2.5 kB, and of our own: an application that seeds `random`, as all its workers
may with the same number, must not make them come back in step. To ask the kernel instead would give the interpreter's
lock away for each number. A child after a fork begins anew.
"""

from __future__ import annotations

import os
import random

__all__ = ["draw"]

_dice = random.Random()  # noqa: S311 - see above
draw = _dice.random
"""A number in [0, 1)."""

if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_dice.seed)
