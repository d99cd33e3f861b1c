"""What a server owes a caller who does not wait: an answer to each utterance, while he speaks on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.protocol import events
from trunkline.protocol.observations import ServerError

if TYPE_CHECKING:
    from trunkline.protocol.observations import Observation

__all__ = ["Debt"]

_BUSY = "conversation_already_has_active_response"


class Debt:
    """Folds the events of a line, and is an observer of it.

    A server that still answers when the next utterance ends may refuse to begin another answer, which a line tells
    its observers only. That answer is asked for as soon as the one in the way is over.
    """

    def __init__(self) -> None:
        self._is_speaking = False
        self._is_owed = False
        """A turn ended, and no response was begun since."""
        self._was_refused = False
        self._was_asked = False
        """We asked, and the response was not begun yet: if it is refused, the line itself repeats it."""
        self._response_id = ""
        """The response that is being given."""

    @property
    def is_settled(self) -> bool:
        """Whether nobody speaks, and everything that was said is answered."""
        return not (self._is_speaking or self._is_owed or self._response_id)

    def __call__(self, fact: Observation) -> None:
        """Takes one fact, which may come before the events that the server sent before it."""
        if isinstance(fact, ServerError) and fact.code == _BUSY and not self._was_asked:
            self._was_refused = True

    def receive(self, event: events.Event) -> bool:
        """Takes one event; whether an answer must be asked for now."""
        if isinstance(event, events.SpeechStarted):
            self._is_speaking = True
        elif isinstance(event, events.AudioCommitted):
            self._is_speaking, self._is_owed = False, True
        elif isinstance(event, events.ResponseCreated):
            self._is_owed = self._was_asked = False
            self._response_id = event.response_id
        elif isinstance(event, events.ResponseDone):
            self._response_id = ""
        elif isinstance(event, events.LineDropped):
            self._drop()
        return self._asks()

    def _drop(self) -> None:
        """The line says again what was not heard, and asks again for what was not answered."""
        self._is_owed = not self.is_settled
        self._is_speaking = self._was_refused = self._was_asked = False
        self._response_id = ""

    def _asks(self) -> bool:
        if not (self._was_refused and self._is_owed) or self._response_id:
            return False
        self._was_refused, self._was_asked = False, True
        return True
