"""The client's events: what each may carry."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trunkline.simulator import schema
from trunkline.simulator.items import check_client_item
from trunkline.simulator.parameters import (
    MAX_OUTPUT_TOKENS,
    METADATA,
    MODALITIES,
    OUTPUT_FORMAT,
    PROMPT,
    REASONING,
    TOOL_CHOICE,
    TOOLS,
    VOICE,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["REQUESTS"]


def _event(
    fields: Mapping[str, schema.Check] | None = None, *, required: tuple[str, ...] = ()
) -> schema.Check:
    common: dict[str, schema.Check] = {
        "type": schema.text(),
        "event_id": schema.nullable(schema.text(limit=512)),
    }
    return schema.record(common | dict(fields or {}), required=required)


def _input_item(value: Any, path: str) -> None:
    if isinstance(value, dict) and value.get("type") == "item_reference":
        schema.record({"type": schema.text(), "id": schema.text()}, required=("id",))(value, path)
    else:
        check_client_item(value, path)


_RESPONSE = schema.record(
    {
        "audio": schema.record(
            {"output": schema.record({"format": OUTPUT_FORMAT, "voice": VOICE})}
        ),
        "conversation": schema.choice("auto", "none"),
        "input": schema.nullable(schema.list_of(_input_item)),
        "instructions": schema.nullable(schema.text()),
        "max_output_tokens": schema.nullable(MAX_OUTPUT_TOKENS),
        "metadata": METADATA,
        "output_modalities": MODALITIES,
        "parallel_tool_calls": schema.flag,
        "prompt": schema.nullable(PROMPT),
        "reasoning": REASONING,
        "tool_choice": TOOL_CHOICE,
        "tools": TOOLS,
    }
)

REQUESTS: dict[str, schema.Check] = {
    # The session's own rules are checked where it is merged.
    "session.update": _event({"session": schema.anything}, required=("session",)),
    "input_audio_buffer.append": _event({"audio": schema.text()}, required=("audio",)),
    "input_audio_buffer.commit": _event(),
    "input_audio_buffer.clear": _event(),
    "conversation.item.create": _event(
        {"item": check_client_item, "previous_item_id": schema.nullable(schema.text())},
        required=("item",),
    ),
    "conversation.item.retrieve": _event({"item_id": schema.text()}, required=("item_id",)),
    "conversation.item.delete": _event({"item_id": schema.text()}, required=("item_id",)),
    "conversation.item.truncate": _event(
        {
            "item_id": schema.text(),
            "content_index": schema.integer(0),
            "audio_end_ms": schema.integer(0),
        },
        required=("item_id", "content_index", "audio_end_ms"),
    ),
    "response.create": _event({"response": schema.nullable(_RESPONSE)}),
    "response.cancel": _event({"response_id": schema.nullable(schema.text())}),
}
"""Every event a client may send, in the order the API lists them in its refusal of any other."""
