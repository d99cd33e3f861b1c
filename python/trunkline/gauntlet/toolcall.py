"""Lets the model call a function: one answer of the engine is turned into a call on its way out.

The engine speaks only; what a client sees here is the recorded ladder of a call: response.created,
the item with empty arguments, their deltas, the closing block, response.done. The engine gets the
same call into its conversation, so that the client's output finds it there. Its timing needs a
`response_delay`: an answer that has begun is no longer turned.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from trunkline.simulator.engine import Engine

__all__ = ["ToolCaller", "arguments_for", "first_function"]

_SAMPLES: dict[str, Any] = {
    "string": "Lyon",
    "integer": 1,
    "number": 1.0,
    "boolean": True,
    "array": [],
    "object": {},
}


def first_function(session: dict[str, Any]) -> dict[str, Any] | None:
    """The first function among a session's tools."""
    tools = session.get("tools") or []
    return next((tool for tool in tools if tool.get("type") == "function"), None)


def arguments_for(function: dict[str, Any]) -> str:
    """Arguments that fit the function's schema: every required property has a value of its type."""
    schema = function.get("parameters") or {}
    properties = schema.get("properties") or {}
    given = {}
    for name in schema.get("required") or ():
        wanted = properties.get(name) or {}
        kind = wanted.get("type", "string")
        given[name] = (wanted.get("enum") or [_SAMPLES.get(kind, "Lyon")])[0]
    return json.dumps(given)


class ToolCaller:
    """Watches an engine's events; in the wanted turn it makes a call of the answer."""

    def __init__(self, engine: Engine, turn: int | None) -> None:
        """`turn` counts committed user turns over the server's life; None = never."""
        self._engine = engine
        self._turn = turn
        self._response: dict[str, Any] | None = None
        self._item: dict[str, Any] | None = None

    def pass_on(self, event: dict[str, Any], now: float) -> list[dict[str, Any]]:
        """What the client is sent in place of an event."""
        if self._response is None:
            if not self._is_wanted(event):
                return [event]
            self._begin(event, now)
            return [event]
        return self._translate(event)

    def _is_wanted(self, event: dict[str, Any]) -> bool:
        return (
            event["type"] == "response.created"
            and self._turn is not None
            and self._engine.tally.turns == self._turn
            and first_function(self._engine.session) is not None
        )

    def _begin(self, event: dict[str, Any], now: float) -> None:
        function = first_function(self._engine.session)
        assert function is not None
        self._turn = None
        self._response = event["response"]
        self._engine.receive({"type": "response.cancel", "response_id": self._response["id"]}, now)
        self._engine.inject_call(function["name"], arguments_for(function), now)

    def _translate(self, event: dict[str, Any]) -> list[dict[str, Any]]:
        response = self._response
        assert response is not None
        kind = event["type"]
        if kind == "response.done" and event["response"]["id"] == response["id"]:
            return []  # the engine's own answer, which was cancelled before it said anything
        item = event.get("item") or {}
        if item.get("type") != "function_call":
            return [event]
        if kind == "conversation.item.added":
            return self._opening(event, response["id"])
        if kind == "conversation.item.done":
            return self._closing(event, response)
        return [event]

    def _opening(self, event: dict[str, Any], response_id: str) -> list[dict[str, Any]]:
        self._item = item = event["item"]
        empty = item | {"arguments": "", "status": "in_progress"}
        place = {"response_id": response_id, "item_id": item["id"], "output_index": 0}
        call = place | {"call_id": item["call_id"]}
        whole = {"arguments": item["arguments"], "name": item["name"]}
        return [
            _event("response.output_item.added", event, 1)
            | {"response_id": response_id, "output_index": 0, "item": empty},
            event | {"item": empty},
            _event("response.function_call_arguments.delta", event, 2)
            | call
            | {"delta": item["arguments"]},
            _event("response.function_call_arguments.done", event, 3) | call | whole,
        ]

    def _closing(self, event: dict[str, Any], response: dict[str, Any]) -> list[dict[str, Any]]:
        self._response = None
        item = event["item"]
        done = response | {"status": "completed", "output": [item], "usage": _USAGE}
        return [
            event,
            _event("response.output_item.done", event, 1)
            | {"response_id": response["id"], "output_index": 0, "item": item},
            _event("response.done", event, 2) | {"response": done},
        ]


def _event(kind: str, beside: dict[str, Any], number: int) -> dict[str, Any]:
    """A new event; its id follows from the event it accompanies, so that a seed decides it."""
    return {"type": kind, "event_id": f"{beside['event_id'][:-2]}{number:02d}"}


_USAGE: dict[str, Any] = {
    "total_tokens": 60,
    "input_tokens": 40,
    "output_tokens": 20,
    "input_token_details": {
        "text_tokens": 10,
        "audio_tokens": 30,
        "image_tokens": 0,
        "cached_tokens": 0,
        "cached_tokens_details": {"text_tokens": 0, "audio_tokens": 0, "image_tokens": 0},
    },
    "output_token_details": {"text_tokens": 20, "audio_tokens": 0},
}
"""Of a call; no score counts tokens."""
