from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from trunkline.text import Clean
from trunkline.tui.inspector.redaction import HIDDEN, without_words
from tui.inspector.streams import audio, entry

SECRET = "Meine Nummer ist 4711"


def test_what_was_said_is_replaced_by_its_length():
    detail = json.dumps(
        {"type": "response.output_audio_transcript.delta", "delta": SECRET}, indent=2
    )
    one = entry(
        1, "response.output_audio_transcript.delta", detail=Clean(detail), note=Clean(f'"{SECRET}"')
    )
    hidden = without_words(one)
    assert f'"delta": "[hidden, {len(SECRET)} characters]"' in hidden.detail
    assert hidden.note == HIDDEN
    assert hidden.type == one.type


def test_words_in_depth_are_found():
    detail = json.dumps(
        {"item": {"content": [{"type": "input_text", "text": SECRET}, {"transcript": SECRET}],
                  "arguments": SECRET, "output": SECRET}, "session": {"instructions": SECRET}},
        indent=2,
    )  # fmt: skip
    hidden = without_words(entry(1, "conversation.item.added", detail=Clean(detail)))
    assert SECRET not in hidden.detail
    assert hidden.detail.count("[hidden") == 5
    assert '"type": "input_text"' in hidden.detail


def test_audio_and_what_has_no_words_stay():
    one = audio(
        1, detail=Clean('{\n  "delta": "<base64 6 400 B → 4 800 B>"\n}'), note=Clean("first audio")
    )
    assert without_words(one) is one
    bare = audio(1, detail=Clean('{\n  "delta": <base64 6 400 B>\n}'))
    assert without_words(bare) is bare


def test_a_text_that_was_cut_off_is_hidden_too():
    one = entry(1, "x", detail=Clean(f'{{\n  "transcript": "{SECRET}…'))
    assert SECRET not in without_words(one).detail
    escaped = entry(1, "x", detail=Clean(f'{{"text": "{SECRET}\\'))
    assert SECRET not in without_words(escaped).detail


@given(
    st.text(),
    st.sampled_from(["transcript", "text", "instructions", "arguments", "output", "delta"]),
)
def test_no_text_gets_through(words, member):
    detail = json.dumps({member: f"#{words}#", "last": 1})
    hidden = without_words(entry(1, "x", detail=Clean(detail)))
    length = len(json.dumps(f"#{words}#")) - 2
    assert json.loads(hidden.detail) == {member: f"[hidden, {length} characters]", "last": 1}
