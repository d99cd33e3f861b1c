"""What a client sends, on its way to the engine: swallowed, translated, or as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

from trunkline.simulator.actions import DropEvent
from trunkline.simulator.refusals import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable

    from trunkline.simulator.dialect import Dialect
    from trunkline.simulator.faults import Facts, FaultBook
    from trunkline.simulator.intake import Intake

__all__ = ["Inbound"]


class Inbound:
    """The way in of one connection."""

    def __init__(
        self,
        engine: Intake,
        *,
        dialect: Dialect | None,
        book: FaultBook,
        facts_of: Callable[[str], Facts],
    ) -> None:
        """`facts_of` tells where the connection stands if an event of that type comes in now."""
        self._engine = engine
        self._dialect = dialect
        self._book = book
        self._facts_of = facts_of

    def take(self, text: str, now: float) -> None:
        """Give a text message to the engine."""
        if self._dialect is None and not self._book.has_edits:
            self._engine.receive_text(text, now)
            return
        try:
            event = orjson.loads(text)
        except orjson.JSONDecodeError:
            event = None
        if not isinstance(event, dict):
            self._engine.receive_text(text, now)
            return
        if self._is_swallowed(str(event.get("type"))):
            return
        try:
            if self._dialect is not None:
                event = self._dialect.incoming(event)
        except Refusal as refusal:
            self._engine.inject_error(refusal)
        else:
            self._engine.receive(event, now)

    def _is_swallowed(self, kind: str) -> bool:
        if not self._book.has_edits:
            return False
        edit = self._book.take_edit(self._facts_of(kind), kind, by_client=True)
        if not isinstance(edit, DropEvent):
            return False
        self._engine.history.note_swallowed(kind)
        return True
