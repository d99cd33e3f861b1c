"""One response on its way out: the ladder of events in the recorded order.

response.created → output_item.added → conversation.item.added → content_part.added → deltas → the
closing block → response.done. A cancelled one leaves the ladder at the rung it stands on: what is
open gets its `.done`, the item is incomplete. A response outside the conversation has no
conversation.* rungs.
"""

from __future__ import annotations

import binascii
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from trunkline.simulator.buffer import BYTES_PER_SAMPLE, SAMPLES_PER_MS
from trunkline.simulator.items import Item
from trunkline.simulator.tokens import audio_output_tokens, text_tokens, usage
from trunkline.simulator.transcription import words

if TYPE_CHECKING:
    from trunkline.simulator.conversation import Conversation
    from trunkline.simulator.emitter import Emitter
    from trunkline.simulator.timing import Timing
    from trunkline.simulator.voice import Reply

__all__ = ["Plan", "ResponseRun"]

_LEAD = 0.6
"""The transcript runs ahead of the audio: its last word comes at this share of the audio's time."""
_WORD_DELAY = 0.02
"""Between the words of a reply that is only text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a response is to be; decided when it is created."""

    response_id: str
    item_id: str
    modality: str
    """`audio` or `text`."""
    reply: Reply
    text_in: int
    """Input tokens of text."""
    audio_in: int
    """Input tokens of audio."""
    voice: Any
    output_format: dict[str, Any]
    max_output_tokens: int | str
    metadata: dict[str, str] | None

    @property
    def is_audio(self) -> bool:
        """Whether it is spoken."""
        return self.modality == "audio"

    def kept_share(self) -> float:
        """The part of the reply that the token limit lets through, in [0, 1]."""
        if not isinstance(self.max_output_tokens, int):
            return 1.0
        samples = len(self.reply.pcm) // BYTES_PER_SAMPLE if self.is_audio else 0
        whole = text_tokens(self.reply.text) + audio_output_tokens(samples)
        return min(1.0, self.max_output_tokens / whole)


class ResponseRun:
    """A response in progress. It is driven by `deadline` and `advance`, ended early by `cancel`."""

    def __init__(
        self, plan: Plan, *, emitter: Emitter, conversation: Conversation | None, timing: Timing
    ) -> None:
        self.plan = plan
        self.item: Item | None = None
        """The item it makes, from when it is opened."""
        self.status = "in_progress"
        self.reason: str | None = None
        self._emitter = emitter
        self._conversation = conversation
        self._timing = timing
        self._steps: deque[tuple[float, str | bytes | None]] = deque()
        self._previous: str | None = None
        self._text = ""
        self._pcm = bytearray()

    @property
    def id(self) -> str:
        """The response's id."""
        return self.plan.response_id

    def start(self, now: float) -> None:
        """Emit response.created and lay out the rest in time."""
        begin = now + self._timing.response_delay
        self._steps.append((begin, None))
        self._steps.extend(self._spoken(begin) if self.plan.is_audio else self._written(begin))
        self._emitter.emit("response.created", response=self.view())

    def deadline(self) -> float | None:
        """When the next step is due; None once it is done."""
        return self._steps[0][0] if self._steps else None

    def advance(self) -> None:
        """Take the next step."""
        _, step = self._steps.popleft()
        if step is None:
            self._open_or_finish()
        elif isinstance(step, str):
            self._say(step)
        else:
            self._play(step)

    def cancel(self, reason: str, now: float) -> None:
        """End it now; `reason` is `turn_detected` or `client_cancelled`."""
        until = now + self._timing.leak_ms / 1000 / self._timing.pace
        while self.item is not None and len(self._steps) > 1 and self._steps[0][0] <= until:
            self.advance()
        self._finish("cancelled", reason)

    def view(self) -> dict[str, Any]:
        """The response object as it stands."""
        plan = self.plan
        details = None if self.reason is None else {"type": self.status, "reason": self.reason}
        return {
            "object": "realtime.response",
            "id": plan.response_id,
            "status": self.status,
            "status_details": details,
            "output": [self.item.view()] if self.item and self.status != "in_progress" else [],
            "conversation_id": None if self._conversation is None else self._conversation.id,
            "output_modalities": [plan.modality],
            "max_output_tokens": plan.max_output_tokens,
            "audio": {"output": {"format": plan.output_format, "voice": plan.voice}},
            "usage": self._usage(),
            "metadata": plan.metadata,
        }

    def _spoken(self, begin: float) -> list[tuple[float, str | bytes | None]]:
        share = self.plan.kept_share()
        samples = int(len(self.plan.reply.pcm) // BYTES_PER_SAMPLE * share)
        pcm = self.plan.reply.pcm[: samples * BYTES_PER_SAMPLE]
        took = samples / (1000 * SAMPLES_PER_MS) / self._timing.pace
        size = self._timing.delta_ms * SAMPLES_PER_MS * BYTES_PER_SAMPLE
        blocks = [pcm[start : start + size] for start in range(0, len(pcm), size)]
        pieces = self._pieces(share)
        steps: list[tuple[float, str | bytes | None]] = [
            (begin + took * _LEAD * index / len(pieces), piece)
            for index, piece in enumerate(pieces)
        ]
        gap = self._timing.delta_ms / 1000 / self._timing.pace
        steps += [(begin + index * gap, block) for index, block in enumerate(blocks)]
        steps.sort(key=lambda step: step[0])
        return [*steps, (begin + took, None)]

    def _written(self, begin: float) -> list[tuple[float, str | bytes | None]]:
        pieces = self._pieces(self.plan.kept_share())
        steps: list[tuple[float, str | bytes | None]] = [
            (begin + index * _WORD_DELAY, piece) for index, piece in enumerate(pieces)
        ]
        return [*steps, (begin + len(pieces) * _WORD_DELAY, None)]

    def _pieces(self, share: float) -> list[str]:
        pieces = words(self.plan.reply.text)
        return pieces[: max(1, int(len(pieces) * share))]

    def _open_or_finish(self) -> None:
        if self.item is None:
            self._open()
        elif self.plan.kept_share() < 1.0:
            self._finish("incomplete", "max_output_tokens")
        else:
            self._finish("completed", None)

    def _open(self) -> None:
        item = Item(
            body={
                "id": self.plan.item_id,
                "type": "message",
                "status": "in_progress",
                "role": "assistant",
                "content": [],
            }
        )
        self.item = item
        self._emit("response.output_item.added", output_index=0, item=item.view())
        if self._conversation is not None:
            self._previous = self._conversation.add(item)
            self._emitter.emit(
                "conversation.item.added", previous_item_id=self._previous, item=item.view()
            )
        self._emit_part("response.content_part.added")
        if self.plan.is_audio:
            item.body["content"] = [{"type": "output_audio", "transcript": ""}]
            item.pcm[0] = b""
        else:
            item.body["content"] = [{"type": "output_text", "text": ""}]

    def _say(self, piece: str) -> None:
        self._text += piece
        kind = "output_audio_transcript" if self.plan.is_audio else "output_text"
        self._emitter.emit_padded(f"response.{kind}.delta", delta=piece, **self._place())
        self._store()

    def _play(self, block: bytes) -> None:
        self._pcm += block
        delta = binascii.b2a_base64(block, newline=False).decode()
        self._emitter.emit("response.output_audio.delta", **self._place(), delta=delta)
        self._store()

    def _store(self) -> None:
        assert self.item is not None
        if self.item.is_truncated:
            return
        part = self.item.body["content"][0]
        part["transcript" if self.plan.is_audio else "text"] = self._text
        if self.plan.is_audio:
            # The buffer itself, which grows: a copy for every delta would take the square of time.
            # It can all that is asked of it there; `_finish` puts bytes in its place.
            self.item.pcm[0] = self._pcm  # type: ignore[assignment]

    def _finish(self, status: str, reason: str | None) -> None:
        self._steps.clear()
        self.status, self.reason = status, reason
        if self.item is not None:
            if 0 in self.item.pcm:
                self.item.pcm[0] = bytes(self.item.pcm[0])
            self.item.body["status"] = "completed" if status == "completed" else "incomplete"
            self._close_part()
            self._close_item(self.item)
        self._emitter.emit("response.done", response=self.view())

    def _close_part(self) -> None:
        if self.plan.is_audio:
            self._emitter.emit("response.output_audio.done", **self._place())
            kind, key = "response.output_audio_transcript.done", "transcript"
        else:
            kind, key = "response.output_text.done", "text"
        self._emitter.emit(kind, **self._place(), **{key: self._text})
        self._emit_part("response.content_part.done")

    def _close_item(self, item: Item) -> None:
        if self._conversation is not None:
            self._emitter.emit(
                "conversation.item.done", previous_item_id=self._previous, item=item.view()
            )
        self._emit("response.output_item.done", output_index=0, item=item.view())

    def _emit_part(self, kind: str) -> None:
        # Parts have the short names, items the long ones.
        key = "transcript" if self.plan.is_audio else "text"
        part = {"type": self.plan.modality, key: self._text}
        self._emitter.emit(kind, **self._place(), part=part)

    def _emit(self, kind: str, **fields: Any) -> None:
        self._emitter.emit(kind, response_id=self.id, **fields)

    def _place(self) -> dict[str, Any]:
        return {
            "response_id": self.plan.response_id,
            "item_id": self.plan.item_id,
            "output_index": 0,
            "content_index": 0,
        }

    def _usage(self) -> dict[str, Any] | None:
        if self.status == "in_progress":
            return None
        if self.item is None:
            return usage(text_in=0, audio_in=0, text_out=0, audio_out=0)
        return usage(
            text_in=self.plan.text_in,
            audio_in=self.plan.audio_in,
            text_out=text_tokens(self._text),
            audio_out=audio_output_tokens(len(self._pcm) // BYTES_PER_SAMPLE),
        )
