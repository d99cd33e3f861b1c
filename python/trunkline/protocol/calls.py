"""Tool calls: each is given to the application once, whatever the server repeats.

A tool has effects, so a call must not be carried out twice. The server tells one call by several events, and tells a
call that was restored again, under another item id; only its `call_id` stays. So each kind of event passes once for
each `call_id` in a session, and none in a later one; the application gets a `ToolCall` for the first that holds the
whole call.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.protocol import events

if TYPE_CHECKING:
    from collections.abc import Iterable

    from trunkline.protocol.events import Event, JsonObject

__all__ = ["Calls"]

_LIMIT = 4096
"""Calls: a day of one every 20 s. What is repeated comes within its session, so older ones need not be known."""
_GIVEN = "given"


class Calls:
    """The calls of one line."""

    def __init__(self) -> None:
        self._seen: dict[str, set[str]] = {}
        """Call id to the kinds of event it was told by; the empty one stands for all."""

    def adopt(self, given: Iterable[str]) -> None:
        """Takes over the calls that another process was given."""
        self._seen = {call_id: {_GIVEN, ""} for call_id in given}

    def given(self) -> list[str]:
        """The calls the application was given, oldest first."""
        return [call_id for call_id, kinds in self._seen.items() if _GIVEN in kinds]

    def is_repeated(self, event: Event) -> bool:
        """Whether the event tells only calls that this kind of event has told before."""
        kind, items = _calls_in(event)
        if not items:
            return False
        return not [item for item in items if self._is_new(str(item.get("call_id")), kind)]

    def _is_new(self, call_id: str, kind: str) -> bool:
        kinds = self._seen.setdefault(call_id, set())
        if len(self._seen) > _LIMIT:
            del self._seen[next(iter(self._seen))]
        if kind in kinds or "" in kinds:
            return False
        kinds.add(kind)
        return True

    def give(self, event: Event) -> list[events.ToolCall]:
        """The calls that are whole with this event and were not given before."""
        kind, items = _calls_in(event)
        if kind == "response.function_call_arguments.done":
            # The arguments of a response that was cancelled are "done" as well, and may be half of them.
            return []
        return [_tool_call(item) for item in items if _is_whole(item) and self._give(item)]

    def _give(self, item: JsonObject) -> bool:
        return self._is_new(item["call_id"], _GIVEN)

    def dropped(self) -> None:
        """The session is gone: whatever the next one tells of a call that was given is a repetition."""
        for kinds in self._seen.values():
            if _GIVEN in kinds:
                kinds.add("")


def _is_whole(item: JsonObject) -> bool:
    texts = [item.get(key) for key in ("call_id", "name", "arguments")]
    return all(isinstance(text, str) for text in texts) and (
        item.get("status", "completed") == "completed"
    )


def _tool_call(item: JsonObject) -> events.ToolCall:
    return events.ToolCall(
        call_id=item["call_id"],
        name=item["name"],
        arguments=item["arguments"],
        item_id=str(item.get("id", "")),
    )


def _calls_in(event: Event) -> tuple[str, list[JsonObject]]:
    """The kind of an event, and the function calls it tells."""
    if isinstance(event, events.ItemDone):
        return "conversation.item.done", _only_calls([event.item])
    if isinstance(event, events.ResponseDone):
        return "response.done", _only_calls(event.response.get("output"))
    if isinstance(event, events.Raw) and event.type == "response.output_item.done":
        return event.type, _only_calls([event.data.get("item")])
    if isinstance(event, events.Raw) and event.type == "response.function_call_arguments.done":
        return event.type, [event.data] if isinstance(event.data.get("call_id"), str) else []
    return "", []


def _only_calls(items: object) -> list[JsonObject]:
    if not isinstance(items, list):
        return []
    return [
        item
        for item in items
        if isinstance(item, dict)
        and item.get("type") == "function_call"
        and isinstance(item.get("call_id"), str)
    ]
