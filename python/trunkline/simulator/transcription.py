"""Transcripts of what the user said: another model's work, so they come when they come.

A transcription has a delay of its own and runs beside the response; the transcripts of two turns
are in no order. Only `item_id` tells which is which. What comes between is the model's habit
(`transcribers`).
"""

from __future__ import annotations

import re
from collections import deque
from functools import partial
from typing import TYPE_CHECKING, Any

from trunkline.simulator.buffer import SAMPLES_PER_MS
from trunkline.simulator.tokens import transcription_usage
from trunkline.simulator.transcribers import DEFAULT_TRANSCRIBER, Transcriber, transcriber_named

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from trunkline.simulator.emitter import Emitter
    from trunkline.simulator.items import Item

__all__ = ["UNINTELLIGIBLE", "Transcriptions", "words"]

_PREFIX = "conversation.item.input_audio_transcription."
_WORD_DELAY = 0.02
"""Between two pieces; five in 40 ms were recorded for text."""
UNINTELLIGIBLE = {
    "type": "transcription_error",
    "code": "audio_unintelligible",
    "message": "The audio could not be transcribed.",
    "param": None,
}
"""The error of a failed transcription, as the API's reference shows it."""


def words(text: str) -> list[str]:
    """The text in pieces of one word with the space before it; joined they are the text."""
    return re.findall(r"\s*\S+\s*$|\s*\S+", text) or ([text] if text else [])


class Transcriptions:
    """The transcriptions in progress."""

    def __init__(self, emitter: Emitter) -> None:
        self._emitter = emitter
        self._steps: deque[tuple[float, Callable[[], None]]] = deque()
        self._failures: deque[dict[str, Any]] = deque()
        self._segments = 0

    def start(
        self,
        item: Item,
        at: float,
        settings: Mapping[str, Any] | None = None,
        *,
        wants_logprobs: bool = False,
    ) -> None:
        """Begin to write down an item's audio at `at`, with these `transcription` settings."""
        settings = settings or {"model": DEFAULT_TRANSCRIBER}
        model = transcriber_named(settings["model"])
        with_logprobs = wants_logprobs and model.has_logprobs
        if self._failures:
            steps = [_failing(self._emitter, item, self._failures.popleft())]
        else:
            steps = [
                _writing(self._emitter, item, piece, with_logprobs)
                for piece in _pieces(model, item)
            ]
            steps += list(self._speaking(item)) if model.has_segments else []
            steps.append(_completing(self._emitter, item, model, settings, with_logprobs))
        timed = [(at + index * _WORD_DELAY, step) for index, step in enumerate(steps)]
        # Stable: the pieces of one item stay in order, those of two items mix by time.
        self._steps = deque(sorted([*self._steps, *timed], key=lambda step: step[0]))

    def fail_next(self, error: Mapping[str, Any] = UNINTELLIGIBLE) -> None:
        """Let the next transcription that is started fail."""
        self._failures.append(dict(error))

    def deadline(self) -> float | None:
        """When the next piece is due."""
        return self._steps[0][0] if self._steps else None

    def advance(self) -> None:
        """Emit the next piece."""
        _, step = self._steps.popleft()
        step()

    def _speaking(self, item: Item) -> Iterator[Callable[[], None]]:
        """A segment for each sentence; one microphone is one speaker.

        Nobody places the words in time, so a sentence takes its share of the audio by its length.
        """
        seconds = item.audio_samples() / (1000 * SAMPLES_PER_MS)
        length, begin = max(len(item.heard), 1), 0
        for text in re.findall(r"\s*[^.!?]+[.!?]*", item.heard):
            end = begin + len(text)
            fields = {
                "id": f"seg_{self._segments:04d}",
                "speaker": "A",
                "start": round(seconds * begin / length, 3),
                "end": round(seconds * end / length, 3),
                "text": text.strip(),
            }
            yield partial(self._emitter.emit, f"{_PREFIX}segment", **_place(item), **fields)
            self._segments, begin = self._segments + 1, end


def _pieces(model: Transcriber, item: Item) -> list[str]:
    if model.deltas == "words":
        return words(item.heard)
    return [item.heard] if model.deltas == "whole" and item.heard else []


def _place(item: Item) -> dict[str, Any]:
    return {"item_id": item.id, "content_index": 0}


def _writing(emitter: Emitter, item: Item, piece: str, with_logprobs: bool) -> Callable[[], None]:
    extra = {"logprobs": _logprobs([piece])} if with_logprobs else {}
    return lambda: emitter.emit_padded(f"{_PREFIX}delta", delta=piece, **_place(item), **extra)


def _failing(emitter: Emitter, item: Item, error: dict[str, Any]) -> Callable[[], None]:
    return lambda: emitter.emit(f"{_PREFIX}failed", **_place(item), error=error)


def _completing(
    emitter: Emitter,
    item: Item,
    model: Transcriber,
    settings: Mapping[str, Any],
    with_logprobs: bool,
) -> Callable[[], None]:
    extra: dict[str, Any] = {}
    if model.tells_languages:
        extra["languages"] = [{"code": code} for code in _languages(settings)]
    if with_logprobs:
        extra["logprobs"] = _logprobs(words(item.heard))

    def complete() -> None:
        item.body["content"][0]["transcript"] = item.heard
        usage = transcription_usage(
            item.audio_samples(), item.heard, by_time=model.is_billed_by_time
        )
        emitter.emit(
            f"{_PREFIX}completed", **_place(item), transcript=item.heard, usage=usage, **extra
        )

    return complete


def _languages(settings: Mapping[str, Any]) -> list[str]:
    """The languages that are reported: those the client expects, since nobody listens for them."""
    given = settings.get("language")
    return [given] if given else list(settings.get("languages") or ())


def _logprobs(pieces: list[str]) -> list[dict[str, Any]]:
    """Words as tokens; the longer the word, the less certain."""
    return [
        {"token": piece, "logprob": round(-0.01 * len(piece), 2), "bytes": list(piece.encode())}
        for piece in pieces
    ]
