from __future__ import annotations

import json

import pytest

from protocol.driving import RESET, appended, types
from protocol.test_rotation import live, texts, told
from trunkline.protocol import events
from trunkline.protocol import observations as seen
from trunkline.protocol.lifecycle import State
from trunkline.protocol.outage import Outage
from trunkline.protocol.snapshot import Snapshot

POLICIES = [Outage.replay(), Outage.latest(100), Outage.drop()]


def updates(sent: list[dict]) -> set[str]:
    return {each["event_id"] for each in sent if each["type"] == "session.update"}


def begin(line) -> None:
    line.hear("input_audio_buffer.speech_started", item_id="i", audio_start_ms=700)


@pytest.mark.parametrize("outage", POLICIES, ids=lambda each: each.kind)
def test_a_switch_in_mid_utterance_is_no_outage_whatever_the_policy(outage: Outage):
    line = told(live(outage=outage))
    begin(line)
    line.speak(500)
    second = line.rotate(within=0.0)
    second.come_up()
    assert line.epoch == 2
    assert appended(second.sent) == list(range(700, 1500))
    assert line.of(seen.Rotated)[0].lost_samples == 0
    assert line.of(events.LineGap) == []


@pytest.mark.parametrize(
    ("outage", "kept"),
    list(zip(POLICIES, [800, 100, 0], strict=True)),
    ids=["replay", "latest", "drop"],
)
def test_a_rotation_that_becomes_an_outage_is_held_to_the_policy(outage: Outage, kept: int):
    line = told(live(outage=outage))
    second = line.rotate()
    begin(line)
    second.come_up()
    line.speak(500)
    line.ended(RESET)
    assert (line.state, line.epoch) == (State.CONFIGURING, 2)
    second.answer()
    assert line.state is State.LIVE
    assert appended(second.sent) == list(range(1500 - kept, 1500))
    assert sum(gap.duration_ms for gap in line.of(events.LineGap)) == 800 - kept
    books = line.connection.books()
    assert books.accepted == books.consumed + books.retained + books.gap


def test_what_a_switch_gives_again_goes_out_at_the_pace_of_a_replay():
    line = told(live(chunk_limit_ms=100))
    line.patient = False
    begin(line)
    for _ in range(8):
        line.speak(100)
    second = line.rotate(within=0.0)
    second.come_up()
    assert line.epoch == 2
    assert appended(second.sent) == []
    # Eight times real time, also if the next rotation begins meanwhile.
    line.wait(0.1)
    assert 0 < len(appended(second.sent)) < 1100
    line.wait(1.0)
    assert appended(second.sent) == list(range(700, 1800))


@pytest.mark.parametrize("within", [None, 0.0], ids=["before the switch", "after it"])
def test_a_snapshot_in_the_middle_of_a_rotation_goes_on_elsewhere(within: float | None):
    line = told(live())
    line.ask("conversation.item.create", item={"id": "mine", "type": "message", "role": "user"})
    second = line.rotate(within=within)
    begin(line)
    line.speak(300)
    second.come_up()
    assert line.state is (State.ROTATING if within is None else State.LIVE)
    document = json.loads(json.dumps(line.connection.snapshot()))
    snapshot = Snapshot.read(document)
    other = type(line)(snapshot=snapshot, session=snapshot.session)
    other.captured = line.captured
    other.come_live()
    sent = other.sent_on[1]
    assert texts([each for each in sent if "content" in each.get("item", {})]) == ["hello", "hola"]
    assert appended(sent) == list(range(700, 1300))
    (fact,) = other.of(seen.Restored)
    assert (fact.items, fact.lost_samples, fact.verified) == (3, 0, True)
    # Whatever an item was called on the way, the name that the application knows still leads to it.
    other.ask("conversation.item.delete", item_id="item_1")
    assert types(other.sent)[-1] == "conversation.item.delete"
    ids = [each["item"]["id"] for each in sent if each["type"] == "conversation.item.create"]
    assert other.sent[-1]["item_id"] == ids[0]
    # No id that the rotation gave out is given out again.
    assert not updates(sent) & updates(second.sent)


def test_a_line_that_was_taken_over_can_rotate():
    line = told(live())
    snapshot = Snapshot.read(line.connection.snapshot())
    other = type(line)(snapshot=snapshot, session=snapshot.session)
    other.captured = line.captured
    other.come_live()
    second = other.rotate()
    assert texts(second.come_up()) == ["hello", "hola"]
    (fact,) = other.of(seen.Rotated)
    assert (fact.items, fact.lost_samples, fact.verified) == (2, 0, True)


def test_an_echo_that_was_held_back_for_the_switch_is_news_once():
    line = live()
    second = line.rotate()
    line.ask("conversation.item.create", item={"id": "mine", "type": "message", "role": "user"})
    second.come_up()
    line.wait(2.0)
    line.rotate().come_up()
    assert line.epoch == 3
    assert [event.item["id"] for event in line.of(events.ItemAdded)] == ["mine"]
