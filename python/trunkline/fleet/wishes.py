"""What an operator may wish of a line in another process, by name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from trunkline.errors import TrunklineError
from trunkline.text import Clean, clean

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["ACTIONS", "Faults", "Wish", "carry_out"]


ACTIONS: dict[str, tuple[Callable[[Any], Any], str]] = {
    "reconnect": (lambda line: line.reconnect(), "reconnecting"),
    "rotate": (lambda line: line.rotate(), "rotating"),
    "close": (lambda line: line.aclose(), "closing"),
    "drain": (lambda line: line.drain(), "closing after the answer that is being given"),
    "mute": (lambda line: line.mute(), "muted"),
    "unmute": (lambda line: line.mute(False), "not muted any more"),
}
"""By name: what is called on the line, in its event loop, and what the operator is told that happens."""


@dataclass(frozen=True, slots=True)
class Wish:
    """One wish; `answer` gets one line of text, once, from any thread."""

    line: str
    action: str
    answer: Callable[[Clean], None]


class Faults:
    """What a simulator can be made to do; the base can do nothing, and is what a real server offers."""

    def names(self) -> tuple[str, ...]:
        """As a menu shows them."""
        return ()

    def make(self, name: str) -> str:
        """Makes one happen, and gives what is told of it; may block for a second, and raise TrunklineError."""
        return f"no such fault: {name}"


def carry_out(line: Any, wish: Wish, spawn: Callable[[Any], Any]) -> None:
    """Does it, in the line's event loop; `spawn` makes a task of a coroutine. Never raises."""
    do, words = ACTIONS[wish.action]
    try:
        outcome = do(line)
    except TrunklineError as error:
        wish.answer(clean(f"{wish.action}: {error}", limit_chars=200))
        return
    except Exception as error:  # noqa: BLE001 - whatever it is, it is the operator's to know and not the call's
        wish.answer(clean(f"{wish.action}: {type(error).__name__}", limit_chars=200))
        return
    if hasattr(outcome, "__await__"):
        # What comes of it shows on the screen; a failure that nobody asked for must not be logged as lost.
        spawn(outcome).add_done_callback(_forgotten)
    wish.answer(clean(words))


def _forgotten(task: Any) -> None:
    if not task.cancelled():
        task.exception()
