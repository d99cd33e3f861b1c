"""What this process has been told once about where it dials and as whom: by a command's options and files.

A library has no such thing: `connect` and the environment say it all. A command has files of settings, too, and sets
this up before it does anything; whatever it dials then, and wherever in it, is told the same.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from trunkline.client.credentials import Credential

__all__ = ["NOTHING", "Standing", "standing", "standing_by"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Asked when a line is dialed, and only then: what is not used must not fail."""

    base_url: Callable[[], str | None] = lambda: None
    """The address, if the process was told one. May raise ConfigError for one that must not be dialed."""
    credential: Callable[[str, bool], Credential | None] = lambda _variable, _is_ours: None
    """The key, instead of what the environment says in the variable that is given; None leaves it to the environment.
    The second argument is whether the address is the one above: a key that belongs to it goes nowhere else."""
    organization: str | None = None
    project: str | None = None


NOTHING = Standing()
"""The process was told nothing."""

# One cell for the process, and no context variable: a command's lines are dialed in threads of their own.
_told = [NOTHING]


def standing() -> Standing:
    """What holds now."""
    return _told[-1]


@contextmanager
def standing_by(told: Standing) -> Iterator[None]:
    """Has it hold as long as the block runs."""
    _told.append(told)
    try:
        yield
    finally:
        _told.remove(told)
