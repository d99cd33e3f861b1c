from __future__ import annotations

import pytest

from trunkline.simulator.engine import _HANDLERS
from trunkline.simulator.refusals import Refusal
from trunkline.simulator.requests import REQUESTS


def test_every_request_has_a_handler_and_every_handler_a_request():
    assert list(REQUESTS) == list(_HANDLERS)


@pytest.mark.parametrize("kind", REQUESTS)
def test_every_request_takes_an_event_id_and_refuses_what_it_does_not_know(kind):
    with pytest.raises(Refusal) as refused:
        REQUESTS[kind]({"type": kind, "event_id": "evt_1", "surprise": 1}, "")
    assert (refused.value.code, refused.value.param) == ("unknown_parameter", "surprise")


@pytest.mark.parametrize(
    ("kind", "fields", "param"),
    [
        ("session.update", {}, "session"),
        ("input_audio_buffer.append", {}, "audio"),
        ("conversation.item.create", {}, "item"),
        ("conversation.item.delete", {}, "item_id"),
        ("conversation.item.retrieve", {}, "item_id"),
        ("conversation.item.truncate", {"item_id": "i", "content_index": 0}, "audio_end_ms"),
    ],
)
def test_what_is_missing_is_named(kind, fields, param):
    with pytest.raises(Refusal) as refused:
        REQUESTS[kind]({"type": kind, **fields}, "")
    assert (refused.value.code, refused.value.param) == ("missing_required_parameter", param)


@pytest.mark.parametrize(
    ("response", "code", "param"),
    [
        ({"conversation": "other"}, "invalid_value", "response.conversation"),
        ({"input": [{"type": "item_reference"}]}, "missing_required_parameter", "response.input[0].id"),
        ({"input": [{"type": "message"}]}, "missing_required_parameter", "response.input[0].role"),
        ({"metadata": {"k" * 65: "v"}}, "string_above_max_length", "response.metadata"),
        ({"metadata": {"k": "v" * 513}}, "string_above_max_length", "response.metadata.k"),
        ({"tool_choice": "perhaps"}, "invalid_value", "response.tool_choice"),
        ({"prompt": {}}, "missing_required_parameter", "response.prompt.id"),
        ({"temperature": 1}, "unknown_parameter", "response.temperature"),
        ({"audio": {"input": {}}}, "unknown_parameter", "response.audio.input"),
    ],
)  # fmt: skip
def test_the_parameters_of_a_response_are_checked(response, code, param):
    with pytest.raises(Refusal) as refused:
        REQUESTS["response.create"]({"type": "response.create", "response": response}, "")
    assert (refused.value.code, refused.value.param) == (code, param)


def test_a_complete_response_request_passes():
    response = {
        "conversation": "none",
        "input": [{"type": "item_reference", "id": "item_1"}],
        "instructions": "be brief",
        "metadata": {"k": "v"},
        "output_modalities": ["text"],
        "max_output_tokens": 20,
        "audio": {"output": {"voice": "cedar", "format": {"type": "audio/pcm", "rate": 24000}}},
        "tools": [],
        "tool_choice": "none",
    }
    REQUESTS["response.create"]({"type": "response.create", "response": response}, "")
    REQUESTS["response.create"]({"type": "response.create", "response": None}, "")
