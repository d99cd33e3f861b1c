"""Which device a person means."""

from __future__ import annotations

import pytest

from trunkline.devices.listing import Device, Direction, choose
from trunkline.errors import MediaError

IN, OUT = Direction.INPUT, Direction.OUTPUT


def device(index, name, host_api="ALSA", *, inputs=1, outputs=0, **more):
    return Device(
        index=index, name=name, host_api=host_api, inputs=inputs, outputs=outputs, rate_hz=48_000, **more
    )  # fmt: skip


HERE = [
    device(0, "Built-in", inputs=2, outputs=2, is_default_output=True),
    device(1, "USB Headset", inputs=1, outputs=2),
    device(2, "USB Headset Pro", inputs=1, is_default_input=True),
    device(3, "Monitor", inputs=0, outputs=2),
]


def test_without_a_name_it_is_the_default_of_that_direction():
    assert choose(HERE, None, IN).index == 2
    assert choose(HERE, None, OUT).index == 0


def test_without_a_default_it_is_the_first_that_can():
    assert choose(HERE[3:], None, OUT).index == 3
    assert choose(HERE[:2], None, IN).index == 0


@pytest.mark.parametrize("name", ["built", "Built-in", "BUILT-IN, alsa", " in, ALSA"])
def test_a_part_of_the_name_is_enough_in_any_case(name):
    assert choose(HERE, name, IN).index == 0


def test_a_whole_name_goes_before_a_part_of_another():
    assert choose(HERE, "usb headset", IN).index == 1
    assert choose(HERE, "USB Headset, ALSA", IN).index == 1


def test_only_devices_that_go_that_way_are_meant():
    assert choose(HERE, "headset", OUT).index == 1
    with pytest.raises(MediaError, match="no microphone has that in its name"):
        choose(HERE, "Monitor", IN)


def test_several_that_fit_are_named():
    with pytest.raises(MediaError) as caught:
        choose(HERE, "usb", IN)
    assert str(caught.value) == (
        "usb: several devices have that in their names, say more of it: USB Headset, ALSA; USB Headset Pro, ALSA"
    )


def test_none_that_fits_tells_what_is_there():
    with pytest.raises(MediaError, match=r"nobody: .*there are: Built-in, ALSA; USB Headset, ALSA"):
        choose(HERE, "nobody", IN)


def test_a_machine_without_any_says_so():
    with pytest.raises(MediaError, match="microphone: this machine has no microphone"):
        choose([], None, IN)
    with pytest.raises(MediaError, match="Box: this machine has no speaker"):
        choose([device(0, "Mic")], "Box", OUT)


WINDOWS = [
    device(0, "Headset", "MME"),
    device(1, "Headset", "Windows WASAPI"),
    device(2, "Other", "Windows WASAPI", is_default_input=True),
]


def test_one_name_by_several_host_apis_is_the_one_of_the_default():
    assert choose(WINDOWS, "headset", IN).index == 1
    assert choose(WINDOWS, "headset, mme", IN).index == 0


def test_without_a_default_one_name_by_several_host_apis_is_asked_about():
    with pytest.raises(MediaError, match="add the host API: Headset, MME; Headset, Windows WASAPI"):
        choose(WINDOWS[:2], "headset", IN)


def test_the_number_of_a_card_is_no_part_of_what_it_is_found_by():
    card = device(0, "USB Headset: Audio (hw:1,0)")
    assert card.lasting_name == "USB Headset: Audio"
    assert choose([device(0, "USB Headset: Audio (hw:3,0)")], card.lasting_name, IN).index == 0
    assert device(0, "Mic").lasting_name == "Mic, ALSA"
