from __future__ import annotations

from trunkline.simulator.reply import Call, McpCall, Reply, parts_of

REPLY = Reply(text="yes", pcm=bytes(2))
CALL = Call(name="f", arguments="{}")
MCP = McpCall(server_label="s", name="f", arguments="{}", output="1")


def test_one_part_is_an_answer_too():
    assert [parts_of(part) for part in (REPLY, CALL, MCP)] == [(REPLY,), (CALL,), (MCP,)]


def test_several_parts_keep_their_order():
    assert parts_of([REPLY, CALL, MCP]) == (REPLY, CALL, MCP)
