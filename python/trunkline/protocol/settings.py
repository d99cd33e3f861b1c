"""The session's settings: what the application wants, what the server confirmed, and how to hold back.

Updates merge as the server merges them: only the fields that are present change, objects field by field. An
update that the server refuses is discarded whole, there and here.
"""

from __future__ import annotations

from copy import deepcopy
from typing import Any

__all__ = ["JsonObject", "Settings", "merge"]

JsonObject = dict[str, Any]

# These are replaced whole: their inner fields depend on their `type` and do not mix with another's.
_WHOLE = frozenset({"turn_detection", "format", "transcription", "tools", "prompt", "tool_choice"})


def merge(base: JsonObject, patch: JsonObject) -> JsonObject:
    """The settings after an update; neither argument is changed."""
    merged = dict(base)
    for key, value in patch.items():
        old = merged.get(key)
        if isinstance(value, dict) and isinstance(old, dict) and key not in _WHOLE:
            merged[key] = merge(old, value)
        else:
            merged[key] = deepcopy(value)
    return merged


_DEFAULTS = ("turn_detection", "transcription")


def _audio_input(session: JsonObject) -> JsonObject:
    """`audio.input` of a session, as far as it is there: servers and applications leave it out, or say null."""
    audio = session.get("audio")
    part = audio.get("input") if isinstance(audio, dict) else None
    return part if isinstance(part, dict) else {}


class Settings:
    """Desired and effective settings of one line."""

    def __init__(self, session: JsonObject) -> None:
        self._confirmed = merge({"type": "realtime"}, session)
        self._pending: list[tuple[str, JsonObject]] = []
        self._offered = 0
        """How many of the pending updates a new session was given with the rest."""
        self._untried = 0
        """How many of them wait to be tried alone, since the session refused them together."""
        self._defaults: JsonObject = {}
        """What the server said of `audio.input` when it created the session, before any update of ours.

        No more than is asked for: a session is two kilobytes.
        """

    def desired(self) -> JsonObject:
        """Everything the application asked for and the server has not refused.

        While the server's refusal may mean any of several updates, only the one that is tried.
        """
        settings = self._confirmed
        for _, patch in self._pending[: self._offered] if self._untried else self._pending:
            settings = merge(settings, patch)
        return settings

    def confirmed(self) -> JsonObject:
        """Everything that some session took."""
        return self._confirmed

    def asked(self) -> list[tuple[str, JsonObject]]:
        """The changes that no session has confirmed yet, oldest first."""
        return list(self._pending)

    def ask(self, event_id: str, patch: JsonObject) -> None:
        """The application asks for a change."""
        self._pending.append((event_id, deepcopy(patch)))

    def refuse(self, event_id: str) -> bool:
        """The server refused an update; gives whether it was one of the application's."""
        kept = [entry for entry in self._pending if entry[0] != event_id]
        known = len(kept) < len(self._pending)
        self._pending = kept
        return known

    def confirm(self) -> None:
        """The server carried out the oldest update."""
        if self._pending:
            _, patch = self._pending.pop(0)
            self._confirmed = merge(self._confirmed, patch)

    def is_asking(self) -> bool:
        """Whether an update waits for its confirmation."""
        return bool(self._pending)

    def offered(self) -> None:
        """A new session is given everything at once; what is asked from now on goes its own way."""
        if not self._untried:
            self._offered = len(self._pending)

    def adopt(self) -> None:
        """The new session confirmed what it was given."""
        while self._offered:
            self._offered -= 1
            self.confirm()

    def refused_together(self) -> list[str] | None:
        """The new session refused what it was given: settings that some session took, and updates none has yet.

        If that was one update it is discarded; several are tried one by one from now on. Gives the event ids of those
        discarded; None means that settings are refused which an earlier session took.
        """
        if not self._offered:
            return None
        if self._offered > 1:
            self._offered, self._untried = 1, self._offered - 1
            return []
        event_id, _ = self._pending.pop(0)
        self.try_next()
        return [event_id]

    def try_next(self) -> bool:
        """The update that was tried is settled; gives whether another one must be tried alone."""
        self._offered = min(1, self._untried)
        self._untried -= self._offered
        return bool(self._offered)

    def begun(self, session: JsonObject) -> None:
        """What a new session has in force where the application wishes nothing.

        Later echoes do not count: during a restore they show the settings that are held back.
        """
        given = _audio_input(session)
        self._defaults = {name: given[name] for name in _DEFAULTS if name in given}
        self._untried = 0

    def kind(self) -> str:
        """The session's `type`, which every update must name."""
        return str(self._confirmed["type"])

    def turn_detection(self) -> JsonObject | None:
        """The voice activity detection that should be in force; None if turns are committed by hand."""
        desired = _audio_input(self.desired())
        if "turn_detection" in desired:
            wanted = desired["turn_detection"]
            return wanted if isinstance(wanted, dict) else None
        wanted = self._defaults.get("turn_detection")
        if not isinstance(wanted, dict):
            return None
        # It is the server's own word and will be sent back to it: no more of it than is known.
        return {key: value for key, value in wanted.items() if isinstance(value, str | int | float)}

    def held_back(self) -> JsonObject:
        """The desired settings, but with no automatic response: for the time of a replay."""
        detection = self.turn_detection()
        if detection is None or self.kind() != "realtime":
            return self.desired()
        quiet = detection | {"create_response": False, "interrupt_response": False}
        return merge(self.desired(), {"audio": {"input": {"turn_detection": quiet}}})

    def released(self) -> JsonObject:
        """The update that ends the holding back."""
        if self.kind() == "translation":
            # Nothing was held back; an update without any setting may be none to the server.
            return self.desired()
        detection = self.turn_detection()
        if detection is None or self.kind() != "realtime":
            return {"type": self.kind()}
        loud = {"create_response": True, "interrupt_response": True} | detection
        return {"type": "realtime", "audio": {"input": {"turn_detection": loud}}}

    def answers_by_itself(self) -> bool:
        """Whether a committed turn makes the server respond without being asked."""
        detection = self.turn_detection()
        return detection is not None and detection.get("create_response", True) is not False

    def writes_down(self) -> bool:
        """Whether the user's speech gets a transcript."""
        desired = _audio_input(self.desired())
        wanted = desired if "transcription" in desired else self._defaults
        return wanted.get("transcription") is not None

    def take_over(self, session: JsonObject) -> None:
        """Another session takes the place of the current one; it was given all that is desired."""
        self.begun(session)
        self.offered()
        self.adopt()

    def padding_ms(self) -> int | None:
        """How much audio before speech the server keeps; None without voice activity detection."""
        detection = self.turn_detection()
        if detection is None:
            return None
        padding = detection.get("prefix_padding_ms", 300)
        return max(0, padding) if isinstance(padding, int) else 300
