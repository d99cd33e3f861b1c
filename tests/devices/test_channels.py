"""Mono in a device with more channels."""

from __future__ import annotations

from trunkline.devices.channels import first_of, spread


def test_mono_is_left_as_it_is():
    assert first_of(b"\1\2\3\4", 1) == spread(b"\1\2\3\4", 1) == b"\1\2\3\4"


def test_the_first_channel_is_taken():
    assert first_of(b"\1\2\x0b\x0c\3\4\x0d\x0e", 2) == b"\1\2\3\4"


def test_every_channel_gets_the_same():
    assert spread(b"\1\2\3\4", 2) == b"\1\2\1\2\3\4\3\4"
    assert first_of(spread(b"\1\2\3\4", 3), 3) == b"\1\2\3\4"
