"""Sources and sinks by the words of their options."""

from __future__ import annotations

import asyncio

import pytest

from cli.running import SPEECH
from devices.bench import HandSink
from trunkline.cli.sound import AnySink, echo_of, sink_of, source_of
from trunkline.devices.base import Change, Notice
from trunkline.devices.echo import HalfDuplex, NoEcho
from trunkline.devices.files import WavSink
from trunkline.devices.loudspeaker import Loudspeaker
from trunkline.devices.microphone import Microphone
from trunkline.errors import MediaError


def nobody(_notice: Notice) -> None:
    """Nobody is told."""


@pytest.mark.parametrize(
    ("wanted", "name"),
    [
        ("demo", "recorded caller"),
        (f"wav:{SPEECH / 'caller_3.wav'}", str(SPEECH / "caller_3.wav")),
        ("none", "silence"),
        ("tone", "tone of 440 Hz"),
        ("USB", "USB"),
    ],
)
def test_a_source_is_what_was_asked_for(wanted: str, name: str):
    source = source_of(wanted, is_answered=lambda: True)(nobody)
    assert source.name == name
    assert isinstance(source, Microphone) == (wanted == "USB")


def test_without_a_word_it_is_the_microphone_and_the_loudspeaker_that_the_machine_prefers():
    assert isinstance(source_of(None, is_answered=lambda: True)(nobody), Microphone)
    assert isinstance(sink_of(None)(nobody), Loudspeaker)


def test_a_sink_is_what_was_asked_for(tmp_path):
    assert sink_of("none")(nobody).name == "silence"
    assert isinstance(sink_of(f"wav:{tmp_path / 'out.wav'}")(nobody), WavSink)
    assert isinstance(sink_of("USB", is_needed=False)(nobody), Loudspeaker)
    assert isinstance(sink_of(None, is_needed=False)(nobody), AnySink)


def test_a_file_of_no_use_is_told_before_anything_is_opened():
    with pytest.raises(MediaError, match="no such file"):
        source_of("wav:/nowhere/in.wav", is_answered=lambda: True)


@pytest.mark.parametrize(("name", "kind"), [("gate", HalfDuplex), ("none", NoEcho)])
def test_an_echo_handler_is_what_was_asked_for(name: str, kind: type):
    assert isinstance(echo_of(name)(), kind)


@pytest.mark.parametrize("is_there", [True, False])
def test_where_no_loudspeaker_is_needed_its_absence_is_told_and_no_end(is_there: bool):
    told: list[Notice] = []
    speaker = HandSink(None if is_there else MediaError("speaker", "there is none"))

    async def scenario() -> None:
        async with AnySink(speaker, told.append) as sink:
            assert speaker.is_open == is_there
            sink.start(lambda count, _at: bytes(2 * count))
            assert sink.name == ("device" if is_there else "silence")

    asyncio.run(scenario())
    assert speaker.closings == is_there
    assert [notice.change for notice in told] == ([] if is_there else [Change.OPENED])
    assert all("nobody hears the answers" in notice.detail for notice in told)
