from __future__ import annotations

from trunkline.simulator.reply import ApprovalRequest, Call, McpCall, Reply, parts_of

REPLY = Reply(text="yes", pcm=bytes(2))
CALL = Call(name="f", arguments="{}")
MCP = McpCall(server_label="s", name="f", arguments="{}", output="1")
ASKED = ApprovalRequest(server_label="s", name="f", arguments="{}")
PARTS = (REPLY, CALL, MCP, ASKED)


def test_one_part_is_an_answer_too():
    assert [parts_of(part) for part in PARTS] == [(part,) for part in PARTS]


def test_several_parts_keep_their_order():
    assert parts_of(list(PARTS)) == PARTS
