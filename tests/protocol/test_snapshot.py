from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.driving import BY_HAND, VAD, Line, appended, types
from trunkline.errors import ConfigError
from trunkline.protocol import events
from trunkline.protocol import observations as seen
from trunkline.protocol.snapshot import VERSION, Snapshot

SESSION = {"instructions": "be kind", "audio": {"input": {"turn_detection": VAD}}}


def busy() -> Line:
    """A line with something of everything."""
    line = Line(session=SESSION).come_live()
    line.speak(3000)
    line.turn("u1", 100, 800, "hello")
    line.reply("r1", "a1", "hi there", 300)
    call = {"id": "c1", "type": "function_call", "call_id": "x", "name": "f", "arguments": "{}"}
    line.hear("conversation.item.done", item=call | {"status": "completed"})
    output = {"id": "o1", "type": "function_call_output", "call_id": "x", "output": "4"}
    line.ask("conversation.item.create", item=output)
    line.turn("u2", 900, 1700)
    line.hear("response.done", response={"id": "r9", "usage": {"input_tokens": 7}})
    line.ended()
    line.come_live()
    line.ask("session.update", session={"instructions": "be brief"})
    line.hear("input_audio_buffer.speech_started", item_id="u3", audio_start_ms=500)
    return line


def taken_over(document: Any, **policy: Any) -> Line:
    snapshot = Snapshot.read(document)
    line = Line(snapshot=snapshot, **{"session": snapshot.session} | policy)
    line.captured = snapshot.audio.accepted
    return line


def test_another_process_goes_on_with_the_conversation():
    old = busy()
    old.close()
    line = taken_over(json.dumps(old.connection.snapshot()))
    line.come_live()
    texts = [
        item["content"][0].get("text", item["content"][0]["type"])
        if "content" in item
        else item["type"]
        for item in (each["item"] for each in line.sent if "item" in each)
    ]
    assert texts == ["hello", "hi there", "function_call", "function_call_output", "input_audio"]
    assert line.sent[0]["session"]["instructions"] == "be brief"
    assert appended(line.sent) == list(range(2200, 3000))
    assert line.connection.usage().input_tokens == 7
    (told,) = line.of(seen.TakenOver)
    assert told.accepted_samples == 3000
    assert line.of(seen.Restored)[0].lost_samples == 0
    books = line.connection.books()
    assert books == old.connection.books()
    line.speak(100)
    assert line.connection.books().accepted == 3100


def test_ids_go_on_so_that_no_two_items_share_one():
    line = taken_over(busy().connection.snapshot())
    line.come_live()
    ids = [each["item"]["id"] for each in line.sent if "item" in each]
    assert len(set(ids)) == len(ids) == 5
    line.ask("conversation.item.delete", item_id="u1")
    assert line.sent[-1]["item_id"] in ids


def test_a_call_that_was_given_there_is_not_given_here():
    line = taken_over(busy().connection.snapshot())
    line.come_live()
    call = {"id": "z", "type": "function_call", "call_id": "x", "name": "f", "arguments": "{}"}
    line.hear("conversation.item.done", item=call | {"status": "completed"})
    assert line.of(events.ToolCall) == []


def test_without_its_audio_a_snapshot_is_small_and_the_audio_a_gap():
    old = busy()
    retained = old.connection.books().retained
    document = old.connection.snapshot(with_audio=False)
    assert document["audio"]["pcm"] is None
    line = taken_over(document)
    line.come_live()
    gap = sum(fact.samples for fact in line.of(seen.AudioGap))
    assert {fact.reason for fact in line.of(seen.AudioGap)} == {"not in the snapshot"}
    # The turn without words is still an item; its audio is gone with it.
    assert gap == retained - 800
    assert appended(line.sent) == []


def test_what_is_owed_and_was_committed_by_hand_is_handed_over():
    old = Line(session=BY_HAND).come_live()
    old.ended()
    old.speak(300)
    old.ask("input_audio_buffer.commit")
    asked = old.ask("response.create", response={"instructions": "x"})
    line = taken_over(old.connection.snapshot())
    line.come_live()
    assert types(line.sent)[-2:] == ["input_audio_buffer.commit", "response.create"]
    assert line.sent[-1]["event_id"] == asked


def test_no_secret_of_a_tool_is_written_down():
    tool = {
        "type": "mcp",
        "server_label": "s",
        "authorization": "CANARY",
        "headers": {"k": "CANARY"},
    }
    line = Line(session={"tools": [tool]}).come_live()
    line.ask("session.update", session={"tools": [tool]})
    line.ended()
    line.ask("response.create", response={"tools": [tool]})
    text = json.dumps(line.connection.snapshot())
    assert "CANARY" not in text
    assert text.count('"server_label"') == 3


def test_a_snapshot_changes_nothing_and_a_second_one_is_equal():
    line = busy()
    books = line.connection.books()
    first = line.connection.snapshot()
    assert line.connection.snapshot() == first
    assert line.connection.books() == books
    assert first["version"] == VERSION


def broken(**changes: Any) -> dict[str, Any]:
    """A good document but for the values at these paths."""
    document = busy().connection.snapshot()
    for path, value in changes.items():
        place: Any = document
        *way, last = path.split("__")
        for key in way:
            place = place[int(key) if key.isdigit() else key]
        place[last] = value
    return document


@pytest.mark.parametrize(
    ("document", "where"),
    [
        ("{", "restore"),
        (b"[1]", "restore"),
        ({"x": object()}, "restore"),
        ({}, "restore.format"),
        (broken(version=VERSION + 1), "restore.version"),
        (broken(session={}), "restore.session.type"),
        (broken(items__0__kind="odd"), "restore.items[0].kind"),
        (broken(items__1__id="tk1_3" * 20), "restore.items[1].id"),
        (broken(items__0__former_id="o1"), "restore.items[3].id"),
        (broken(items__0__span=[0, 10**9]), "restore.items[0].span"),
        (broken(audio__gap=1), "restore.audio.settled"),
        (broken(audio__kept_from=0), "restore.audio.pcm"),
        (broken(requests=[{}]), "restore.requests[0].event_id"),
    ],
)
def test_a_document_that_cannot_be_used_is_refused_with_what_and_where(document: Any, where: str):
    with pytest.raises(ConfigError) as caught:
        Snapshot.read(document)
    assert caught.value.setting == where
    assert caught.value.reason


GOOD = json.dumps(busy().connection.snapshot())
VALUES = (
    st.none()
    | st.booleans()
    | st.integers(-5, 10**6)
    | st.text(max_size=3)
    | st.just([])
    | st.just({})
)


@given(st.data())
def test_whatever_is_changed_a_document_is_refused_or_makes_a_line_that_lives(data: st.DataObject):
    document = json.loads(GOOD)
    place: Any = document
    while True:
        keys = list(place) if isinstance(place, dict) else list(range(len(place)))
        key = data.draw(st.sampled_from(keys))
        if isinstance(place[key], dict | list) and place[key] and data.draw(st.booleans()):
            place = place[key]
            continue
        place[key] = data.draw(VALUES)
        break
    try:
        line = taken_over(document)
    except ConfigError:
        return
    line.come_live()
    books = line.connection.books()
    assert books.accepted == books.consumed + books.retained + books.gap
