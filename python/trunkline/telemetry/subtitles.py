"""Who said what when, as cues: a fold over the observations of one line.

Time runs from the first sample that the user gave. The user's words stand from where the server heard him begin to
where it heard him end (exactly, on a line that is measured), the model's while they are played; an answer that nobody
plays stands for as long as it takes to be read.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from trunkline.protocol.observations import (
    AudioAccepted,
    AudioHeard,
    LinkEnded,
    Milestone,
    MilestoneKind,
    Observation,
    Speaker,
    SpeechEnded,
    Transcript,
)
from trunkline.telemetry.srt import Cue

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["Subtitles"]

# Television's guides allow adults 17 to 20 characters a second.
_CHARS_PER_SECOND = 17.0
_LEAST_SECONDS = 1.0


@dataclass(slots=True)
class _Utterance:
    """What one item says."""

    speaker: Speaker
    written_at: float | None = None
    begin: float | None = None
    end: float | None = None
    text: str = ""
    is_final: bool = False
    heard_samples: int = 0

    def span(self) -> tuple[float, float]:
        """When it stands, on the line's clock."""
        begin = self.begin if self.begin is not None else self.written_at or 0.0
        if self.end is not None and self.end > begin:
            return begin, self.end
        return begin, begin + max(_LEAST_SECONDS, len(self.text) / _CHARS_PER_SECOND)

    @property
    def was_said(self) -> bool:
        """An answer that broke off before any of it was played was given anew, if at all."""
        is_heard = self.speaker is Speaker.USER or self.is_final or self.heard_samples > 0
        return bool(self.text.strip()) and is_heard


class Subtitles:
    """An observer of a line; `names` is what each side is called."""

    def __init__(self, *, names: Mapping[Speaker, str], rate_hz: int = 24_000) -> None:
        self._names = names
        self._rate_hz = rate_hz
        self._origin: float | None = None
        self._utterances: dict[tuple[Speaker, str], _Utterance] = {}
        self._broken_at: float | None = None
        """When an utterance began that a link's end broke: the next session hears it again, and late."""

    def __call__(self, fact: Observation) -> None:
        """Takes one fact."""
        handler = _HANDLERS.get(type(fact))
        if handler is not None:
            handler(self, fact)

    def cues(self) -> tuple[Cue, ...]:
        """What was said so far, in the order in which it began; of one moment the user's first."""
        said = [one for one in self._utterances.values() if one.was_said]
        return tuple(map(self._cue, sorted(said, key=_order)))

    def _cue(self, utterance: _Utterance) -> Cue:
        begin, end = utterance.span()
        origin = self._origin or 0.0
        return Cue(
            speaker=self._names.get(utterance.speaker, utterance.speaker.value),
            begin=max(0.0, begin - origin),
            end=max(0.0, end - origin),
            text=utterance.text,
        )

    def _accepted(self, fact: AudioAccepted) -> None:
        if self._origin is None:
            self._origin = fact.at - fact.samples / self._rate_hz

    def _milestone(self, fact: Milestone) -> None:
        if not fact.item_id:
            return
        if fact.kind is MilestoneKind.SPEECH_STARTED:
            began = fact.at if self._broken_at is None else self._broken_at
            self._utterance(Speaker.USER, fact.item_id).begin = began
            self._broken_at = None
        elif fact.kind in (MilestoneKind.SPEECH_STOPPED, MilestoneKind.COMMITTED):
            utterance = self._utterance(Speaker.USER, fact.item_id)
            if utterance.end is None:
                utterance.end = fact.at

    def _link_ended(self, _fact: LinkEnded) -> None:
        for key, one in list(self._utterances.items()):
            is_open = one.begin is not None and one.end is None and not one.text
            if one.speaker is Speaker.USER and is_open:
                self._broken_at = one.begin
                del self._utterances[key]

    def _speech_ended(self, fact: SpeechEnded) -> None:
        self._utterance(Speaker.USER, fact.item_id).end = fact.captured_at

    def _heard(self, fact: AudioHeard) -> None:
        utterance = self._utterance(Speaker.ASSISTANT, fact.item_id)
        if fact.samples <= utterance.heard_samples:
            return
        if utterance.begin is None:
            utterance.begin = fact.at - fact.samples / self._rate_hz
        utterance.heard_samples, utterance.end = fact.samples, fact.at

    def _transcript(self, fact: Transcript) -> None:
        utterance = self._utterance(fact.speaker, fact.item_id)
        if utterance.written_at is None:
            utterance.written_at = fact.at
        if fact.final:
            utterance.text, utterance.is_final = fact.text, True
        elif not utterance.is_final:
            utterance.text += fact.text

    def _utterance(self, speaker: Speaker, item_id: str) -> _Utterance:
        return self._utterances.setdefault((speaker, item_id), _Utterance(speaker))


def _order(utterance: _Utterance) -> tuple[float, bool]:
    return utterance.span()[0], utterance.speaker is Speaker.ASSISTANT


_HANDLERS: dict[type[Observation], Callable[..., None]] = {
    AudioAccepted: Subtitles._accepted,
    AudioHeard: Subtitles._heard,
    LinkEnded: Subtitles._link_ended,
    Milestone: Subtitles._milestone,
    SpeechEnded: Subtitles._speech_ended,
    Transcript: Subtitles._transcript,
}
