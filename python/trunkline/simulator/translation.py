"""A translation session, without a network and without a clock: no turns and no responses.

What comes in is heard, and for every 200 ms of it 200 ms of the interpreter's audio go out, silence
included. Model time is the sample clock: a client that sends nothing gets nothing. `session.close`
lets the rest be said, and ends the session.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any

from trunkline.simulator import schema
from trunkline.simulator.copying import copied
from trunkline.simulator.emitter import Emitter
from trunkline.simulator.formats import WireFormat
from trunkline.simulator.history import Ending, ItemRecord, SessionHistory
from trunkline.simulator.identity import Chance, Identity
from trunkline.simulator.intake import Intake, Tally
from trunkline.simulator.interpreting import Frame, Interpreting
from trunkline.simulator.parameters import NOISE_REDUCTION
from trunkline.simulator.refusals import Refusal, invalid_value, missing_parameter
from trunkline.simulator.timing import Timing
from trunkline.simulator.transcribers import TRANSCRIBERS
from trunkline.simulator.transcription import words

if TYPE_CHECKING:
    from trunkline.simulator.interpreting import Heard
    from trunkline.simulator.voice import Voice

__all__ = ["SESSION", "TRANSLATION_MODEL", "TranslationConfig", "TranslationEngine"]

TRANSLATION_MODEL = "gpt-realtime-translate"
_RATE_HZ = 24000
_PCM = WireFormat(name="audio/pcm")

SESSION = schema.record(
    {
        "type": schema.choice("translation"),
        "model": schema.text(limit=128),
        "audio": schema.nullable(
            schema.record(
                {
                    "input": schema.nullable(
                        schema.record(
                            {
                                "transcription": schema.nullable(
                                    schema.record(
                                        {"model": schema.choice(*TRANSCRIBERS)}, required=("model",)
                                    )
                                ),
                                "noise_reduction": schema.nullable(NOISE_REDUCTION),
                            }
                        )
                    ),
                    "output": schema.nullable(
                        schema.record({"language": schema.nullable(schema.text(limit=64))})
                    ),
                }
            )
        ),
    }
)
"""The `session` of a translation session's update."""
_COMMON: dict[str, schema.Check] = {
    "type": schema.text(),
    "event_id": schema.nullable(schema.text(limit=512)),
}
REQUESTS: dict[str, schema.Check] = {
    "session.update": schema.record(_COMMON | {"session": SESSION}, required=("session",)),
    "session.input_audio_buffer.append": schema.record(
        _COMMON | {"audio": schema.text()}, required=("audio",)
    ),
    "session.close": schema.record(_COMMON),
}
"""Every event a client may send."""


class TranslationConfig:
    """The settings of a translation session; `view` is what is echoed."""

    def __init__(self, *, session_id: str, model: str, expires_at: int) -> None:
        self._current: dict[str, Any] = {
            "type": "translation",
            "id": session_id,
            "model": model,
            "expires_at": expires_at,
            "audio": {
                "input": {"transcription": None, "noise_reduction": None},
                "output": {"language": None},
            },
        }

    def view(self) -> dict[str, Any]:
        """A copy of the whole session object."""
        return copied(self._current)

    def update(self, change: dict[str, Any]) -> None:
        """Merge a change in, whole or not at all; the model cannot change."""
        SESSION(change, "session")
        if change.get("model", self.model) != self.model:
            raise invalid_value("session.model", change["model"], (self.model,))
        audio = copied(change.get("audio") or {})
        merged = copied(self._current["audio"])
        given = audio.get("input") or {}
        if given.get("noise_reduction") is not None:
            before = merged["input"]["noise_reduction"] or {}
            given["noise_reduction"] = before | given["noise_reduction"]
            if given["noise_reduction"].get("type") is None:
                raise missing_parameter("session.audio.input.noise_reduction.type")
        merged["input"] |= given
        merged["output"] |= audio.get("output") or {}
        self._current["audio"] = merged

    @property
    def id(self) -> str:
        """The session's id."""
        return str(self._current["id"])

    @property
    def model(self) -> str:
        """The model it was opened with."""
        return str(self._current["model"])

    @property
    def is_transcribed(self) -> bool:
        """Whether the client wants to read what the speaker says."""
        return self._current["audio"]["input"]["transcription"] is not None


class TranslationEngine(Intake):
    """One translation session; used as `Engine` is."""

    def __init__(
        self,
        *,
        voice: Voice,
        model: str = TRANSLATION_MODEL,
        seed: int = 0,
        wall: float = 0.0,
        timing: Timing | None = None,
        session: dict[str, Any] | None = None,
        history: SessionHistory | None = None,
        tally: Tally | None = None,
    ) -> None:
        """`wall` is Unix time for `expires_at`; `session` is what a client secret brought along."""
        chance = Chance(seed)
        self._identity = Identity(chance)
        super().__init__(
            emitter=Emitter(self._identity, chance),
            history=history or SessionHistory(epoch=1, opened_at=0.0),
            requests=REQUESTS,
            handlers=_HANDLERS,
            tally=tally,
        )
        self._timing = timing or Timing()
        self._config = TranslationConfig(
            session_id=self._identity.fresh("sess_"),
            model=model,
            expires_at=int(wall + self._timing.lifetime),
        )
        if session is not None:
            self._config.update(session)
        self.history.session_id, self.history.model = self._config.id, model
        self._interpreting = Interpreting(voice)
        self._frames: deque[tuple[float, Frame | None]] = deque()
        self._is_closing = False

    def opened(self, now: float) -> None:
        """The connection is up: session.created."""
        self._expires = now + self._timing.lifetime
        self._emitter.emit("session.created", session=self._config.view())

    def handle_timeout(self, now: float) -> None:
        """Let everything happen that is due."""
        while (due := self.deadline()) is not None and due <= now:
            if due == self._expires:
                self._frames.clear()
                self._expire(now)
                continue
            _, frame = self._frames.popleft()
            if frame is None:
                self._close(due)
            else:
                self._emit(frame)

    def deadline(self) -> float | None:
        """When `handle_timeout` has something to do next; None if only the client can go on."""
        frame = self._frames[0][0] if self._frames else None
        return min((at for at in (frame, self._expires) if at is not None), default=None)

    @property
    def session(self) -> dict[str, Any]:
        """The settings in force, as the API would echo them."""
        return self._config.view()

    @property
    def utterance_ms(self) -> float | None:
        """Audio appended since the speaker began, if he goes on."""
        return self._interpreting.utterance_ms

    def _update(self, event: dict[str, Any], _now: float) -> None:
        self._check_open()
        self._config.update(event["session"])
        view = self._config.view()
        self.history.updates.append(view)
        self._emitter.emit("session.updated", session=view)

    def _append(self, event: dict[str, Any], now: float) -> None:
        self._check_open()
        pcm = _PCM.decode(event["audio"], "audio")
        self.history.note_append(self._interpreting.position, pcm, now)
        for frame in self._interpreting.hear(pcm):
            self._queue(frame, now)

    def _finish(self, _event: dict[str, Any], now: float) -> None:
        self._check_open()
        self._is_closing = True
        for frame in self._interpreting.finish():
            self._queue(frame, now)
        self._frames.append((now + self._timing.response_delay, None))

    def _check_open(self) -> None:
        if self._is_closing:
            raise Refusal("The session is closing.", code="invalid_value", param="type")

    def _queue(self, frame: Frame, now: float) -> None:
        for heard in frame.heard:
            self._note(heard, now)
        self._frames.append((now + self._timing.response_delay, frame))

    def _note(self, heard: Heard, now: float) -> None:
        self.tally.turns += 1
        record = ItemRecord(
            id=self._identity.fresh("item_"),
            origin="committed",
            role="user",
            kind="message",
            text=heard.text.strip(),
            pcm=heard.pcm,
            samples=heard.samples,
            at=now,
        )
        self.history.items.append(record)

    def _emit(self, frame: Frame) -> None:
        if self._config.is_transcribed:
            for heard in frame.heard:
                self._write("input", heard.text, frame.elapsed_ms)
        self._write("output", frame.spoken, frame.elapsed_ms)
        self._emitter.emit(
            "session.output_audio.delta",
            delta=_PCM.encode(frame.pcm),
            sample_rate=_RATE_HZ,
            channels=1,
            format="pcm16",
            elapsed_ms=frame.elapsed_ms,
        )

    def _write(self, side: str, text: str, elapsed_ms: int) -> None:
        for piece in words(text):
            kind = f"session.{side}_transcript.delta"
            self._emitter.emit(kind, delta=piece, elapsed_ms=elapsed_ms)

    def _close(self, now: float) -> None:
        self._expires = None
        self._emitter.emit("session.closed")
        self.ending = Ending(by="server", code=1000, at=now)


_HANDLERS = {
    "session.update": TranslationEngine._update,
    "session.input_audio_buffer.append": TranslationEngine._append,
    "session.close": TranslationEngine._finish,
}
