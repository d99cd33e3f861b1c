"""Who may answer when: one response at a time in the conversation, and none forgotten.

The server takes one `response.create` at a time for its default conversation and refuses a second one, so
requests queue here and the next is sent when `response.done` came, which is always the last word. A turn is
*owed* an answer from the moment it is final (or an answer was asked for) until a response to it is done,
whatever its status; what is still owed when a link is lost is asked for again in the next session, once.

Late deltas of a response that was interrupted are dropped by its id: the server sends what it had queued.
"""

from __future__ import annotations

from dataclasses import dataclass, field

__all__ = ["Latest", "Request", "Turns"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One `response.create` of the application or of a restore."""

    event_id: str
    message: bytes = field(repr=False)
    ours: bool = False
    """Whether a restore asks, for a turn that is owed: the next restore decides anew, so it is never kept."""


@dataclass(slots=True)
class Latest:
    """Which answer the latest reply audio belongs to; the conversation writes it, the fast path compares with it."""

    item_id: str = ""
    """The assistant item whose audio came last; nothing if it was interrupted since."""
    response_id: str = ""
    """The response whose audio came last."""


@dataclass(slots=True)
class Turns:
    """The responses of the default conversation; `conversation.py` and `connection.py` call it."""

    active: str | None = field(default=None, init=False)
    """Id of the response that is being given."""
    owed: bool = field(default=False, init=False)
    """Whether a final turn has no answer yet."""
    speaking: bool = field(default=False, init=False)
    """Whether the user's utterance is open."""
    holding: bool = field(default=False, init=False)
    """Whether nothing that waits is asked for any more."""
    _asked: Request | None = field(default=None, init=False)
    _begun: Request | None = field(default=None, init=False)
    """The request that the running response was taken for; a refusal may still say that it was not."""
    _queue: list[Request] = field(default_factory=list, init=False)
    silenced: dict[str, None] = field(default_factory=dict, init=False)
    """Ids of the responses that were cut."""
    _passed: bool = field(default=False, init=False)
    """Whether a turn that the server answers by itself ended while a restore's request was on its way."""
    _late: str = field(default="", init=False)
    """Name of a restore's request that was still on its way when the server began by itself."""
    _asked_during: str | None = field(default=None, init=False)

    @property
    def awaited(self) -> bool:
        """Whether something of an answer should be coming now."""
        return (self.owed or self.active is not None) and not self.speaking

    def ask(self, request: Request, *, live: bool) -> Request | None:
        """A response is wanted: gives the request if it may be sent now, or keeps it for its time."""
        self._owe()
        if not live or self.active is not None or self._asked is not None:
            self._queue.append(request)
            return None
        self._asked = request
        return request

    def committed(self, *, answered_by_itself: bool) -> Request | None:
        """The user's turn is final; gives the request that waited for the end of it."""
        self.speaking = False
        if answered_by_itself:
            self._owe()
            self._passed = self._asked is not None and self._asked.ours
            return None
        return self._next()

    def cleared(self) -> Request | None:
        """What the user said was thrown away; gives the request that waited for the end of it."""
        self.speaking = False
        return self._next()

    def _owe(self) -> None:
        self.owed = True
        # A response that runs already cannot be the answer to what came after it began.
        self._asked_during = self.active

    def created(self, response_id: str) -> bool:
        """The server began a response, asked for or by itself; gives whether nobody waits for it any more."""
        is_one_too_many = bool(self._late) and self._asked is None and not self.owed
        self._late = self._asked.event_id if self._passed and self._asked is not None else ""
        self._passed = False
        self.active = response_id
        self._begun, self._asked = self._asked, None
        return is_one_too_many

    @property
    def late(self) -> str:
        """Name of a restore's request that will be one too many; nothing if there is none."""
        return self._late

    def recalled(self) -> None:
        """That request never went out."""
        self._late = ""

    def done(self, response_id: str) -> Request | None:
        """A response ended; gives the request whose turn it is now."""
        self.silenced.pop(response_id, None)
        if response_id != self.active:
            return None
        self.active = self._begun = None
        if self._asked_during != response_id:
            self.owed = bool(self._queue)
        self._asked_during = None
        return self._next()

    def refused(self, event_id: str, *, busy: bool) -> Request | None:
        """The server refused a request; if it was a response.create, gives the one whose turn it is now.

        One that was refused since a response was running (`busy`) is kept until that response is done; if the server
        cannot say which one it refused, only the one that waits for its response can be meant.
        """
        if busy and not event_id and self._asked is not None:
            event_id = self._asked.event_id
        if self._asked is not None and self._asked.event_id == event_id:
            request, self._asked = self._asked, None
        elif self._begun is not None and self._begun.event_id == event_id:
            # The response that runs is another one: the server had begun it by itself.
            request, self._begun, self._late = self._begun, None, ""
        else:
            return None
        if busy:
            if not request.ours:
                self._queue.insert(0, request)
                self._owe()
            # What a restore asks for on its own account is what the running response is already.
            return None
        self.owed = bool(self._queue)
        return self._next()

    def cancel(self, response_id: str | None = None) -> None:
        """The application wants no answer, or not this one; a response of another name is none of ours."""
        if response_id not in (None, self.active):
            return
        self._queue.clear()
        self.silence()
        self.owed = False

    def silence(self) -> None:
        """Drop what still comes of the running response: it is cut, and so no longer owed."""
        if self.active:
            self.silenced[self.active] = None
            self.settle()

    def settle(self) -> None:
        """The running response needs no other in its place, even if it breaks off here.

        It was cut on purpose, or it has called a tool: to ask for that again would run the tool again.
        """
        if not self.active:
            return
        self._begun = None
        if self._asked_during != self.active:
            self.owed = bool(self._queue)

    def is_busy(self) -> bool:
        """Whether an answer is being given, asked for or owed."""
        return self.owed or self.active is not None or self._asked is not None or bool(self._queue)

    def is_given(self) -> bool:
        """Whether an answer is being given, was asked for, or comes by itself; those that wait do not count."""
        return self.active is not None or self._asked is not None or (self.owed and not self._queue)

    def is_late(self, response_id: str) -> bool:
        """Whether a delta belongs to a response that was interrupted."""
        return response_id in self.silenced

    def dropped(self) -> None:
        """The link is gone, and every running response with it; what was asked for stays owed."""
        self._queue = self.waiting()
        self.active = self._asked = self._begun = self._asked_during = None
        self.speaking = self._passed = False
        self._late = ""
        self.silenced.clear()

    def resume(self, plain: Request) -> Request | None:
        """What to ask a restored session for: the request that was lost, or a plain one if a turn is owed.

        While the user speaks nothing is asked: the end of that utterance brings an answer to both.
        """
        if not self.owed or self.speaking or self.active is not None or self._asked is not None:
            return None
        request = self._queue.pop(0) if self._queue else plain
        self._asked = request
        return request

    def waiting(self) -> list[Request]:
        """The requests that the next session must be sent if this one is lost now, oldest first."""
        lost = self._asked or self._begun
        return [*([] if lost is None or lost.ours else [lost]), *self._queue]

    def adopt(self, requests: list[Request], *, owed: bool) -> None:
        """Takes over what another process owed."""
        self._queue = list(requests)
        self.owed = owed

    def _next(self) -> Request | None:
        if self.holding or not self._queue or self.active is not None or self._asked is not None:
            return None
        self._asked = self._queue.pop(0)
        self.owed = True
        return self._asked
