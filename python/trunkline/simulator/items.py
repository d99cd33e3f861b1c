"""Conversation items: what a client may create, and how an item looks from outside.

Events show an item without its audio; only `conversation.item.retrieved` carries it.
"""

from __future__ import annotations

import binascii
from dataclasses import dataclass, field
from typing import Any

from trunkline.simulator import schema
from trunkline.simulator.buffer import BYTES_PER_SAMPLE
from trunkline.simulator.copying import copied
from trunkline.simulator.formats import WireFormat
from trunkline.simulator.refusals import Refusal, invalid_value, missing_parameter

__all__ = [
    "ID_LIMIT",
    "Item",
    "check_client_item",
    "item_from_client",
    "no_such_call",
]

ID_LIMIT = 32
_PCM = WireFormat(name="audio/pcm")

_MESSAGE = schema.record(
    {
        "type": schema.text(),
        "id": schema.nullable(schema.text(limit=ID_LIMIT)),
        "object": schema.choice("realtime.item"),
        "status": schema.choice("completed", "incomplete", "in_progress"),
        "role": schema.choice("system", "user", "assistant"),
        "phase": schema.nullable(schema.choice("commentary", "final_answer")),
        "content": schema.list_of(schema.anything, least=1),
    },
    required=("role", "content"),
)
_COMMON: dict[str, schema.Check] = {
    "type": schema.text(),
    "id": schema.nullable(schema.text(limit=ID_LIMIT)),
    "object": schema.choice("realtime.item"),
    "status": schema.choice("completed", "incomplete", "in_progress"),
    "call_id": schema.text(limit=ID_LIMIT),
}
_CALL = schema.record(
    _COMMON | {"name": schema.text(limit=64), "arguments": schema.text()},
    required=("name", "arguments"),
)
_CALL_OUTPUT = schema.record(_COMMON | {"output": schema.text()}, required=("call_id", "output"))
_MCP_TOOL = schema.record(
    {
        "name": schema.text(),
        "input_schema": schema.anything,
        "description": schema.nullable(schema.text()),
        "annotations": schema.anything,
    },
    required=("name", "input_schema"),
)
_MCP_FAILURE = {"type": schema.text(), "message": schema.text()}
_MCP_HTTP_FAILURE = schema.record(
    _MCP_FAILURE | {"code": schema.integer(-(2**31))}, required=("code", "message")
)
_MCP_ERROR = schema.tagged(
    {
        "protocol_error": _MCP_HTTP_FAILURE,
        "http_error": _MCP_HTTP_FAILURE,
        "tool_execution_error": schema.record(_MCP_FAILURE, required=("message",)),
    }
)
_MCP_COMMON = {key: _COMMON[key] for key in ("type", "id", "object", "status")} | {
    "server_label": schema.text(),
    "name": schema.text(),
    "arguments": schema.text(),
}
_SHAPE = schema.tagged(
    {
        "message": _MESSAGE,
        "function_call": _CALL,
        "function_call_output": _CALL_OUTPUT,
        "mcp_approval_response": schema.record(
            {key: _COMMON[key] for key in ("type", "id", "object", "status")}
            | {
                "approval_request_id": schema.text(),
                "approve": schema.flag,
                "reason": schema.nullable(schema.text()),
            },
            required=("approval_request_id", "approve"),
        ),
        "mcp_list_tools": schema.record(
            {key: _MCP_COMMON[key] for key in ("type", "id", "object", "status", "server_label")}
            | {"tools": schema.list_of(_MCP_TOOL)},
            required=("server_label", "tools"),
        ),
        "mcp_call": schema.record(
            _MCP_COMMON
            | {
                "output": schema.nullable(schema.text()),
                "error": schema.nullable(_MCP_ERROR),
                "approval_request_id": schema.nullable(schema.text()),
            },
            required=("server_label", "name", "arguments"),
        ),
        "mcp_approval_request": schema.record(
            _MCP_COMMON, required=("server_label", "name", "arguments")
        ),
    }
)
_SHOWN = {
    "function_call": ("name", "call_id", "arguments"),
    "function_call_output": ("call_id", "output"),
    "mcp_approval_response": ("approval_request_id", "approve", "reason"),
    "mcp_list_tools": ("server_label", "tools"),
    "mcp_call": ("server_label", "name", "arguments", "output", "error", "approval_request_id"),
    "mcp_approval_request": ("server_label", "name", "arguments"),
}
"""What events show of an item that is no message, beside its id and type."""


def _image(value: Any, path: str) -> None:
    """A data URI of a PNG or JPEG; the picture itself is not looked at."""
    schema.text()(value, path)
    head, comma, data = value.partition(",")
    if not comma or head not in {f"data:image/{kind};base64" for kind in ("png", "jpeg", "jpg")}:
        message = f"Invalid '{path}'. Expected a base64-encoded data URI of a PNG or JPEG image."
        raise Refusal(message, code="invalid_value", param=path)
    try:
        binascii.a2b_base64(data, strict_mode=True)
    except (binascii.Error, ValueError) as error:
        message = f"Invalid '{path}'. Expected valid base64, but got: {str(error).lower()}."
        raise Refusal(message, code="invalid_value", param=path) from error


_INPUT_TEXT = schema.record({"type": schema.text(), "text": schema.text()}, required=("text",))
_CONTENT: dict[str, schema.Check] = {
    "system": schema.tagged({"input_text": _INPUT_TEXT}),
    "user": schema.tagged(
        {
            "input_text": _INPUT_TEXT,
            "input_audio": schema.record(
                {
                    "type": schema.text(),
                    "audio": schema.text(),
                    "transcript": schema.nullable(schema.text()),
                },
                required=("audio",),
            ),
            "input_image": schema.record(
                {
                    "type": schema.text(),
                    "image_url": _image,
                    "detail": schema.nullable(schema.choice("auto", "low", "high")),
                },
                required=("image_url",),
            ),
        }
    ),
    "assistant": schema.tagged({"output_text": _INPUT_TEXT}),
}


@dataclass(slots=True, kw_only=True)
class Item:
    """One item of a conversation; `body` is what events show of it."""

    body: dict[str, Any]
    pcm: dict[int, bytes | bytearray] = field(default_factory=dict)
    """Audio by content index."""
    heard: str = ""
    """What the voice makes of a user's audio; not shown unless transcription is on."""
    samples: tuple[int, int] | None = None
    """Where in the session's input it was committed from."""
    is_truncated: bool = False
    """Whether its audio was cut; a response still running adds nothing to it then."""

    @property
    def id(self) -> str:
        """Its id, unique in the session."""
        return str(self.body["id"])

    @property
    def role(self) -> str | None:
        """`user`, `assistant`, `system`, or None for what is not a message."""
        role: str | None = self.body.get("role")
        return role

    def view(self) -> dict[str, Any]:
        """The item as events show it."""
        return copied(self.body)

    def retrieved(self, audio_format: WireFormat = _PCM) -> dict[str, Any]:
        """The item with its audio, as base64 of that format."""
        view = self.view()
        for index, pcm in self.pcm.items():
            view["content"][index]["audio"] = audio_format.encode(bytes(pcm))
        return view

    def text(self) -> str:
        """All that can be read: texts, transcripts, what was heard, a call's output."""
        if self.body["type"] != "message":
            return str(self.body.get("output") or self.body.get("arguments") or "")
        parts = (
            part.get("text")
            or part.get("transcript")
            or (self.heard if "transcript" in part else "")
            for part in self.body["content"]
        )
        return " ".join(part for part in parts if part)

    def audio_samples(self) -> int:
        """Samples of audio in all its parts."""
        return sum(len(pcm) for pcm in self.pcm.values()) // BYTES_PER_SAMPLE


def check_client_item(value: Any, path: str) -> None:
    """Raise the API's refusal if a client may not create this item."""
    _SHAPE(value, path)
    if value["type"] != "message":
        return
    for index, part in enumerate(value["content"]):
        where = f"{path}.content[{index}]"
        if value["role"] == "assistant":
            _refuse_assistant_audio(part, where)
        _CONTENT[value["role"]](part, where)


def item_from_client(
    value: dict[str, Any], *, item_id: str, call_id: str, audio_format: WireFormat = _PCM
) -> Item:
    """A checked client item as it enters the conversation: complete, whatever status it claimed."""
    if value["type"] == "message":
        return _message(value, item_id, audio_format)
    kind = value["type"]
    body = {"id": item_id, "type": kind}
    if kind.startswith("function_call"):
        # The SDK's types of the MCP items have none.
        body["status"] = "completed"
    # Where a field may be absent, clients drop an event that has it as null.
    body |= {key: value[key] for key in _SHOWN[kind] if value.get(key) is not None}
    if kind == "function_call":
        body.setdefault("call_id", call_id)
    return Item(body=body)


def _message(value: dict[str, Any], item_id: str, audio_format: WireFormat) -> Item:
    content: list[dict[str, Any]] = []
    pcm: dict[int, bytes | bytearray] = {}
    for index, part in enumerate(value["content"]):
        if part["type"] == "input_audio":
            pcm[index] = audio_format.decode(part["audio"], f"item.content[{index}].audio")
            # A transcript beside client audio is not kept: the model would not be given it.
            content.append({"type": "input_audio", "transcript": None})
        else:
            content.append({key: value for key, value in part.items() if value is not None})
    body = {
        "id": item_id,
        "type": "message",
        "status": "completed",
        "role": value["role"],
        "content": content,
    }
    return Item(body=body, pcm=pcm)


def _refuse_assistant_audio(part: Any, path: str) -> None:
    """Refuse spoken content.

    Recorded: output_audio is taken for output_text that lacks its text (openai-agents-js#963).
    """
    kind = part.get("type") if isinstance(part, dict) else None
    if kind == "output_audio":
        raise missing_parameter(f"{path}.text")
    if kind in {"text", "audio"}:
        raise invalid_value(f"{path}.type", kind, ("output_text",))


def no_such_call(call_id: str) -> Refusal:
    """An output for a call that is not in the conversation (livekit/agents#3344)."""
    message = f"Tool call ID '{call_id}' not found in conversation."
    return Refusal(message, code="invalid_tool_call_id")
