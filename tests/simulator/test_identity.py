from __future__ import annotations

import re
import string

import pytest

from trunkline.simulator.identity import Chance, Identity


def test_the_same_seed_gives_the_same_names():
    one, other = (Identity(Chance(7)) for _ in range(2))
    assert [one.fresh("item_") for _ in range(5)] == [other.fresh("item_") for _ in range(5)]


def test_splitmix64_gives_the_published_numbers():
    chance = Chance(0)
    assert [chance.bits() for _ in range(2)] == [0xE220A8397B1DCDAF, 0x6E789E6AA1B965F4]


@pytest.mark.parametrize(("prefix", "length"), [("event_", 21), ("sess_", 21), ("call_", 16)])
def test_identifiers_have_the_recorded_shape(prefix, length):
    assert re.fullmatch(rf"{prefix}[0-9A-Za-z]{{{length}}}", Identity(Chance(1)).fresh(prefix))


def test_draws_stay_below_one():
    chance = Chance(3)
    assert all(0.0 <= chance.draw() < 1.0 for _ in range(1000))


@pytest.mark.parametrize("length", [0, 1, 10, 11, 32])
def test_text_has_the_length_asked_for(length):
    assert len(Chance(5).text(length)) == length


@pytest.mark.parametrize("length", [0, 1, 9, 10, 11, 16, 21])
def test_a_text_is_the_digits_of_its_bits_ten_to_a_draw(length):
    chance, digits = Chance(7), ""
    for start in range(0, length, 10):
        bits = chance.bits()
        for _ in range(min(10, length - start)):
            bits, digit = divmod(bits, 62)
            digits += (string.digits + string.ascii_uppercase + string.ascii_lowercase)[digit]
    assert Chance(7).text(length) == digits
