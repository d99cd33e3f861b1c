"""Two links driven by hand: what `driving.py` is for one, and `modelling.py` for its server."""

from __future__ import annotations

import json
from typing import Any

from protocol.driving import RESET, Line
from protocol.modelling import Session
from trunkline.protocol.closure import Closure
from trunkline.protocol.drains import Dial


class TwoLinks(Line):
    """A line that may have a second link; what goes out is collected by its epoch."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.sent_on: dict[int, list[dict[str, Any]]] = {}

    def drain(self) -> None:
        super().drain()
        for epoch in range(1, self.dialed + 1):
            if epoch != self.epoch:
                self._collect(epoch)
        super().drain()

    def _collect(self, epoch: int) -> None:
        while (message := self.connection.next_message(self.now, epoch)) is not None:
            self.sent_on.setdefault(epoch, []).append(json.loads(message))

    def _written(self, message: dict[str, Any]) -> dict[str, Any]:
        self.sent_on.setdefault(self.epoch, []).append(message)
        return message

    @property
    def dialed(self) -> int:
        """The last epoch that was dialed."""
        return max((act.epoch for act in self.actions if isinstance(act, Dial)), default=0)

    def rotate(self, within: float | None = None) -> Wire:
        """Asks for a rotation, and gives the wire of the link it dials."""
        self.connection.rotate(self.now, within)
        self.drain()
        self.wait(0.0)
        return self.wire()

    def wire(self, epoch: int | None = None) -> Wire:
        return Wire(self, self.dialed if epoch is None else epoch)


class Wire:
    """The server's end of one link, current or not."""

    def __init__(self, line: TwoLinks, epoch: int) -> None:
        self.line = line
        self.epoch = epoch
        self.read = 0

    refuse = Line.refuse
    transcribed = Line.transcribed
    delta = Line.delta
    done = Line.done
    turn = Line.turn
    reply = Line.reply
    created = Line.created
    updated = Line.updated

    def opened(self) -> None:
        self.line.connection.link_opened(self.epoch, self.line.now)
        self.line.drain()

    def ended(self, closure: Closure = RESET) -> None:
        self.line.connection.link_closed(self.epoch, closure, self.line.now)
        self.line.drain()

    def hear(self, type_: str, **fields: Any) -> None:
        event = {"type": type_, "event_id": "event_1", **fields}
        self.line.take(json.dumps(event, separators=(",", ":")).encode(), self.epoch)
        self.line.drain()

    @property
    def sent(self) -> list[dict[str, Any]]:
        """Everything that went out on it."""
        return self.line.sent_on.get(self.epoch, [])

    def fresh(self) -> list[dict[str, Any]]:
        """What went out on it since the last time it was asked for."""
        new, self.read = self.sent[self.read :], len(self.sent)
        return new

    def answer(self) -> list[dict[str, Any]]:
        """Confirms and echoes what is new, as a server does that takes everything; gives it."""
        everything = []
        while new := self.fresh():
            everything += new
            for message in new:
                if message["type"] == "session.update":
                    self.hear("session.updated", session=message["session"])
                elif message["type"] == "conversation.item.create":
                    self.hear("conversation.item.added", item=message["item"])
        return everything

    def come_up(self, **session: Any) -> list[dict[str, Any]]:
        """From the dial to level with the first link; gives what it was told."""
        self.opened()
        self.created(**session)
        return self.answer()


class Far(Session):
    """A model session at the end of a wire, which can forget items as well."""

    def __init__(self, wire: Wire) -> None:
        super().__init__(wire, wire.epoch)  # type: ignore[arg-type]
        self.wire = wire
        self.read = 0

    def take(self, message: dict[str, Any]) -> None:
        if message["type"] == "conversation.item.delete":
            self._delete(message["item_id"])
        super().take(message)

    def _delete(self, item_id: str) -> None:
        self.items.pop(item_id, None)
        self.unwritten = [each for each in self.unwritten if each != item_id]
        self.line.hear("conversation.item.deleted", item_id=item_id)

    def catch_up(self, limit: int = 10**6) -> None:
        while self.read < len(self.wire.sent) and limit > 0:
            message = self.wire.sent[self.read]
            self.read += 1
            limit -= 1
            self.take(message)

    @property
    def behind(self) -> bool:
        return self.read < len(self.wire.sent)
