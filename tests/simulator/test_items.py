from __future__ import annotations

import base64

import pytest

from trunkline.simulator.items import check_client_item, item_from_client
from trunkline.simulator.refusals import Refusal


def message(role="user", **part):
    return {"type": "message", "role": role, "content": [part]}


IMAGE = "data:image/png;base64,AAAA"
MCP_CALL = {"type": "mcp_call", "server_label": "s", "name": "f", "arguments": "{}"}
MCP_LIST = {"type": "mcp_list_tools", "server_label": "s"}
MCP_APPROVAL = {"type": "mcp_approval_response", "approval_request_id": "a"}


def image(url, role="user"):
    return message(role, type="input_image", image_url=url)


LONG_ID = {"id": "i" * 33}


def made(value, item_id="item_1"):
    check_client_item(value, "item")
    return item_from_client(value, item_id=item_id, call_id="call_new")


@pytest.mark.parametrize(
    ("value", "code", "param"),
    [
        (message("assistant", type="output_audio"), "missing_required_parameter", "item.content[0].text"),
        (message("assistant", type="text", text="x"), "invalid_value", "item.content[0].type"),
        (message("user", type="output_text", text="x"), "invalid_value", "item.content[0].type"),
        (image("x"), "invalid_value", "item.content[0].image_url"),
        (image("data:image/gif;base64,AA=="), "invalid_value", "item.content[0].image_url"),
        (image("data:image/png;base64,!"), "invalid_value", "item.content[0].image_url"),
        (message("user", type="input_image"), "missing_required_parameter", "item.content[0].image_url"),
        (image(IMAGE, "assistant"), "invalid_value", "item.content[0].type"),
        (message("system", type="input_audio", audio=""), "invalid_value", "item.content[0].type"),
        (message("user", type="input_text"), "missing_required_parameter", "item.content[0].text"),
        (message("nobody", type="input_text", text=""), "invalid_value", "item.role"),
        (message(type="input_text", text="") | {"id": "i" * 33}, "string_above_max_length", "item.id"),
        ({"type": "message", "role": "user", "content": []}, "invalid_value", "item.content"),
        ({"type": "mcp_call"}, "missing_required_parameter", "item.server_label"),
        (MCP_CALL | {"error": {"type": "http_error", "message": "x"}}, "missing_required_parameter", "item.error.code"),
        (MCP_CALL | {"error": {"type": "sulking"}}, "invalid_value", "item.error.type"),
        (MCP_LIST | {"tools": [{}]}, "missing_required_parameter", "item.tools[0].name"),
        (MCP_APPROVAL | {"approve": 1}, "invalid_type", "item.approve"),
        ({"type": "function_call", "name": "f"}, "missing_required_parameter", "item.arguments"),
        ({"type": "function_call_output"}, "missing_required_parameter", "item.call_id"),
        ({"role": "user"}, "missing_required_parameter", "item.type"),
        ("hello", "invalid_type", "item"),
    ],
)  # fmt: skip
def test_what_a_client_may_not_create_is_refused_with_its_place(value, code, param):
    with pytest.raises(Refusal) as refused:
        check_client_item(value, "item")
    assert (refused.value.code, refused.value.param) == (code, param)


def test_a_created_item_is_complete_whatever_it_claimed():
    item = made(message(type="input_text", text="hi") | {"status": "in_progress"})
    assert item.view() == {
        "id": "item_1",
        "type": "message",
        "status": "completed",
        "role": "user",
        "content": [{"type": "input_text", "text": "hi"}],
    }


def test_audio_is_shown_only_to_those_who_retrieve_the_item():
    encoded = base64.b64encode(b"\x01\x02\x03\x04").decode()
    item = made(message(type="input_audio", audio=encoded, transcript="ignored"))
    assert item.view()["content"] == [{"type": "input_audio", "transcript": None}]
    assert item.retrieved()["content"][0]["audio"] == encoded
    assert item.audio_samples() == 2


def test_calls_and_their_outputs_keep_their_fields():
    call = made({"type": "function_call", "name": "f", "arguments": "{}"})
    assert call.view()["call_id"] == "call_new"
    output = made({"type": "function_call_output", "call_id": "call_1", "output": "12"})
    assert (output.role, output.text(), output.view()["call_id"]) == (None, "12", "call_1")


def test_a_view_is_a_copy():
    item = made(message(type="input_text", text="hi"))
    item.view()["content"][0]["text"] = "changed"
    assert item.text() == "hi"


@pytest.mark.parametrize(
    "value",
    [
        MCP_CALL | {"output": "12"},
        MCP_CALL | {"error": {"type": "tool_execution_error", "message": "broken"}},
        MCP_CALL | {"error": {"type": "http_error", "code": 500, "message": "broken"}},
        {"type": "mcp_approval_request", "server_label": "s", "name": "f", "arguments": "{}"},
        MCP_APPROVAL | {"approve": True, "reason": "why not"},
        {
            "type": "mcp_list_tools",
            "server_label": "s",
            "tools": [{"name": "f", "input_schema": {}}],
        },
    ],
)
def test_mcp_items_come_back_as_they_were_given_with_their_id(value):
    assert made(value).view() == value | {"id": "item_1"}


def test_what_was_given_as_null_is_left_out():
    item = made(MCP_CALL | {"output": None, "error": None, "approval_request_id": None})
    assert item.view() == MCP_CALL | {"id": "item_1"}


def test_an_image_is_kept_beside_the_words():
    item = made(message(type="input_image", image_url=IMAGE, detail="low"))
    assert item.view()["content"] == [{"type": "input_image", "image_url": IMAGE, "detail": "low"}]
    assert item.text() == ""
