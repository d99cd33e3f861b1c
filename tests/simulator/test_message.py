from __future__ import annotations

import base64

import pytest

from trunkline.simulator.emitter import Emitter
from trunkline.simulator.formats import WireFormat
from trunkline.simulator.identity import Chance, Identity
from trunkline.simulator.message import MessageOutput
from trunkline.simulator.output import Outlet
from trunkline.simulator.reply import Reply
from trunkline.simulator.timing import Timing

REPLY = Reply(text="one two three", pcm=bytes(range(250)) * 192, word_delay=0.5)
SECOND = 1000


def played(modality="audio", limit=None, **timing):
    chance = Chance(1)
    emitter = Emitter(Identity(chance), chance)
    message = MessageOutput(REPLY, item_id="item_1", modality=modality, limit=limit)
    pcm = WireFormat(name="audio/pcm")
    outlet = Outlet(response_id="resp_1", emitter=emitter, conversation=None, audio_format=pcm)
    message.place(outlet, 0)
    message.open()
    steps, over = message.schedule(10.0, Timing(**timing))
    times = {}
    while emitter.pop():
        pass
    for step in steps:
        step.take()
        event = emitter.pop()
        times.setdefault(event["type"].split(".")[1], []).append((round(step.at, 3), event))
    return message, times, over


def test_the_words_run_ahead_of_the_audio():
    _, times, over = played(pace=1.0, delta_ms=250)
    assert [at for at, _ in times["output_audio"]] == [10.0, 10.25, 10.5, 10.75]
    assert [at for at, _ in times["output_audio_transcript"]] == [10.0, 10.2, 10.4]
    assert over == 11.0


@pytest.mark.parametrize(("delta_ms", "lengths"), [(400, [400, 400, 200]), (5000, [1000])])
def test_deltas_have_the_size_they_were_given(delta_ms, lengths):
    _, times, _ = played(delta_ms=delta_ms)
    deltas = [base64.b64decode(event["delta"]) for _, event in times["output_audio"]]
    assert [len(delta) // 48 for delta in deltas] == lengths
    assert b"".join(deltas) == REPLY.pcm


@pytest.mark.parametrize(("pace", "took"), [(0.5, 2.0), (5.0, 0.2), (float("inf"), 0.0)])
def test_the_pace_may_be_below_real_time_or_without_end(pace, took):
    assert played(pace=pace)[2] == 10.0 + took


def test_words_alone_come_at_the_replys_own_delay():
    message, times, over = played(modality="text")
    assert [at for at, _ in times["output_text"]] == [10.0, 10.5, 11.0]
    assert over == 11.5
    assert message.item.body["content"] == [{"type": "output_text", "text": "one two three"}]


def test_a_limit_cuts_words_and_audio_and_pays_for_no_more():
    message, times, _ = played(limit=8)
    assert message.is_cut
    assert message.text_tokens() + message.audio_tokens() == 8
    assert "".join(event["delta"] for _, event in times["output_audio_transcript"]) == "one"


def test_every_delta_of_words_is_padded_and_has_its_place():
    _, times, _ = played()
    for _, event in times["output_audio_transcript"]:
        assert (len(event["delta"]) + len(event["obfuscation"])) % 16 == 0
        place = {
            key: event[key] for key in ("response_id", "item_id", "output_index", "content_index")
        }
        assert place == {
            "response_id": "resp_1",
            "item_id": "item_1",
            "output_index": 0,
            "content_index": 0,
        }
