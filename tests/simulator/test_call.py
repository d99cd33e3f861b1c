from __future__ import annotations

import pytest

from trunkline.simulator.call import CallOutput, McpCallOutput
from trunkline.simulator.emitter import Emitter
from trunkline.simulator.formats import WireFormat
from trunkline.simulator.identity import Chance, Identity
from trunkline.simulator.output import Outlet
from trunkline.simulator.reply import Call, McpCall
from trunkline.simulator.timing import Timing

ARGUMENTS = '{"to":"Lyon"}'
CALL = Call(name="fare", arguments=ARGUMENTS)
MCP = McpCall(server_label="s", name="fare", arguments=ARGUMENTS, output="12")


def placed(output):
    chance = Chance(1)
    emitter = Emitter(Identity(chance), chance)
    pcm = WireFormat(name="audio/pcm")
    outlet = Outlet(response_id="resp_1", emitter=emitter, conversation=None, audio_format=pcm)
    output.place(outlet, 1)
    return output, emitter


def events(emitter):
    found = []
    while (event := emitter.pop()) is not None:
        found.append(event)
    return found


def function(limit=None):
    return placed(CallOutput(CALL, item_id="item_1", call_id="call_1", limit=limit))


def tool(limit=None):
    return placed(McpCallOutput(MCP, item_id="item_1", limit=limit))


@pytest.mark.parametrize("make", [function, tool])
def test_arguments_come_in_padded_pieces_that_make_the_whole(make):
    output, emitter = make()
    for step in output.schedule(0.0, Timing())[0]:
        step.take()
    deltas = events(emitter)
    assert "".join(event["delta"] for event in deltas) == ARGUMENTS
    assert {(len(event["delta"]) + len(event["obfuscation"])) % 16 for event in deltas} == {0}
    assert {(event["item_id"], event["output_index"]) for event in deltas} == {("item_1", 1)}


@pytest.mark.parametrize("make", [function, tool])
def test_a_limit_leaves_arguments_unfinished_and_says_so(make):
    output, emitter = make(limit=2)
    output.open()
    for step in output.schedule(0.0, Timing())[0]:
        step.take()
    assert output.is_cut
    assert output.text_tokens() == 2
    events(emitter)
    output.close(is_complete=False)
    assert [event["type"] for event in events(emitter)] == ["response.output_item.done"]
    assert output.item.body["arguments"] == ARGUMENTS[:6]


def test_no_arguments_at_all_are_possible():
    output, emitter = placed(
        CallOutput(Call(name="f", arguments=""), item_id="i", call_id="c", limit=1)
    )
    assert output.schedule(3.0, Timing()) == ([], 3.0)
    output.close(is_complete=True)
    assert events(emitter)[0]["arguments"] == ""
