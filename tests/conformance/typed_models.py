"""The official SDK's typed models as judges of what the simulator emits."""

from __future__ import annotations

from typing import Any, get_args

import pydantic
from openai.types.realtime import RealtimeServerEvent

EVENT_MODELS = {
    get_args(model.model_fields["type"].annotation)[0]: model
    for model in get_args(get_args(RealtimeServerEvent)[0])
}
# The live server sends the whole session; the SDK's type of these two events is that of the request.
WHOLE_SESSION = {"session.id", "session.object", "session.expires_at"}
# Recorded from the 2.x models; the SDK has no field for it.
PHASE = {"item.phase"}
UNTYPED = {
    "session.created": WHOLE_SESSION,
    "session.updated": WHOLE_SESSION,
    "conversation.item.added": PHASE,
    "conversation.item.done": PHASE,
    "conversation.item.retrieved": PHASE,
    "response.output_item.added": PHASE,
    "response.output_item.done": PHASE,
    "response.done": {"response.output.phase"},
}


def judge(event: dict[str, Any]) -> None:
    """Fail unless the SDK's model of this type describes the event completely."""
    model = EVENT_MODELS[event["type"]]
    seen = {key: value for key, value in event.items() if key != "obfuscation"}
    parsed = model.model_validate(seen)
    assert set(unknown_fields(parsed)) <= UNTYPED.get(event["type"], set()), event
    assert parsed.model_dump(mode="json", exclude_unset=True, by_alias=True) == seen


def unknown_fields(value: Any, path: str = ""):
    if isinstance(value, pydantic.BaseModel):
        for name in value.model_extra or {}:
            yield f"{path}{name}"
        for name in value.model_fields_set - set(value.model_extra or {}):
            yield from unknown_fields(getattr(value, name), f"{path}{name}.")
    elif isinstance(value, list):
        for element in value:
            yield from unknown_fields(element, path)
