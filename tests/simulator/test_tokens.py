from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trunkline.simulator import tokens

COUNT = st.integers(0, 10**6)


@pytest.mark.parametrize(("ms", "user", "assistant"), [(0, 0, 0), (100, 1, 2), (101, 2, 3)])
def test_audio_costs_by_its_length(ms, user, assistant):
    assert tokens.audio_input_tokens(ms * 24) == user
    assert tokens.audio_output_tokens(ms * 24) == assistant


@given(COUNT, COUNT, COUNT, COUNT, COUNT)
def test_the_sums_hold(text_in, audio_in, image_in, text_out, audio_out):
    read = tokens.Cost(text=text_in, audio=audio_in, image=image_in, cached_text=text_in)
    total = tokens.usage(read, text_out=text_out, audio_out=audio_out)
    assert total["total_tokens"] == total["input_tokens"] + total["output_tokens"]
    details = total["input_token_details"]
    kinds = ("text_tokens", "audio_tokens", "image_tokens")
    assert total["input_tokens"] == sum(details[kind] for kind in kinds)
    assert details["cached_tokens"] == sum(details["cached_tokens_details"].values()) == text_in


@given(COUNT)
def test_what_tokens_pay_for_costs_as_many(count):
    assert tokens.audio_output_tokens(tokens.audio_samples(count)) == count
    assert tokens.characters(count) == 4 * count


def test_a_transcription_costs_what_was_heard_and_what_was_written():
    cost = tokens.transcription_usage(24 * 1000, "four" * 3)
    assert cost == {
        "type": "tokens",
        "total_tokens": 13,
        "input_tokens": 10,
        "input_token_details": {"text_tokens": 0, "audio_tokens": 10},
        "output_tokens": 3,
    }


def test_text_is_taken_at_four_characters_a_token():
    assert [tokens.text_tokens("x" * count) for count in (0, 1, 4, 5)] == [0, 1, 1, 2]


def test_a_transcription_is_billed_in_tokens_or_in_seconds():
    assert tokens.transcription_usage(36_000, "abcdefgh")["total_tokens"] == 15 + 2
    assert tokens.transcription_usage(36_000, "abcdefgh", by_time=True) == {
        "type": "duration",
        "seconds": 1.5,
    }
