"""A model of a server: what it was sent, what it holds, and no more cleverness than a test can check."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from itertools import count
from typing import Any

from protocol.driving import Line, positions
from trunkline.protocol import observations as seen
from trunkline.protocol.lifecycle import State


def written(spoken: list[int]) -> str:
    """A transcript that says which samples it stands for."""
    return f"{spoken[0]}-{spoken[-1]}" if spoken else ""


def stood_for(text: str) -> list[int]:
    """The samples that a transcript stands for."""
    first, dash, last = text.partition("-")
    return list(range(int(first), int(last) + 1)) if dash else []


class Session:
    """One session: its buffer, its items, and at most one response."""

    def __init__(self, line: Line, number: int) -> None:
        self.line = line
        self.number = number
        self.count = 0
        self.appended: list[int] = []
        """Everything appended, in order; the session's clock is an index into it."""
        self.open_from = 0
        """Where the un-committed audio begins, on the session's clock."""
        self.speech: tuple[str, int] | None = None
        self.items: dict[str, list[int]] = {}
        """Item id to the samples it stands for."""
        self.unwritten: list[str] = []
        self.inaudible: list[str] = []
        self.detection: dict[str, Any] | None = None
        self.response: str | None = None
        self.answer = ""
        self.asked = 0
        self.told: list[dict[str, Any]] = []
        """The items it was told, without their ids."""

    def name(self, kind: str) -> str:
        self.count += 1
        return f"{kind}_{self.number}_{self.count}"

    # What the client sends.

    def take(self, message: dict[str, Any]) -> None:
        handler = {
            "session.update": self._update,
            "conversation.item.create": self._create,
            "input_audio_buffer.append": self._append,
            "input_audio_buffer.commit": self._commit,
            "input_audio_buffer.clear": self._clear,
            "response.create": self._respond,
            "response.cancel": self._cancel,
        }.get(message["type"])
        if handler is not None:
            handler(message)

    def _update(self, message: dict[str, Any]) -> None:
        audio = message["session"].get("audio", {}).get("input", {})
        self.detection = audio.get("turn_detection", self.detection)
        self.line.hear("session.updated", session=message["session"])

    def _create(self, message: dict[str, Any]) -> None:
        item = message["item"]
        self.told.append({key: value for key, value in item.items() if key != "id"})
        for part in item.get("content", []):
            if part["type"] == "input_audio":
                self.items[item["id"]] = positions(part["audio"])
                self.unwritten.append(item["id"])
            elif part.get("text") == "[inaudible]":
                self.inaudible.append(item["id"])
            elif item["role"] == "user":
                self.items[item["id"]] = stood_for(part["text"])
        self.line.hear("conversation.item.added", item=item, previous_item_id=None)

    def _append(self, message: dict[str, Any]) -> None:
        self.appended += positions(message["audio"])

    def _commit(self, message: dict[str, Any]) -> None:
        item_id, start = self.speech or (self.name("item"), self.open_from)
        if start == len(self.appended):
            self.line.refuse(message["event_id"], "input_audio_buffer_commit_empty")
            return
        self._committed(item_id, start, len(self.appended))

    def _clear(self, _message: dict[str, Any]) -> None:
        self.open_from = len(self.appended)
        self.speech = None
        self.line.hear("input_audio_buffer.cleared")

    def _respond(self, message: dict[str, Any]) -> None:
        self.asked += 1
        if self.response is not None:
            self.line.refuse(message["event_id"], "conversation_already_has_active_response")
        else:
            self.begin()

    def _cancel(self, message: dict[str, Any]) -> None:
        if self.response is None:
            self.line.refuse(message["event_id"], "response_cancel_not_active")
        else:
            self.end("cancelled")

    # What the server does.

    def _committed(self, item_id: str, start: int, end: int) -> None:
        self.speech = None
        self.open_from = end
        self.items[item_id] = self.appended[start:end]
        self.unwritten.append(item_id)
        self.line.hear("input_audio_buffer.committed", item_id=item_id, previous_item_id=None)
        by_itself = self.detection is not None and self.detection.get("create_response", True)
        if by_itself and self.response is None:
            self.begin()

    def hear_start(self, back: int) -> None:
        item_id, start = self.name("item"), max(self.open_from, len(self.appended) - back)
        self.speech = (item_id, start)
        self.line.hear("input_audio_buffer.speech_started", item_id=item_id, audio_start_ms=start)
        if self.response is not None and (self.detection or {}).get("interrupt_response", True):
            self.end("cancelled")

    def hear_stop(self) -> None:
        assert self.speech is not None
        item_id, start = self.speech
        end = len(self.appended)
        self.line.hear("input_audio_buffer.speech_stopped", item_id=item_id, audio_end_ms=end)
        self._committed(item_id, start, end)

    def write_down(self) -> None:
        item_id = self.unwritten.pop(0)
        self.line.transcribed(item_id, written(self.items[item_id]))

    def begin(self) -> None:
        self.response, self.answer = self.name("resp"), self.name("answer")
        response = {"id": self.response, "conversation_id": "conv"}
        self.line.hear("response.created", response=response)

    def speak(self, ms: int) -> None:
        assert self.response is not None
        item = {"id": self.answer, "type": "message", "role": "assistant"}
        self.line.hear("conversation.item.added", item=item, previous_item_id=None)
        ids = {"response_id": self.response, "item_id": self.answer}
        self.line.hear("response.output_audio_transcript.delta", **ids, delta="some words ")
        self.line.delta(self.response, self.answer, ms)

    def end(self, status: str) -> None:
        response_id, self.response = self.response, None
        if status == "completed":
            item = {"id": self.answer, "type": "message", "role": "assistant", "status": status}
            self.line.hear("conversation.item.done", item=item, previous_item_id=None)
        assert response_id is not None
        self.line.done(response_id, status)


class Server:
    """The sessions of one line, one after another; it answers when it is told to."""

    def __init__(self, line: Line, numbers: Iterator[int] | None = None) -> None:
        self.line = line
        self.numbers = numbers or count(1)
        """Of sessions: no two of them name an item alike, whichever process they served."""
        self.session: Session | None = None
        self.read = 0

    def open(self) -> None:
        self.line.opened()
        self.session = Session(self.line, next(self.numbers))

    def created(self) -> None:
        self.line.created()

    def answer(self, limit: int = 10**6) -> None:
        """Reads at most so many of the client's messages, and answers each."""
        while self.session is not None and self.read < len(self.line.sent) and limit > 0:
            message = self.line.sent[self.read]
            self.read += 1
            limit -= 1
            self.session.take(message)

    def lose(self) -> None:
        """The link is gone, and what was on its way with it."""
        self.session = None
        self.read = len(self.line.sent)

    def settle(self) -> None:
        """Brings the line to live and answers everything."""
        while True:
            if self.line.state is State.WAITING:
                self.lose()
                self.line.until(State.DIALING)
            elif self.line.state is State.DIALING:
                self.lose()
                self.open()
            elif self.line.state is State.OPENING:
                self.created()
            elif self.read < len(self.line.sent):
                self.answer()
            elif self.line.is_pacing:
                self.line.wait_for_pace()
            else:
                return


# Laws that hold of any life.


def assert_the_books_balance(line: Line) -> None:
    """Every sample is somewhere, and what was told of them adds up to the sums."""
    books = line.connection.books()
    assert books.accepted == line.captured
    assert books.accepted == books.consumed + books.retained + books.gap
    told = {seen.AudioConsumed: 0, seen.AudioGap: 0}
    for fact in line.facts:
        if type(fact) in told:
            told[type(fact)] += fact.samples
        elif isinstance(fact, seen.TakenOver):
            told = {seen.AudioConsumed: fact.consumed_samples, seen.AudioGap: fact.gap_samples}
    assert (told[seen.AudioConsumed], told[seen.AudioGap]) == (books.consumed, books.gap)


def assert_each_sample_is_there_once_and_in_order(session: Session) -> None:
    """Appended in order, and in no item that a restore created as well."""
    appended = session.appended
    assert all(one < other for one, other in itertools.pairwise(appended))
    replayed = [
        sample
        for item_id, samples in session.items.items()
        if item_id.startswith("tk")
        for sample in samples
    ]
    assert len(replayed) == len(set(replayed))
    assert not set(replayed) & set(appended)
