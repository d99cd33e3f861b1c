from __future__ import annotations

import pytest

from trunkline.simulator.conversation import Conversation
from trunkline.simulator.emitter import Emitter
from trunkline.simulator.identity import Chance, Identity
from trunkline.simulator.mcp import McpTool, list_tools, mcp_tools

DESK = {
    "type": "mcp",
    "server_label": "desk",
    "server_url": "https://desk.example.com",
    "allowed_tools": ["fare", "seats"],
}


def server(**fields):
    return DESK | fields


def listed(*batches):
    chance = Chance(1)
    identity = Identity(chance)
    emitter, conversation = Emitter(identity, chance), Conversation("conv_1")
    for tools in batches:
        list_tools(tools, conversation=conversation, emitter=emitter, identity=identity)
    events = []
    while (event := emitter.pop()) is not None:
        events.append(event)
    return events, conversation


def test_the_allowed_tools_are_those_there_are():
    assert mcp_tools([DESK, {"type": "function", "name": "f"}]) == [
        McpTool(server_label="desk", name="fare", needs_approval=True),
        McpTool(server_label="desk", name="seats", needs_approval=True),
    ]
    assert [tool.name for tool in mcp_tools([server(allowed_tools={"tool_names": ["fare"]})])] == [
        "fare"
    ]
    assert mcp_tools([server(allowed_tools=None)]) == []


@pytest.mark.parametrize(
    ("required", "asked"),
    [
        (None, [True, True]),
        ("always", [True, True]),
        ("never", [False, False]),
        ({"never": {"tool_names": ["fare"]}}, [False, True]),
        ({"always": {"tool_names": ["fare"]}}, [True, True]),
    ],
)
def test_the_client_is_asked_where_it_said_so_or_nothing(required, asked):
    tools = mcp_tools([server(require_approval=required)])
    assert [tool.needs_approval for tool in tools] == asked


def test_a_server_is_listed_once_with_its_tools():
    events, conversation = listed([DESK], [DESK, server(server_label="other")])
    kinds = ["conversation.item.added", "mcp_list_tools.in_progress", "mcp_list_tools.completed"]
    assert [event["type"] for event in events] == [*kinds, "conversation.item.done"] * 2
    assert events[0]["item"]["tools"] == []
    assert [tool["name"] for tool in events[3]["item"]["tools"]] == ["fare", "seats"]
    assert events[4]["previous_item_id"] == events[0]["item"]["id"]
    assert len(conversation) == 2


@pytest.mark.parametrize("url", ["https://desk.invalid/mcp", "http://[::1/"])
def test_a_server_that_cannot_be_there_fails_and_has_no_tools(url):
    down = server(server_url=url)
    events, _ = listed([down])
    assert events[2]["type"] == "mcp_list_tools.failed"
    assert events[3]["item"]["tools"] == []
    assert mcp_tools([down]) == []
