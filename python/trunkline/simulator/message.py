"""A message of the assistant on its way out: words, and speech a little behind them."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from trunkline.simulator.buffer import BYTES_PER_SAMPLE, SAMPLES_PER_MS
from trunkline.simulator.output import Output, Step, within_tokens
from trunkline.simulator.tokens import audio_output_tokens, audio_samples, text_tokens
from trunkline.simulator.transcription import words

if TYPE_CHECKING:
    from trunkline.simulator.reply import Reply
    from trunkline.simulator.timing import Timing

__all__ = ["MessageOutput"]

_LEAD = 0.6
"""The transcript runs ahead of the audio: its last word comes at this share of the audio's time."""


class MessageOutput(Output):
    """A message of the assistant, spoken or written."""

    def __init__(self, reply: Reply, *, item_id: str, modality: str, limit: int | None) -> None:
        body = {"id": item_id, "type": "message", "status": "in_progress", "role": "assistant"}
        super().__init__(
            body | ({"phase": reply.phase} if reply.phase else {}) | {"content": []}, limit
        )
        self._reply = reply
        self._modality = modality
        self._is_audio = modality == "audio"
        self._text = ""
        self._pcm = bytearray()

    @property
    def whole_tokens(self) -> int:
        """Of its text, and of its audio if it is spoken."""
        samples = len(self._reply.pcm) // BYTES_PER_SAMPLE if self._is_audio else 0
        return text_tokens(self._reply.text) + audio_output_tokens(samples)

    def text_tokens(self) -> int:
        """Of the words given out."""
        return text_tokens(self._text)

    def audio_tokens(self) -> int:
        """Of the audio given out."""
        return audio_output_tokens(len(self._pcm) // BYTES_PER_SAMPLE)

    def schedule(self, begin: float, timing: Timing) -> tuple[list[Step], float]:
        """The words alone, or the words ahead of the audio."""
        pieces = within_tokens(words(self._reply.text), self._text_limit())
        return (
            self._spoken(pieces, begin, timing) if self._is_audio else self._written(pieces, begin)
        )

    def open(self) -> None:
        """Begin the item and its only part."""
        super().open()
        self._emit_part("response.content_part.added")
        if self._is_audio:
            self.item.body["content"] = [{"type": "output_audio", "transcript": ""}]
            self.item.pcm[0] = self._pcm
        else:
            self.item.body["content"] = [{"type": "output_text", "text": ""}]

    def _spoken(self, pieces: list[str], begin: float, timing: Timing) -> tuple[list[Step], float]:
        samples = len(self._reply.pcm) // BYTES_PER_SAMPLE
        if self.is_cut and self.limit is not None:
            samples = audio_samples(self.limit - text_tokens("".join(pieces)))
        pcm = self._reply.pcm[: samples * BYTES_PER_SAMPLE]
        took = samples / (1000 * SAMPLES_PER_MS) / timing.pace
        size = timing.delta_ms * SAMPLES_PER_MS * BYTES_PER_SAMPLE
        gap = timing.delta_ms / 1000 / timing.pace
        said = [
            Step(
                begin + took * _LEAD * index / len(pieces), partial(self._say, piece), is_delta=True
            )
            for index, piece in enumerate(pieces)
        ]
        played = [
            Step(begin + index * gap, partial(self._play, pcm[start : start + size]), is_delta=True)
            for index, start in enumerate(range(0, len(pcm), size))
        ]
        return sorted(said + played, key=lambda step: step.at), begin + took

    def _written(self, pieces: list[str], begin: float) -> tuple[list[Step], float]:
        gap = self._reply.word_delay
        steps = [
            Step(begin + index * gap, partial(self._say, piece), is_delta=True)
            for index, piece in enumerate(pieces)
        ]
        return steps, begin + len(pieces) * gap

    def _text_limit(self) -> int | None:
        """The share of the token limit that goes to the words; the rest is for the audio."""
        if self.limit is None or not self.is_cut:
            return None
        return max(1, text_tokens(self._reply.text) * self.limit // self.whole_tokens)

    def _say(self, piece: str) -> None:
        self._text += piece
        kind = "output_audio_transcript" if self._is_audio else "output_text"
        place = self._within()
        self.outlet.emitter.emit_padded(f"response.{kind}.delta", delta=piece, **place)
        if not self.item.is_truncated:
            part = self.item.body["content"][0]
            part["transcript" if self._is_audio else "text"] = self._text

    def _play(self, block: bytes) -> None:
        # A truncation puts other audio into the item, and this is no longer the item's.
        self._pcm += block
        outlet = self.outlet
        delta = outlet.audio_format.encode(block)
        outlet.emitter.emit("response.output_audio.delta", **self._within(), delta=delta)

    def _close(self, *, is_complete: bool) -> None:  # noqa: ARG002 - its rungs are the same
        emitter = self.outlet.emitter
        if self._is_audio:
            emitter.emit("response.output_audio.done", **self._within())
            kind, key = "response.output_audio_transcript.done", "transcript"
        else:
            kind, key = "response.output_text.done", "text"
        emitter.emit(kind, **self._within(), **{key: self._text})
        self._emit_part("response.content_part.done")

    def _emit_part(self, kind: str) -> None:
        # Parts have the short names, items the long ones.
        part = {"type": self._modality, "transcript" if self._is_audio else "text": self._text}
        self.outlet.emitter.emit(kind, **self._within(), part=part)

    def _within(self) -> dict[str, Any]:
        return {
            "response_id": self.outlet.response_id,
            "item_id": self.item.id,
            "output_index": self.index,
            "content_index": 0,
        }
