"""What is in a message, for people: its JSON laid out, its audio replaced by what it is, and that audio by itself.

A message may hold anything a server or a user put there, so what is shown is clean and cut, and whatever looks like a
key is masked. Text that is base64 and long is no text for people: it is told by its size.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson

from trunkline.audio import codec
from trunkline.errors import CodecError
from trunkline.protocol.observations import Direction
from trunkline.text import Clean, clean

if TYPE_CHECKING:
    from trunkline.audio.codec import Law

__all__ = ["DETAIL_CHARS", "Coding", "Contents", "codings"]

DETAIL_CHARS = 8192
"""Longer documents are cut; the instructions of a session are about as long."""

# Shorter text is shown whatever it is: an id, a word.
_LEAST_CHARS = 200
_BASE64 = re.compile(r"[A-Za-z0-9+/]+={0,2}")
_AUDIO_FIELDS = frozenset({"audio", "delta"})
_LAWS: dict[str, Law] = {"audio/pcmu": "ulaw", "audio/pcma": "alaw"}
_NAMES = {"audio/pcmu": "PCMU", "audio/pcma": "PCMA"}
# As deep as anyone nests an event by hand; a document that is deeper is shown without its inside.
_DEEPEST = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Coding:
    """How the audio of one direction is written."""

    type: str = "audio/pcm"
    rate_hz: int = 24_000

    @property
    def law(self) -> Law | None:
        """The law of G.711, if it is that."""
        return _LAWS.get(self.type)

    @property
    def name(self) -> str:
        """`PCM16`, `PCMU` or `PCMA`."""
        return _NAMES.get(self.type, "PCM16")

    @property
    def bytes_per_s(self) -> int:
        """Of the coded audio."""
        return self.rate_hz if self.law else 2 * self.rate_hz


class Contents:
    """One message, read once."""

    def __init__(self, message: bytes, coding: Coding) -> None:
        self._message = message
        self._coding = coding
        self._audio: str | None = None
        try:
            found = orjson.loads(message)
        except orjson.JSONDecodeError:
            found = None
        self.fields: dict[str, Any] = found if isinstance(found, dict) else {}
        """The event; empty if it is no JSON object."""

    def text(self, name: str) -> str:
        """A field that is a string; nothing if there is none."""
        value = self.fields.get(name)
        return value if isinstance(value, str) else ""

    def inner(self, name: str, field: str) -> str:
        """A string of an object in the event: the id of its item, for one."""
        value = self.fields.get(name)
        found = value.get(field) if isinstance(value, dict) else None
        return found if isinstance(found, str) else ""

    def pcm(self) -> bytes:
        """The audio in it; nothing if there is none, or none that can be read."""
        name = "audio" if "audio" in self.fields else "delta"
        try:
            return codec.decode(self.text(name), law=self._coding.law)
        except CodecError:
            return b""

    def detail(self) -> Clean:
        """The event as indented JSON, its audio replaced by its size."""
        if not self.fields:
            return clean(
                self._message[:DETAIL_CHARS].decode(errors="replace"), limit_chars=DETAIL_CHARS
            )
        shown = self._shown(self.fields, _DEEPEST)
        return clean(
            orjson.dumps(shown, option=orjson.OPT_INDENT_2).decode(), limit_chars=DETAIL_CHARS
        )

    def _shown(self, value: Any, deep: int, name: str = "") -> Any:
        if isinstance(value, str):
            return self._told(value, name) if len(value) >= _LEAST_CHARS else value
        if not isinstance(value, (dict, list)):
            return value
        if deep == 0:
            return "…"
        if isinstance(value, dict):
            return {key: self._shown(each, deep - 1, key) for key, each in value.items()}
        return [self._shown(each, deep - 1, name) for each in value]

    def _told(self, value: str, name: str) -> str:
        """Long text as it is; base64 by its size, and by its time where it is audio."""
        if not _BASE64.fullmatch(value):
            return value
        size = len(value) * 3 // 4 - value.count("=", -2)
        told = f"<base64 {_spaced(len(value))} B → {_spaced(size)} B"
        if name in _AUDIO_FIELDS:
            milliseconds = size * 1000 / self._coding.bytes_per_s
            told += f" → {_spaced(round(milliseconds))} ms {self._coding.name}"
        return told + ">"


def codings(settings: str, rate_hz: int) -> dict[Direction, Coding]:
    """How audio is written from settings on that the server confirmed; nothing of a direction that they do not name."""
    fields = Contents(settings.encode(errors="replace"), Coding(rate_hz=rate_hz)).fields
    audio, found = fields.get("audio"), {}
    for direction, name in ((Direction.UP, "input"), (Direction.DOWN, "output")):
        side = audio.get(name) if isinstance(audio, dict) else None
        form = side.get("format") if isinstance(side, dict) else None
        kind = form.get("type") if isinstance(form, dict) else None
        if isinstance(kind, str):
            found[direction] = Coding(type=kind, rate_hz=rate_hz)
    return found


def _spaced(number: int) -> str:
    """Thousands apart, as the screens write them."""
    return f"{number:,}".replace(",", " ")
