"""Records of clients that were never there: what a server would have seen of good and bad ones."""

from __future__ import annotations

from functools import cache

from trunkline.gauntlet.places import Places
from trunkline.gauntlet.record import Dial, Record, Visit
from trunkline.gauntlet.speech import gauntlet_speech
from trunkline.gauntlet.trial import Aim, Trial
from trunkline.simulator.history import Ending, ItemRecord, ResponseRecord, SessionHistory

SPEECH = gauntlet_speech()
FIRST, SECOND, THIRD = SPEECH.utterances[:3]
RATE = 24_000
CHUNK = 480
TOLD = {"id": "sess_1", "instructions": "Be brief.", "tools": [{"type": "function"}]}
FRESH = {"id": "sess_2", "instructions": "Default.", "tools": []}


@cache
def places() -> Places:
    return Places(SPEECH.pcm)


def trial(aim: Aim = Aim.BACK, **more) -> Trial:
    return Trial(name="planted", summary="", aim=aim, **more)


class Session:
    """A visit, written down as it would have gone; `at` are the server's seconds."""

    def __init__(self, opened_at: float = 0.0, *, number: int = 1) -> None:
        self.history = SessionHistory(epoch=number, opened_at=opened_at)
        self.visit = Visit(
            history=self.history, opened_at=opened_at, settings_before=FRESH, settings=TOLD
        )
        self.history.passed["session.created"] = 1
        self.now = opened_at

    def say(self, start: int, end: int, *, faster: float = 1.0) -> Session:
        """The client appends the file from one sample to another."""
        loop = SPEECH.pcm * 3
        for at in range(start, end, CHUNK):
            self.append(loop[2 * at : 2 * min(at + CHUNK, end)], faster=faster)
        return self

    def append(self, pcm: bytes, *, faster: float = 1.0) -> Session:
        self.now += len(pcm) / 2 / RATE / faster
        self.history.note_append(self.history.appended_samples, pcm, self.now)
        return self

    def commit(self, samples: int, text: str) -> Session:
        """The newest audio becomes a user's turn."""
        end = self.history.appended_samples
        return self._item("committed", "user", text, samples=(end - samples, end))

    def answer(self, text: str = "Sí.", status: str = "completed") -> Session:
        response = ResponseRecord(id=f"resp_{self.now}", turn=1, at=self.now, status=status)
        response.item_id, response.transcript = f"item_{len(self.history.items)}", text
        response.done_at = self.now
        self.history.responses.append(response)
        return self._item("generated", "assistant", text)

    def call(self) -> Session:
        return self._item("generated", None, "{}", kind="function_call")

    def tell(self, text: str, role: str | None = "user", kind: str = "message") -> Session:
        """The client creates an item."""
        return self._item("created", role, text, kind=kind)

    def output(self, text: str = '{"fare": 42}') -> Session:
        return self.tell(text, role=None, kind="function_call_output")

    def _item(self, origin, role, text, *, kind="message", samples=None) -> Session:
        self.history.items.append(
            ItemRecord(
                id=f"item_{len(self.history.items)}",
                origin=origin,
                role=role,
                kind=kind,
                text=text,
                pcm=b"",
                samples=samples,
                at=self.now,
            )
        )
        return self

    def wait(self, seconds: float) -> Session:
        self.now += seconds
        return self

    def broken(self) -> Session:
        self.visit.broken_at = self.now
        self.history.ending = Ending(by="fault", at=self.now)
        return self

    def closed(self, code: int = 1000) -> Session:
        self.history.ending = Ending(by="client", code=code, at=self.now)
        return self


def record(*sessions: Session, dials: tuple[float, ...] | None = None) -> Record:
    """The record of these visits; unless said otherwise each was dialed for once."""
    times = dials if dials is not None else tuple(one.visit.opened_at for one in sessions)
    whole = Record(
        dials=[Dial(at=at, outcome="admitted") for at in times],
        visits=[one.visit for one in sessions],
    )
    broken_at = [visit.broken_at for visit in whole.broken if visit.broken_at is not None]
    whole.deeds = [(at, "Reset") for at in broken_at]
    whole.served_from = max(broken_at, default=0.0)
    return whole


def heard_first_turn() -> Session:
    """The first utterance, its turn and its answer; two seconds of silence after it."""
    session = Session().say(0, FIRST.end + RATE // 2)
    session.commit(FIRST.end + RATE // 2, FIRST.text)
    session.answer()
    return session.say(FIRST.end + RATE // 2, SECOND.start)
