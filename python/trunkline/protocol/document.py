"""A JSON document that somebody else may have written: each value is checked where it is read, and named if bad."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from trunkline.errors import ConfigError

if TYPE_CHECKING:
    from typing import NoReturn

    from trunkline.protocol.settings import JsonObject

__all__ = ["Document"]

_ADVICE = "take the snapshot anew, or connect without it"


@dataclass(frozen=True, slots=True)
class Document:
    """An object in a document, and where it stands."""

    value: JsonObject
    path: str

    def refuse(self, key: str, reason: str) -> NoReturn:
        """Raises ConfigError for one value."""
        raise ConfigError(f"{self.path}.{key}" if key else self.path, f"{reason}; {_ADVICE}")

    def _get(self, key: str, kind: type, what: str) -> Any:
        value = self.value.get(key)
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            found = "nothing" if key not in self.value else type(value).__name__
            self.refuse(key, f"it must be {what}, and is {found}")
        return value

    def text(self, key: str) -> str:
        """A string."""
        text: str = self._get(key, str, "a string")
        return text

    def flag(self, key: str) -> bool:
        """True or false."""
        flag: bool = self._get(key, bool, "true or false")
        return flag

    def count(self, key: str, *, most: int | None = None) -> int:
        """An integer from 0, and up to a limit if there is one."""
        count: int = self._get(key, int, "an integer")
        if count < 0 or (most is not None and count > most):
            self.refuse(key, f"{count} is out of range")
        return count

    def has(self, key: str) -> bool:
        """Whether there is a value that is not null."""
        return self.value.get(key) is not None

    def plain(self, key: str) -> JsonObject:
        """An object that is taken as it is."""
        plain: JsonObject = self._get(key, dict, "an object")
        return plain

    def part(self, key: str) -> Document:
        """An object that is read further."""
        return Document(self.plain(key), f"{self.path}.{key}")

    def parts(self, key: str) -> list[Document]:
        """A list of objects."""
        parts = []
        for index, value in enumerate(self._get(key, list, "a list")):
            if not isinstance(value, dict):
                self.refuse(f"{key}[{index}]", "it must be an object")
            parts.append(Document(value, f"{self.path}.{key}[{index}]"))
        return parts

    def texts(self, key: str) -> list[str]:
        """A list of strings."""
        texts: list[str] = self._get(key, list, "a list")
        if not all(isinstance(text, str) for text in texts):
            self.refuse(key, "it must hold strings only")
        return texts

    def span(self, key: str, *, most: int) -> tuple[int, int]:
        """A range of the capture axis, which is not empty."""
        return self._span(key, self.value.get(key), most)

    def spans(self, key: str, *, most: int) -> list[tuple[int, int]]:
        """Ranges in order, apart from each other."""
        spans: list[tuple[int, int]] = []
        for index, value in enumerate(self._get(key, list, "a list")):
            span = self._span(f"{key}[{index}]", value, most)
            if spans and span[0] <= spans[-1][1]:
                self.refuse(f"{key}[{index}]", "it must begin behind the one before it")
            spans.append(span)
        return spans

    def _span(self, key: str, value: object, most: int) -> tuple[int, int]:
        if (
            not isinstance(value, list | tuple)
            or len(value) != 2
            or not all(type(end) is int for end in value)
            or not 0 <= value[0] < value[1] <= most
        ):
            self.refuse(key, f"it must be a range [start, end] within {most} samples")
        return value[0], value[1]

    def pcm(self, key: str) -> bytes:
        """Base64 of whole samples; null is none."""
        if not self.has(key):
            return b""
        try:
            pcm = base64.b64decode(self.text(key), validate=True)
        except (binascii.Error, ValueError):
            self.refuse(key, "it must be base64")
        if len(pcm) % 2:
            self.refuse(key, "it ends inside a sample")
        return pcm
