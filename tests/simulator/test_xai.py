from __future__ import annotations

import uuid

import pytest

from trunkline.simulator.identity import Chance, Identity
from trunkline.simulator.items import Item
from trunkline.simulator.refusals import Refusal
from trunkline.simulator.xai import RESUME_SECONDS, Resumptions, XaiDialect

ITEM = Identity(Chance(9)).fresh("item_")
TRANSCRIPTION = "conversation.item.input_audio_transcription"


def dialect(**settings) -> XaiDialect:
    return XaiDialect(Identity(Chance(1)), conversation_id=None, **settings)


def said(one: XaiDialect, event: dict) -> list[dict]:
    return list(one.outgoing(event))


def test_ids_are_uuids_and_mean_the_same_on_the_way_back():
    one = dialect()
    (deleted,) = said(one, {"type": "conversation.item.deleted", "item_id": ITEM})
    uuid.UUID(deleted["item_id"])
    back = one.incoming({"type": "conversation.item.retrieve", "item_id": deleted["item_id"]})
    assert back["item_id"] == ITEM


def test_a_transcript_is_told_cumulatively():
    one = dialect()
    delta = {"type": f"{TRANSCRIPTION}.delta", "item_id": ITEM, "obfuscation": "x"}
    assert said(one, delta | {"delta": "Good "})[0]["transcript"] == "Good "
    (second,) = said(one, delta | {"delta": "day"})
    assert (second["type"], second["transcript"]) == (f"{TRANSCRIPTION}.updated", "Good day")
    assert "delta" not in second
    (done,) = said(one, {"type": f"{TRANSCRIPTION}.completed", "item_id": ITEM})
    assert done["status"] == "completed"


def test_details_of_an_end_are_one_word():
    details = {"type": "cancelled", "reason": "turn_detected"}
    response = {"status_details": details, "usage": {"total_tokens": 3}}
    (done,) = said(dialect(), {"type": "response.done", "response": response})
    assert done["response"] == {"status_details": "turn_detected"}
    assert done["usage"] == {"total_tokens": 3}


def test_what_it_does_not_honour_is_left_out_or_refused():
    one = dialect()
    update = {"type": "session.update", "session": {"output_modalities": ["text"], "x": 1}}
    assert one.incoming(update)["session"] == {"x": 1}
    with pytest.raises(Refusal):
        one.incoming({"type": "conversation.item.truncate"})
    assert said(one, {"type": "conversation.item.done"}) == []
    assert said(one, one.ping(12.5))[0]["timestamp"] == 12500


def test_a_conversation_is_kept_for_half_an_hour():
    kept, item = Resumptions(), Item(body={"id": ITEM, "type": "message"})
    kept.keep("c", [item], 100.0)
    assert kept.find("c", 100.0 + RESUME_SECONDS - 1) == (item,)
    assert kept.find("c", 100.0 + RESUME_SECONDS) == ()
    assert kept.find("other", 100.0) == ()
