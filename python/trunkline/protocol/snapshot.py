"""A conversation as a document, so that another process or host can take it over.

It says what a new session would be told if the link broke now: the settings, the items with the ids they have, the
calls that were given, what is owed, the audio that no item holds yet, and the sums of the books. It holds no key, and
not what MCP tools are authorized with. docs/snapshot.md describes every field; `VERSION` grows when a reader of the
version before would misread it.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson

from trunkline.errors import ConfigError
from trunkline.protocol import wire
from trunkline.protocol.books import SavedAudio
from trunkline.protocol.document import Document
from trunkline.protocol.entry import Entry, EntryKind
from trunkline.protocol.marks import Mark
from trunkline.protocol.observations import TakenOver
from trunkline.protocol.turns import Request
from trunkline.protocol.usage import Usage

if TYPE_CHECKING:
    from trunkline.protocol.conversation import Conversation
    from trunkline.protocol.outbox import Outbox
    from trunkline.protocol.settings import JsonObject

__all__ = ["VERSION", "Snapshot", "take_snapshot"]

VERSION = 1
_FORMAT = "trunkline snapshot"
_ID_LIMIT = 64


def take_snapshot(
    conversation: Conversation, *, rate_hz: int, ids: int, had_session: bool, with_audio: bool
) -> JsonObject:
    """The document of a conversation as it stands; changes nothing."""
    ledger, turns = conversation.ledger, conversation.turns
    document = {
        "format": _FORMAT,
        "version": VERSION,
        "rate_hz": rate_hz,
        "ids": ids,
        "had_session": had_session,
        "session": ledger.settings.confirmed(),
        "updates": [
            {"event_id": event_id, "session": patch} for event_id, patch in ledger.settings.asked()
        ],
        "items": [_dump_entry(entry, ledger.names.former(entry.id)) for entry in ledger],
        "items_forgotten": ledger.forgotten,
        "calls": conversation.calls.given(),
        "owed": turns.owed,
        "requests": [
            {"event_id": request.event_id, "request": orjson.loads(request.message)}
            for request in turns.waiting()
        ],
        "speech": conversation.hearing.dump(),
        "audio": _dump_audio(conversation.outbox, with_audio=with_audio),
        "usage": conversation.usage.as_dict(),
    }
    without_secrets: JsonObject = _without_secrets(wire.canonical(document))
    return without_secrets


def _dump_entry(entry: Entry, former: str | None) -> JsonObject:
    return {
        "id": entry.id,
        "former_id": former,
        "kind": entry.kind.value,
        "body": entry.body,
        "text": entry.text,
        "transcribed": entry.transcribed,
        "span": entry.span,
        "complete": entry.complete,
        "received_samples": entry.received_samples,
        "heard_samples": entry.heard_samples,
        "cut": entry.cut,
    }


def _dump_audio(outbox: Outbox, *, with_audio: bool) -> JsonObject:
    books = outbox.books()
    kept_from, pcm = outbox.memory()
    return {
        "accepted": books.accepted,
        "consumed": books.consumed,
        "gap": books.gap,
        "read": outbox.read,
        "reached": outbox.reached,
        "settled": outbox.settled(),
        "in_items": outbox.items(),
        "kept_from": kept_from if with_audio else books.accepted,
        "pcm": base64.b64encode(pcm).decode("ascii") if with_audio else None,
        "commits": [
            {
                "position": mark.position,
                "event_id": mark.event_id,
                "request": orjson.loads(mark.message),
            }
            for mark in outbox.marks.lasting()
        ],
    }


def _without_secrets(value: Any) -> Any:
    """MCP tools carry what they are authorized with, in the settings and in requests."""
    if isinstance(value, list):
        return [_without_secrets(one) for one in value]
    if not isinstance(value, dict):
        return value
    secret = ("authorization", "headers") if value.get("type") == "mcp" else ()
    return {key: _without_secrets(one) for key, one in value.items() if key not in secret}


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """A document that was checked from end to end."""

    rate_hz: int
    ids: int
    had_session: bool
    session: JsonObject
    updates: list[tuple[str, JsonObject]]
    items: list[tuple[Entry, str | None]]
    """Each with the id that the server once gave it, if it was renamed."""
    items_forgotten: int
    calls: list[str]
    owed: bool
    requests: list[Request]
    broken_speech: int | None
    broken_end: int
    settled: int
    audio: SavedAudio
    usage: Usage

    def taken_over(self) -> TakenOver:
        """The fact that a line begins with it; when is up to the line."""
        return TakenOver(
            at=0.0,
            epoch=0,
            items=len(self.items),
            accepted_samples=self.audio.accepted,
            consumed_samples=self.audio.consumed,
            gap_samples=self.audio.gap,
        )

    @classmethod
    def read(cls, document: JsonObject | str | bytes) -> Snapshot:
        """Checks a document, or the JSON text of one. Raises ConfigError that says what is wrong, and where."""
        root = Document(_parsed(document), "restore")
        _check_version(root)
        audio = _read_audio(root.part("audio"))
        speech = root.part("speech")
        end = audio.accepted
        has_broken = speech.has("broken_speech")
        return cls(
            rate_hz=root.count("rate_hz"),
            ids=root.count("ids"),
            had_session=root.flag("had_session"),
            session=_read_session(root),
            updates=[(one.text("event_id"), one.plain("session")) for one in root.parts("updates")],
            items=_read_items(root, end),
            items_forgotten=root.count("items_forgotten"),
            calls=root.texts("calls"),
            owed=root.flag("owed"),
            requests=[
                Request(event_id=one.text("event_id"), message=wire.encode(one.plain("request")))
                for one in root.parts("requests")
            ],
            broken_speech=speech.count("broken_speech", most=end) if has_broken else None,
            broken_end=speech.count("broken_end", most=end),
            settled=speech.count("settled", most=end),
            audio=audio,
            usage=_read_usage(root.part("usage")),
        )

    def pour(self, conversation: Conversation) -> None:
        """Puts everything but the session, which the ledger was made with, into a new conversation."""
        ledger = conversation.ledger
        for event_id, patch in self.updates:
            ledger.settings.ask(event_id, patch)
        for entry, former in self.items:
            if former is not None:
                ledger.names.rename(former, entry.id)
        ledger.adopt([entry for entry, _ in self.items], forgotten=self.items_forgotten)
        conversation.calls.adopt(self.calls)
        conversation.turns.adopt(self.requests, owed=self.owed)
        conversation.hearing.adopt(
            broken_speech=self.broken_speech, broken_end=self.broken_end, settled=self.settled
        )
        conversation.outbox.adopt(self.audio)
        conversation.usage = self.usage


def _parsed(document: JsonObject | str | bytes) -> JsonObject:
    if isinstance(document, str | bytes):
        try:
            document = orjson.loads(document)
        except orjson.JSONDecodeError as error:
            raise ConfigError(
                "restore", f"it is no JSON ({error}); give line.snapshot()"
            ) from error
    try:
        parsed = wire.canonical(document)  # type: ignore[arg-type]
    except (TypeError, RecursionError) as error:
        raise ConfigError("restore", f"JSON cannot say it ({error})") from error
    if not isinstance(parsed, dict):
        raise ConfigError("restore", "it must be an object, as line.snapshot() gives it")
    return parsed


def _check_version(root: Document) -> None:
    if root.value.get("format") != _FORMAT:
        root.refuse("format", f"it is no {_FORMAT}")
    version = root.count("version")
    if version != VERSION:
        root.refuse("version", f"this release reads version {VERSION}, not {version}")


def _read_session(root: Document) -> JsonObject:
    root.part("session").text("type")
    return root.plain("session")


def _read_items(root: Document, end: int) -> list[tuple[Entry, str | None]]:
    items = []
    known: set[str] = set()
    for one in root.parts("items"):
        item_id = one.text("id")
        former = one.text("former_id") if one.has("former_id") else None
        for name in (item_id, former):
            if name is None:
                continue
            if name in known or not 0 < len(name) <= _ID_LIMIT:
                one.refuse("id", "it must be an id that no other item has")
            known.add(name)
        items.append((_read_entry(one, item_id, end), former))
    return items


def _read_entry(one: Document, item_id: str, end: int) -> Entry:
    kinds = {kind.value: kind for kind in EntryKind}
    kind = kinds.get(one.text("kind"))
    if kind is None:
        one.refuse("kind", f"it must be one of {', '.join(kinds)}")
    received = one.count("received_samples")
    return Entry(
        id=item_id,
        kind=kind,
        body=one.plain("body"),
        text=one.text("text"),
        transcribed=one.flag("transcribed"),
        span=one.span("span", most=end) if one.has("span") else None,
        complete=one.flag("complete"),
        received_samples=received,
        heard_samples=one.count("heard_samples", most=received)
        if one.has("heard_samples")
        else None,
        cut=one.flag("cut"),
    )


def _read_audio(part: Document) -> SavedAudio:
    end = part.count("accepted")
    saved = SavedAudio(
        accepted=end,
        consumed=part.count("consumed", most=end),
        gap=part.count("gap", most=end),
        read=part.count("read", most=end),
        reached=part.count("reached", most=end),
        settled=part.spans("settled", most=end),
        items=part.spans("in_items", most=end),
        kept_from=part.count("kept_from", most=end),
        pcm=part.pcm("pcm"),
        commits=[_read_commit(one, end) for one in part.parts("commits")],
    )
    if len(saved.pcm) != 2 * (end - saved.kept_from):
        part.refuse("pcm", "it must hold the samples from kept_from to the end")
    if sum(high - low for low, high in saved.settled) != saved.consumed + saved.gap:
        part.refuse("settled", "the books do not balance")
    return saved


def _read_commit(one: Document, end: int) -> Mark:
    return Mark(
        position=one.count("position", most=end),
        type=one.part("request").text("type"),
        event_id=one.text("event_id"),
        message=wire.encode(one.plain("request")),
        lasting=True,
        foreign=False,
    )


def _read_usage(part: Document) -> Usage:
    return Usage(**{name: part.count(name) for name in Usage().as_dict()})
