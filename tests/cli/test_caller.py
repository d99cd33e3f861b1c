"""A caller who says recorded turns."""

from __future__ import annotations

from itertools import islice

from trunkline.cli.caller import LONGEST_WAIT_SECONDS, caller_blocks
from trunkline.devices.base import BLOCK_SAMPLES

ONE = b"\1\0" * (BLOCK_SAMPLES + 10)
TWO = b"\2\0" * BLOCK_SAMPLES
SILENCE = bytes(2 * BLOCK_SAMPLES)
A_SECOND = 50


def test_a_turn_is_said_in_whole_blocks_and_silence_follows():
    first, second, third = islice(caller_blocks([ONE], lambda: False), 3)
    assert first == b"\1\0" * BLOCK_SAMPLES
    assert second == (b"\1\0" * 10).ljust(2 * BLOCK_SAMPLES, b"\0")
    assert third == SILENCE


def test_the_next_turn_begins_a_moment_after_the_answer_to_the_one_before():
    answers = iter([False, False, True, True])
    blocks = list(caller_blocks([TWO, TWO], lambda: next(answers)))
    begins = [place for place, block in enumerate(blocks) if block == TWO]
    # A second for the server to find the end, twice not answered, and 0.4 s.
    assert begins == [0, 1 + A_SECOND + 2 + 20]
    assert len(blocks) == begins[1] + 1 + A_SECOND + 20


def test_who_is_never_answered_ends_all_the_same():
    blocks = list(caller_blocks([TWO], lambda: False))
    assert len(blocks) == 1 + LONGEST_WAIT_SECONDS * A_SECOND + 20
