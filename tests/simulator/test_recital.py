from __future__ import annotations

import pytest

from trunkline.simulator.recital import asks_for_length, recital

SOUND = bytes(48 * 700)


@pytest.mark.parametrize(
    "request_text",
    [
        "Count slowly to one hundred.",
        "count from 1 to 50",
        "Please count up to thirty",
        "Tell me a very long story",
        "explain it in great detail",
        "Write 500 words on trains",
    ],
)
def test_what_takes_its_time_is_known_by_its_words(request_text):
    assert asks_for_length(request_text)


@pytest.mark.parametrize(
    "request_text", ["", "hello", "How much is the account?", "as long as it is short"]
)
def test_other_requests_are_answered_briefly(request_text):
    assert not asks_for_length(request_text)


@pytest.mark.parametrize(
    ("request_text", "last", "count"),
    [
        ("Count slowly to one hundred.", "one hundred", 100),
        ("count to 42", "forty-two", 42),
        ("count up to twenty five please", "twenty-five", 25),
        ("count to one hundred and ten", "one hundred ten", 110),
        ("count to 3", "twenty", 20),
        ("count to 1000000", "two hundred", 200),
        ("a long story", "one hundred", 100),
    ],
)
def test_it_counts_as_far_as_it_was_told_half_a_second_each(request_text, last, count):
    reply = recital(request_text, SOUND)
    numbers = reply.text.removesuffix(".").split(", ")
    assert (numbers[0], numbers[-1], len(numbers)) == ("One", last, count)
    assert len(reply.pcm) == count * 500 * 48


def test_without_audio_it_is_slow_enough_to_be_interrupted():
    reply = recital("count to 100", SOUND)
    assert reply.word_delay * len(reply.text.split()) > 5


def test_the_sound_is_repeated_in_whole_samples():
    sound = bytes(range(200)) * 3
    pcm = recital("count", sound).pcm
    assert pcm[:600] == pcm[600:1200] == sound
