from __future__ import annotations

from trunkline.simulator.call import ApprovalOutput, CallOutput, McpCallOutput
from trunkline.simulator.identity import Chance, Identity
from trunkline.simulator.message import MessageOutput
from trunkline.simulator.outputs import outputs_of
from trunkline.simulator.reply import ApprovalRequest, Call, McpCall, Reply

REPLY = Reply(text="four" * 3, pcm=bytes(48 * 100))
CALL = Call(name="f", arguments="{}")
MCP = McpCall(server_label="s", name="f", arguments="{}", output="")
ASKED = ApprovalRequest(server_label="s", name="f", arguments="{}")


def outputs(*parts, limit=None, modality="audio"):
    identity = Identity(Chance(1))
    return outputs_of(parts, identity=identity, modality=modality, limit=limit)


def test_every_part_is_an_item_with_an_id_of_its_own():
    made, is_cut = outputs(REPLY, CALL, MCP, ASKED)
    kinds = [MessageOutput, CallOutput, McpCallOutput, ApprovalOutput]
    assert [type(one) for one in made] == kinds
    assert len({one.item.id for one in made}) == 4
    assert len(made[1].item.body["call_id"]) == len("call_") + 16
    assert not is_cut


def test_what_a_limit_leaves_nothing_for_is_not_begun():
    whole = 3 + 2
    assert [len(outputs(REPLY, CALL, limit=limit)[0]) for limit in (4, 5, 6)] == [1, 1, 2]
    assert [outputs(REPLY, CALL, limit=limit)[1] for limit in (4, 5, 6)] == [True, True, False]
    assert [outputs(REPLY, limit=limit)[1] for limit in (whole - 1, whole)] == [True, False]


def test_a_written_message_has_no_audio_to_pay_for():
    assert not outputs(REPLY, limit=3, modality="text")[1]
