from __future__ import annotations

from trunkline.protocol.entry import Entry, EntryKind, entry_of, known_call


def test_a_turn_of_silence_and_one_without_words_are_told_apart():
    entry = Entry(id="u", kind=EntryKind.SPOKEN)
    assert entry.replay_body("")["content"][0]["text"] == "[inaudible]"
    entry.text, entry.transcribed = "[silence]", True
    assert entry.replay_body("")["content"][0]["text"] == "[silence]"


def test_a_call_is_told_with_what_is_known_of_it_and_no_more():
    item = {"id": "c", "type": "function_call", "call_id": "x", "name": "f", "status": "completed"}
    assert known_call(item) == {"type": "function_call", "call_id": "x", "name": "f"}
    assert entry_of(item).call_id == "x"
