"""What is agreed about sources and sinks."""

from __future__ import annotations

from trunkline.audio.format import PCM_24K
from trunkline.devices import base


def test_a_block_is_twenty_milliseconds_of_the_lines_own_format():
    assert PCM_24K.ms_of_samples(base.BLOCK_SAMPLES) == 20
    assert base.BLOCK_SECONDS == 0.02
    assert PCM_24K.rate_hz == base.RATE_HZ


def test_a_block_of_which_nothing_is_said_follows_without_a_hole():
    assert base.Block(b"\0\0", 1.0).lost_ms == 0


def test_a_notice_says_which_device_changed_and_what_a_person_can_do():
    notice = base.Notice("speaker", "USB Headset", base.Change.LOST, 1.0, "plug it in again")
    assert (notice.change, notice.detail) == (base.Change.LOST, "plug it in again")
