from __future__ import annotations

from itertools import count
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trunkline.protocol.entry import EntryKind
from trunkline.protocol.ledger import Ledger
from trunkline.protocol.replay import Replay, ReplayBudget

BUDGET = ReplayBudget()


def ids() -> Any:
    numbers = count(1)
    return lambda: f"tk1_{next(numbers)}"


def replay(ledger: Ledger, budget: ReplayBudget = BUDGET, **fields: Any) -> Replay:
    given_fields = {"new_id": ids(), "audio_of": lambda _span: ""} | fields
    return ledger.replay(budget, **given_fields)


def text(item_id: str, words: str) -> dict[str, Any]:
    content = [{"type": "input_text", "text": words}]
    return {"id": item_id, "type": "message", "role": "user", "content": content}


def call(item_id: str, call_id: str, **fields: Any) -> dict[str, Any]:
    return {
        "id": item_id,
        "type": "function_call",
        "call_id": call_id,
        "name": "f",
        "arguments": "{}",
    } | fields


def output(item_id: str, call_id: str) -> dict[str, Any]:
    return {"id": item_id, "type": "function_call_output", "call_id": call_id, "output": "4"}


def answered(
    ledger: Ledger, item_id: str, words: str, *, done: bool = True, samples: int = 0
) -> None:
    item = {"id": item_id, "type": "message", "role": "assistant"}
    ledger.reported(item, None, done=False)
    ledger.answer_words(item_id, words)
    ledger.answer_audio(item_id, samples)
    if done:
        ledger.reported(item, None, done=True)


def spoken(
    ledger: Ledger, item_id: str, words: str | None, span: tuple[int, int] | None = None
) -> None:
    ledger.committed(item_id, None, span)
    if words is not None:
        ledger.heard_words(item_id, words)


def words_of(built: Replay) -> list[str]:
    return [item["content"][0].get("text", "?") for item in built.items]


def test_a_turn_goes_back_as_words_and_an_answer_as_text():
    ledger = Ledger({})
    spoken(ledger, "u", "hello")
    answered(ledger, "a", "hi there")
    assert replay(ledger).items == (
        {
            "id": "tk1_1",
            "type": "message",
            "role": "user",
            "content": [{"type": "input_text", "text": "hello"}],
        },
        {
            "id": "tk1_2",
            "type": "message",
            "role": "assistant",
            "content": [{"type": "output_text", "text": "hi there"}],
        },
    )


def test_a_turn_without_words_goes_back_as_its_audio_or_says_that_it_is_lost():
    ledger = Ledger({})
    spoken(ledger, "u", None, (10, 30))
    built = replay(ledger, audio_of=lambda span: f"{span[0]}-{span[1]}")
    assert built.items[0]["content"] == [{"type": "input_audio", "audio": "10-30"}]
    assert (built.audio_samples, built.wordless) == (20, 0)
    lost = replay(ledger)
    assert lost.items[0]["content"] == [{"type": "input_text", "text": "[inaudible]"}]
    assert (lost.audio_samples, lost.wordless) == (0, 1)


def test_a_turn_of_which_nothing_was_understood_is_no_lost_turn():
    ledger = Ledger({})
    spoken(ledger, "u", "", (0, 5))
    assert replay(ledger).wordless == 0


def test_an_interrupted_answer_ends_where_it_was_heard():
    ledger = Ledger({})
    answered(ledger, "a", "one two three four", done=False, samples=100)
    assert ledger.played("a", 55) == 55
    assert words_of(replay(ledger)) == ["one two"]


def test_an_answer_of_which_nothing_was_heard_never_happened():
    ledger = Ledger({})
    answered(ledger, "a", "one two", done=False, samples=100)
    ledger.played("a", 0)
    assert replay(ledger).items == ()
    assert len(ledger) == 0


def test_a_broken_answer_is_taken_whole_if_nobody_tells_what_was_played():
    ledger = Ledger({})
    answered(ledger, "a", "one two", done=False, samples=100)
    assert words_of(replay(ledger)) == ["one two"]


def test_a_truncated_answer_takes_no_words_that_come_late():
    ledger = Ledger({})
    answered(ledger, "a", "one two three four", samples=100)
    ledger.truncate("a", 50)
    ledger.answer_words("a", " five")
    ledger.answer_text("a", "one two three four five")
    ledger.answer_audio("a", 100)
    assert ledger.get("a").text == "one two"
    assert ledger.played("a", 900) == 50


@pytest.mark.parametrize(("heard", "kept"), [(-5, ""), (0, ""), (10**9, "one two three four")])
def test_a_truncation_is_held_to_what_was_received(heard: int, kept: str):
    ledger = Ledger({})
    answered(ledger, "a", "one two three four", samples=100)
    ledger.truncate("a", heard)
    assert ledger.get("a").text == kept
    assert 0 <= ledger.get("a").received_samples <= 100


def test_only_answers_can_be_truncated():
    ledger = Ledger({})
    spoken(ledger, "u", "hello", (0, 9))
    ledger.truncate("u", 1)
    ledger.truncate("nobody", 1)
    assert ledger.get("u").text == "hello"


@given(st.lists(st.tuples(st.booleans(), st.integers(-50, 500)), max_size=30))
def test_the_played_ledger_never_goes_back_and_never_past_what_came(steps: list[tuple[bool, int]]):
    ledger = Ledger({})
    answered(ledger, "a", "words", done=False)
    received = played = 0
    for is_audio, samples in steps:
        if is_audio:
            ledger.answer_audio("a", abs(samples))
            received += abs(samples)
        else:
            told = ledger.played("a", samples)
            assert played <= told <= received
            played = told


def test_what_is_played_of_unknown_items_is_ignored():
    ledger = Ledger({})
    spoken(ledger, "u", "x")
    assert ledger.played("u", 5) is None
    assert ledger.played("?", 5) is None


def test_events_about_unknown_items_change_nothing():
    ledger = Ledger({})
    ledger.heard_words("?", "x")
    ledger.answer_words("?", "x")
    ledger.answer_text("?", "x")
    ledger.answer_audio("?", 5)
    ledger.delete("?")
    ledger.refused("")
    assert len(ledger) == 0


def test_an_answer_has_ten_minutes_of_audio_and_no_more():
    ledger = Ledger({}, rate_hz=100)
    answered(ledger, "a", "x", done=False, samples=59_999)
    assert ledger.answer_audio("a", 1)
    assert not ledger.answer_audio("a", 1)
    assert ledger.growing is None
    assert ledger.get("a").received_samples == 60_000
    assert ledger.answer_audio("?", 100)


@pytest.mark.parametrize("first", ["words", "item"])
def test_a_commit_that_comes_after_its_item_still_gives_it_its_audio(first: str):
    ledger = Ledger({})
    if first == "words":
        ledger.committed("u", None, None)
        ledger.heard_words("u", "early")
    else:
        ledger.reported({"id": "u", "type": "message", "role": "user"}, None, done=False)
    ledger.committed("u", None, (5, 9))
    ledger.committed("u", None, (7, 8))
    assert ledger.get("u").span == (5, 9)
    assert len(ledger) == 1


def test_a_commit_of_an_item_that_is_no_speech_changes_nothing():
    ledger = Ledger({})
    ledger.created(text("mine", "x"), None)
    ledger.committed("mine", None, (5, 9))
    assert ledger.get("mine").span is None


@pytest.mark.parametrize("role", ["user", "system"])
def test_what_another_controller_wrote_goes_back_as_it_was_written(role: str):
    ledger = Ledger({})
    parts = [{"type": "input_text", "text": "note"}, {"type": "input_text", "text": 5}, "odd"]
    ledger.reported({"id": "n", "type": "message", "role": role, "content": parts}, None, done=True)
    assert replay(ledger).items == (
        {
            "id": "n",
            "type": "message",
            "role": role,
            "content": [{"type": "input_text", "text": "note"}],
        },
    )


@pytest.mark.parametrize(
    "item",
    [
        {"id": "m", "type": "mcp_list_tools"},
        {"id": "m", "type": "message", "role": "system"},
        {"id": "m", "type": "message", "role": "system", "content": 5},
        {"id": "m"},
    ],
)
def test_items_that_come_again_by_themselves_are_not_kept(item: dict[str, Any]):
    ledger = Ledger({})
    ledger.reported(item, None, done=True)
    assert len(ledger) == 0


def test_tool_calls_go_back_in_pairs_or_not_at_all():
    ledger = Ledger({})
    ledger.reported(call("c1", "x", arguments="", status="in_progress"), None, done=False)
    ledger.reported(call("c1", "x", status="completed", odd=[[]]), None, done=True)
    ledger.reported(call("c2", "y"), None, done=True)
    ledger.reported({"id": "c3", "type": "function_call", "call_id": 7}, None, done=True)
    ledger.created(output("o1", "x"), None)
    ledger.created(output("o9", "z"), None)
    ledger.created({"id": "o3", "type": "function_call_output", "output": "?"}, None)
    assert replay(ledger).items == (
        {"id": "tk1_1", "type": "function_call", "call_id": "x", "name": "f", "arguments": "{}"},
        output("o1", "x"),
    )


def test_created_items_keep_their_ids_and_lose_what_the_server_added():
    ledger = Ledger({})
    ledger.created(text("mine", "x") | {"status": "completed", "object": "o"}, None)
    assert replay(ledger).items == (text("mine", "x"),)


def test_an_item_that_the_server_refused_does_not_exist():
    ledger = Ledger({})
    ledger.created(text("one", "x"), None, asked_by="e1")
    ledger.created(text("two", "x"), None, asked_by="e2")
    ledger.refused("e1")
    assert [item["id"] for item in replay(ledger).items] == ["two"]


def test_items_stand_where_they_were_put():
    ledger = Ledger({})
    ledger.created(text("b", "b"), None)
    ledger.created(text("a", "a"), "root")
    ledger.created(text("d", "d"), "b")
    ledger.created(text("c", "c"), "b")
    ledger.created(text("e", "e"), "nobody")
    assert "".join(words_of(replay(ledger))) == "abcde"


def test_late_news_of_a_deleted_item_does_not_bring_it_back():
    ledger = Ledger({})
    ledger.created({"id": "mine", "type": "message", "role": "user", "content": []}, None)
    ledger.delete("mine")
    ledger.reported({"id": "mine", "type": "message", "role": "user"}, None, done=True)
    ledger.delete("spoken")
    ledger.committed("spoken", None, (0, 10))
    assert list(ledger) == []


def test_an_id_that_was_deleted_may_be_used_again():
    ledger = Ledger({})
    ledger.delete("mine")
    ledger.created({"id": "mine", "type": "message", "role": "user", "content": []}, None)
    ledger.reported({"id": "mine", "type": "message", "role": "user"}, None, done=True)
    assert [entry.id for entry in ledger] == ["mine"]


def test_a_deleted_item_is_gone_by_any_of_its_names():
    ledger = Ledger({})
    spoken(ledger, "u", "hello")
    replay(ledger)
    ledger.delete("u")
    assert len(ledger) == 0


def test_the_oldest_items_are_dropped_first_and_pairs_together():
    ledger = Ledger({})
    ledger.reported(call("c", "x"), None, done=True)
    for number in range(5):
        ledger.created(text(f"m{number}", f"m{number}"), None)
    ledger.created(output("o", "x"), None)
    built = replay(ledger, ReplayBudget(items=4))
    assert [item["id"] for item in built.items] == ["m2", "m3", "m4"]
    assert built.dropped == 4


def test_the_replay_stays_within_its_characters():
    ledger = Ledger({})
    for number in range(5):
        spoken(ledger, f"u{number}", "x" * 10)
    built = replay(ledger, ReplayBudget(characters=35))
    assert (len(built.items), built.dropped) == (3, 2)


def test_every_old_name_leads_to_the_item():
    ledger = Ledger({})
    spoken(ledger, "item_1", "hello")
    replay(ledger, new_id=lambda: "tk2_1")
    assert ledger.get("item_1") is ledger.get("tk2_1")
    assert ledger.name("item_1") == "tk2_1"
    assert ledger.get("tk2_1").replayed


KINDS = ("spoken", "silent", "answer", "half", "call", "pair", "created", "delete")


@given(
    st.lists(st.tuples(st.sampled_from(KINDS), st.text(max_size=6)), max_size=25),
    st.builds(ReplayBudget, items=st.integers(0, 30), characters=st.integers(0, 600)),
)
def test_a_second_replay_tells_the_same_in_the_same_order(
    story: list[tuple[str, str]], budget: ReplayBudget
):
    ledger, order = Ledger({}), []
    for number, (kind, words) in enumerate(story):
        item_id = f"item_{number}"
        order.append(item_id)
        if kind == "spoken":
            spoken(ledger, item_id, words)
        elif kind == "silent":
            spoken(ledger, item_id, None, (number, number + 5))
        elif kind in ("answer", "half"):
            answered(ledger, item_id, words, done=kind == "answer", samples=10)
        elif kind == "created":
            ledger.created(text(item_id, words), None)
        elif kind == "delete":
            ledger.delete(f"item_{number // 2}")
        else:
            ledger.reported(call(item_id, str(number)), None, done=True)
            if kind == "pair":
                order.append(f"out_{number}")
                ledger.created(output(f"out_{number}", str(number)), None)
    new_id = ids()
    first = replay(ledger, budget, new_id=new_id, audio_of=str)
    assert replay(ledger, budget, new_id=new_id, audio_of=str) == first
    assert len(first.items) <= budget.items
    assert all(len(item["id"]) <= 32 for item in first.items)
    places = [
        order.index(old) for item in first.items for old in order if ledger.name(old) == item["id"]
    ]
    assert places == sorted(places)
    calls = [item["call_id"] for item in first.items if item["type"] == "function_call"]
    outputs = [item["call_id"] for item in first.items if item["type"] == "function_call_output"]
    assert sorted(calls) == sorted(outputs)


def test_an_item_of_each_origin_says_where_it_came_from():
    ledger = Ledger({})
    spoken(ledger, "u", "x")
    answered(ledger, "a", "x")
    ledger.reported(call("c", "x"), None, done=True)
    ledger.created(text("t", "x"), None)
    kinds = [ledger.get(item_id).kind for item_id in "uact"]
    assert kinds == [EntryKind.SPOKEN, EntryKind.ANSWERED, EntryKind.CALLED, EntryKind.CREATED]


def test_a_day_of_talk_does_not_fill_the_memory_and_old_ids_do_no_harm():
    ledger = Ledger({}, ReplayBudget(items=10, characters=1000))
    for number in range(5000):
        spoken(ledger, f"u{number}", "some words")
    assert len(ledger) <= 2 * 10 + 64
    assert ledger.forgotten + len(ledger) == 5000
    # The session still has it, so that it can be named there; the next one has not.
    assert ledger.place("u4000") == "u4000"
    built = replay(ledger, ledger.budget)
    assert built.dropped == 4990
    assert ledger.place("u4000") == "root"
    assert ledger.place("u10") == "u10"
    ledger.created(text("new", "x"), "u4000")
    assert next(iter(ledger)).id == "new"
    ledger.delete("u4000")


def test_the_characters_that_are_kept_are_bounded_as_well():
    ledger = Ledger({}, ReplayBudget(items=1000, characters=100))
    for number in range(300):
        spoken(ledger, f"u{number}", "x" * 50)
    assert len(ledger) <= 4 + 64


def test_an_item_that_the_session_was_not_told_is_stood_for_by_the_one_before_it():
    ledger = Ledger({})
    for number in range(3):
        ledger.created(text(f"m{number}", "x"), None)
    ledger.created(output("o", "x"), "m1")
    replay(ledger)
    assert ledger.place("o") == "m1"
    replay(ledger, ReplayBudget(items=1))
    assert ledger.place("m0") == "root"
    assert ledger.place("m2") == "m2"
    assert ledger.missing_call({"type": "function_call_output"}, None) is None


def test_a_call_that_is_told_anew_with_its_output_stands_where_the_server_put_them():
    ledger = Ledger({})
    ledger.reported(call("c", "call_1", status="completed"), None, done=True)
    replay(ledger)
    late = output("o", "call_1")
    told = ledger.missing_call(late, None)
    assert told is not None
    ledger.created(late, None)
    ledger.committed("speech", None, (0, 10))
    ledger.reported(told.body | {"id": told.id}, "speech", done=False)
    ledger.reported(late, told.id, done=False)
    assert [entry.id for entry in ledger] == ["speech", told.id, "o"]
