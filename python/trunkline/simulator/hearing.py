"""The user's side of a session: from appended audio to turns, their transcripts and the idle timeout.

What is heard becomes an item of the conversation; what answers it is asked for here and made by
the responses.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trunkline.simulator.buffer import SAMPLES_PER_MS, ms_of
from trunkline.simulator.ear import Ear
from trunkline.simulator.idle import IdleTimer
from trunkline.simulator.items import Item
from trunkline.simulator.refusals import Refusal
from trunkline.simulator.transcribers import Transcriber
from trunkline.simulator.transcription import Transcriptions
from trunkline.simulator.vad import SpeechStarted, SpeechStopped

if TYPE_CHECKING:
    from collections.abc import Callable

    from trunkline.simulator.conversation import Conversation
    from trunkline.simulator.emitter import Emitter
    from trunkline.simulator.history import SessionHistory
    from trunkline.simulator.identity import Chance, Identity
    from trunkline.simulator.intake import Tally
    from trunkline.simulator.responses import Responses
    from trunkline.simulator.session import SessionConfig
    from trunkline.simulator.timing import Timing
    from trunkline.simulator.voice import Voice

__all__ = ["Hearing"]

_Samples = tuple[int, int]


class Hearing:
    """Takes the input buffer's events and says what they lead to."""

    def __init__(
        self,
        *,
        config: SessionConfig,
        conversation: Conversation,
        responses: Responses,
        emitter: Emitter,
        identity: Identity,
        chance: Chance,
        voice: Voice,
        timing: Timing,
        history: SessionHistory,
        tally: Tally,
        announce: Callable[[Item, str | None, float], None],
    ) -> None:
        """`announce` tells of a committed item: the item, the id before it, the time."""
        self._config = config
        self._conversation = conversation
        self._responses = responses
        self._emitter = emitter
        self._identity = identity
        self._chance = chance
        self._voice = voice
        self._timing = timing
        self._history = history
        self._tally = tally
        self._announce = announce
        self._ear = Ear(None, understand=voice.hear)
        self._idle = IdleTimer()
        self._reserved_id: str | None = None
        self._speech_start = 0
        self._finished: list[dict[str, Any]] = []
        self.transcriptions = Transcriptions(emitter)
        """Those in progress; the next can be told to fail."""
        emitter.watch = self._watch
        self.configure()

    @property
    def utterance_ms(self) -> float | None:
        """Audio appended since the user's speech began, if it goes on."""
        speech = self._ear.speech
        return None if speech is None else (self._ear.position - speech.onset) / SAMPLES_PER_MS

    def configure(self) -> None:
        """Use the session's settings as they are now."""
        self._ear.configure(self._config.turn_detection)
        self._ear.tune(self._config.input_format)
        self._idle.configure(self._config.turn_detection)

    def deadline(self) -> float | None:
        """When `advance` has something to do."""
        # Asked with every append, so without a list.
        idle, transcript = self._idle.deadline(), self.transcriptions.deadline()
        if idle is None or transcript is None:
            return transcript if idle is None else idle
        return min(idle, transcript)

    def advance(self, now: float) -> None:
        """Take the step that is due first."""
        if self.deadline() == self.transcriptions.deadline():
            self.transcriptions.advance()
            return
        since = self._idle.advance(self._ear.position)
        if since is not None:
            self._time_out(since, now)

    def settle(self, now: float) -> None:
        """Start the idle clock of a response that was done just now."""
        finished, self._finished = self._finished, []
        if finished and self._ear.speech is None:
            items = (self._conversation.get(one["id"]) for one in finished[-1]["output"])
            samples = sum(item.audio_samples() for item in items if item is not None)
            self._idle.start(now, samples / (1000 * SAMPLES_PER_MS))

    def append(self, encoded: str, now: float) -> None:
        """Take audio; raises a Refusal for what is none."""
        pcm = self._ear.decode(encoded, "audio")
        self._history.note_append(self._ear.position, pcm, now)
        for signal in self._ear.hear(pcm):
            if isinstance(signal, SpeechStarted):
                self._speech_started(signal, now)
            else:
                self._speech_stopped(signal, now)

    def commit(self, now: float) -> None:
        """Make what is buffered an item; raises a Refusal below 100 ms."""
        pcm, samples = self._ear.commit()
        self._take_turn(self._new_item(self._take_reserved(), pcm, samples), now)

    def clear(self) -> None:
        """Forget what is buffered."""
        self._ear.clear()
        self._reserved_id = None
        self._emitter.emit("input_audio_buffer.cleared")

    def _watch(self, event: dict[str, Any]) -> None:
        kind = event["type"]
        if kind == "response.done" and event["response"]["conversation_id"] is not None:
            self._finished.append(event["response"])
        elif kind in {"response.created", "input_audio_buffer.speech_started"}:
            self._finished.clear()
            self._idle.stop()

    def _speech_started(self, signal: SpeechStarted, now: float) -> None:
        self._reserved_id = self._identity.fresh("item_")
        self._speech_start = signal.sample
        self._emitter.emit(
            "input_audio_buffer.speech_started",
            audio_start_ms=ms_of(signal.sample),
            item_id=self._reserved_id,
        )
        if self._detects("interrupt_response"):
            self._responses.interrupt(now)

    def _speech_stopped(self, signal: SpeechStopped, now: float) -> None:
        item_id = self._take_reserved()
        self._emitter.emit(
            "input_audio_buffer.speech_stopped",
            audio_end_ms=ms_of(signal.sample),
            item_id=item_id,
        )
        taken = self._ear.take(self._speech_start, signal.sample)
        self._take_turn(self._new_item(item_id, *taken), now)
        if self._detects("create_response"):
            self._ask(now)

    def _time_out(self, since: int, now: float) -> None:
        item_id = self._identity.fresh("item_")
        pcm, samples = self._ear.idle(since)
        self._emitter.emit(
            "input_audio_buffer.timeout_triggered",
            audio_start_ms=ms_of(since),
            audio_end_ms=ms_of(self._ear.position),
            item_id=item_id,
        )
        # Nobody spoke, so it is no turn of the user's, and there are no words to hear in it.
        self._commit_item(self._new_item(item_id, pcm, samples, is_silent=True), now)
        self._ask(now)

    def _ask(self, now: float) -> None:
        try:
            self._responses.create({}, turn=self._tally.turns, now=now)
        except Refusal as refusal:
            self._emitter.emit("error", error=refusal.body())

    def _detects(self, flag: str) -> bool:
        """Whether a flag of the turn detection is on; no transcription session ever answers."""
        settings = self._config.turn_detection or {}
        return self._config.kind == "realtime" and bool(settings.get(flag))

    def _take_reserved(self) -> str:
        """The id given out at speech_started, or a new one."""
        item_id, self._reserved_id = self._reserved_id, None
        return item_id or self._identity.fresh("item_")

    def _new_item(
        self, item_id: str, pcm: bytes, samples: _Samples, *, is_silent: bool = False
    ) -> Item:
        body = {
            "id": item_id,
            "type": "message",
            "status": "completed",
            "role": "user",
            "content": [{"type": "input_audio", "transcript": None}],
        }
        heard = "" if is_silent else self._voice.hear(pcm)
        return Item(body=body, pcm={0: pcm}, heard=heard, samples=samples)

    def _take_turn(self, item: Item, now: float) -> None:
        self._tally.turns += 1
        self._commit_item(item, now)

    def _commit_item(self, item: Item, now: float) -> None:
        settings = self._config.transcription
        share = 1.0 if settings is None else Transcriber.delay_share(settings)
        is_early = share == 0.0 and bool(item.heard)
        if is_early:
            # The live model is told not to wait: it has the first word before the commit.
            self._transcribe(item, now)
            self.transcriptions.advance()
        previous = self._conversation.add(item)
        self._emitter.emit(
            "input_audio_buffer.committed", previous_item_id=previous, item_id=item.id
        )
        self._announce(item, previous, now)
        if settings is not None and not is_early:
            spread = self._timing.transcription_spread
            extra = spread * self._chance.draw() if spread else 0.0
            self._transcribe(item, now + share * self._timing.transcription_delay + extra)

    def _transcribe(self, item: Item, at: float) -> None:
        logprobs = self._config.wants_logprobs
        settings = self._config.transcription
        self.transcriptions.start(item, at, settings, wants_logprobs=logprobs)
