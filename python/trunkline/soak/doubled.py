"""Answers that the server was asked for although the turn had one: on a slow link a restore's request may be late.

That cannot be known before it is sent, so it is no fault by itself. But nobody may hear such an answer, and it may not
stay in the conversation, where the model would take it for said.

While the application waits for an answer it asked for, another is none too many: if what it was to answer is taken out
of the conversation meanwhile, it answers what was said before.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from trunkline.protocol import events

if TYPE_CHECKING:
    from collections.abc import Callable

    from trunkline.soak.agenda import Agenda
    from trunkline.soak.session import Session

__all__ = ["Doubled"]

_GONE_WITHIN = 10.0


class Doubled:
    """Of one line."""

    def __init__(self, agenda: Agenda, accuse: Callable[[str, str], None]) -> None:
        self._agenda = agenda
        self._accuse = accuse
        self._asked: dict[str, str] = {}
        """Response id to the words of the user that it answers again."""
        self._is_waited_for = False
        """Whether the application asked for an answer and none has ended since."""

    def asked(self) -> None:
        """The application asks for an answer."""
        self._is_waited_for = True

    def cancelled(self) -> None:
        """The application wants none."""
        self._is_waited_for = False

    def begin(
        self, session: Session, response_id: str, asked: str, is_well: Callable[[], bool]
    ) -> None:
        """The server gives an answer to words that had one; `is_well` is asked later, about the line."""
        if self._is_waited_for:
            return
        self._asked[response_id] = asked
        check = partial(self._is_gone, session, response_id, is_well)
        self._agenda.after(_GONE_WITHIN, check)

    def delivered(self, event: events.Event) -> None:
        """Something reached the application."""
        if isinstance(event, events.ResponseDone):
            self._is_waited_for = False
        asked = self._asked.get(getattr(event, "response_id", ""))
        if asked is not None:
            self._accuse("turns", f"{asked} is answered again, and nobody asked")

    def _is_gone(self, session: Session, response_id: str, is_well: Callable[[], bool]) -> None:
        if session.is_gone or not is_well():
            return
        made = {one.item_id for one in session.record.responses if one.id == response_id}
        if any(item.id in made for item in session.engine.items):
            self._accuse(
                "turns", f"what was answered again to {self._asked[response_id]} is still there"
            )
