from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trunkline.simulator.conversation import Conversation
from trunkline.simulator.items import Item
from trunkline.simulator.refusals import Refusal


def item(item_id: str, role="user") -> Item:
    content = [{"type": "input_text", "text": item_id}]
    return Item(body={"id": item_id, "type": "message", "role": role, "content": content})


def spoken(item_id: str, ms: int) -> Item:
    content = [{"type": "output_audio", "transcript": "all of it"}]
    body = {"id": item_id, "type": "message", "role": "assistant", "content": content}
    return Item(body=body, pcm={0: bytes(48 * ms)})


def of(*names: str) -> Conversation:
    conversation = Conversation("conv_1")
    for name in names:
        conversation.add(item(name))
    return conversation


def names(conversation: Conversation) -> list[str]:
    return [one.id for one in conversation]


@pytest.mark.parametrize(
    ("previous", "order", "answered"),
    [
        (None, ["a", "b", "x"], "b"),
        ("root", ["x", "a", "b"], None),
        ("a", ["a", "x", "b"], "a"),
        ("b", ["a", "b", "x"], "b"),
    ],
)
def test_an_item_goes_where_previous_item_id_says(previous, order, answered):
    conversation = of("a", "b")
    assert conversation.insert(item("x"), previous) == answered
    assert names(conversation) == order


def refused(action) -> Refusal:
    with pytest.raises(Refusal) as caught:
        action()
    return caught.value


def test_an_unknown_previous_item_or_an_id_in_use_inserts_nothing():
    conversation = of("a")
    unknown = refused(lambda: conversation.insert(item("x"), "nowhere"))
    assert unknown.code == "item_create_invalid_previous_item_id"
    twice = refused(lambda: conversation.insert(item("a"), None))
    assert (twice.code, twice.param) == ("item_create_duplicate_item_id", "item.id")
    assert names(conversation) == ["a"]


def test_an_output_needs_its_call():
    conversation = of()
    output = Item(body={"id": "o", "type": "function_call_output", "call_id": "c", "output": ""})
    assert refused(lambda: conversation.insert(output, None)).code == "invalid_tool_call_id"
    conversation.add(Item(body={"id": "f", "type": "function_call", "call_id": "c"}))
    conversation.insert(output, None)
    assert names(conversation) == ["f", "o"]


def test_deleting_removes_and_an_unknown_item_is_refused():
    conversation = of("a", "b")
    conversation.delete("a")
    assert names(conversation) == ["b"]
    assert refused(lambda: conversation.delete("a")).code == "item_delete_invalid_item_id"


def test_truncating_cuts_the_audio_and_drops_the_whole_transcript():
    conversation = of()
    conversation.add(spoken("s", 500))
    conversation.truncate("s", 0, 120)
    (cut,) = conversation
    assert len(cut.pcm[0]) == 120 * 48
    assert cut.body["content"][0]["transcript"] == ""


def test_what_cannot_be_truncated_is_refused_by_the_words_of_the_api():
    conversation = of("u")
    conversation.add(spoken("s", 500))
    text_only = refused(lambda: conversation.truncate("u", 0, 0))
    assert (text_only.code, text_only.message) == (
        None,
        "Only model output audio messages can be truncated",
    )
    assert refused(lambda: conversation.truncate("s", 1, 0)).code is None
    too_far = refused(lambda: conversation.truncate("s", 0, 501))
    assert too_far.message == "Audio content of 500ms is already shorter than 501ms"
    assert too_far.code == "invalid_value"
    unknown = refused(lambda: conversation.truncate("nowhere", 0, 0))
    assert unknown.code == "item_truncate_invalid_item_id"


@given(st.lists(st.integers(0, 30), max_size=20))
def test_the_item_named_as_previous_is_the_neighbour(places):
    conversation = Conversation("conv_1")
    for count, place in enumerate(places):
        known = names(conversation)
        previous = ["root", None, *known][place % (len(known) + 2)]
        answered = conversation.insert(item(f"i{count}"), previous)
        order = names(conversation)
        index = order.index(f"i{count}")
        assert answered == (order[index - 1] if index else None)
    assert len(conversation) == len(places)
