"""Never run, only type-checked: what the public names promise to a caller."""

from __future__ import annotations

import array
from typing import Any, assert_type

import numpy as np
from openai import AsyncOpenAI

import trunkline
import trunkline.adapters.openai
from trunkline.audio import codec
from trunkline.devices.base import Fill, Sink, Source
from trunkline.devices.echo import Echo, EchoCanceller, HalfDuplex, NoEcho
from trunkline.devices.files import WavSink, pcm_source, wav_source
from trunkline.devices.player import Player
from trunkline.devices.silence import silent_sink, silent_source
from trunkline.devices.tone import tone_source
from trunkline.protocol import events
from trunkline.protocol.lifecycle import State
from trunkline.protocol.observations import Observation


async def a_line() -> None:
    def observe(observation: Observation) -> None:
        assert_type(observation.epoch, int)

    async def provider() -> str:
        return "sk-test-1"

    line = trunkline.connect(api_key=provider, session={"instructions": "hi"}, observers=[observe])
    assert_type(line, trunkline.Line)
    async with line as entered:
        assert_type(entered, trunkline.Line)
        entered.send_audio(b"\0\0")
        entered.send_audio(bytearray(2))
        entered.send_audio(memoryview(b"\0\0"))
        entered.send_audio(array.array("h", [0]))
        entered.send_audio(np.zeros(480, dtype=np.float32))
        assert_type(entered.send({"type": "response.create"}), str)
        assert_type(entered.state, State)
        assert_type(entered.snapshot(audio=False), dict[str, Any])
        trunkline.connect(restore=entered.snapshot(), outage=trunkline.Outage.latest(500))
        async for event in entered:
            assert_type(event, events.Event)
            if isinstance(event, events.AudioDelta):
                assert_type(event.pcm, bytes)


def sources_and_sinks(player: Player) -> None:
    sources: list[Source] = [wav_source("a.wav"), pcm_source(b""), tone_source(), silent_source()]
    sinks: list[Sink] = [WavSink("a.wav"), silent_sink()]
    echoes: list[Echo] = [NoEcho(), HalfDuplex(), EchoCanceller()]
    fill: Fill = player.fill
    sinks[0].start(fill)
    player.on_played = echoes[0].played
    assert_type(sources[0].name, str)


async def an_interpreter() -> None:
    line = trunkline.translate(to="es", transcribe="gpt-realtime-whisper")
    assert_type(line, trunkline.TranslationLine)
    async with line as entered:
        assert_type(entered, trunkline.TranslationLine)
        entered.send_audio(b"\0\0")
        async for event in entered:
            if isinstance(event, events.TranslatedAudio):
                assert_type(event.pcm, bytes)
                assert_type(event.elapsed_ms, int | None)
            elif isinstance(event, events.TargetText | events.SourceText):
                assert_type(event.delta, str)
        await entered.finish(within=5.0)


def every_way_of_connecting() -> None:
    session: trunkline.Session = {
        "output_modalities": ["audio"],
        "audio": {
            "input": {
                "format": {"type": "audio/pcm", "rate": 24000},
                "turn_detection": {"type": "server_vad", "silence_duration_ms": 500},
            },
            "output": {"voice": "marin"},
        },
    }
    parts = trunkline.Publisher(controllable=True), trunkline.Recorder("call.tlrec", messages=True)
    trunkline.connect(telemetry=trunkline.Telemetry(*parts, name="bot"), name="kiosk-12")
    trunkline.connect(telemetry=trunkline.FlightRecorder("dumps", minutes=5, on_signal=True))
    trunkline.connect(session=session, ephemeral=600, safety_identifier="hash")
    trunkline.connect(session={"instructions": "a plain dict will do"})
    trunkline.connect(api_key=trunkline.key_file("/run/key"), organization="o", project="p")
    trunkline.connect(api_key=trunkline.keyring_key(), key_form=trunkline.KeyForm.SUBPROTOCOL)
    trunkline.connect(api_key=trunkline.KeySource(lambda: "ek_1"), call_id="rtc_1")
    azure = trunkline.Endpoint.azure("https://res.openai.azure.com")
    assert_type(azure, trunkline.Endpoint)
    trunkline.connect(endpoint=azure, model="deployment", api_key=lambda: trunkline.Secret("x"))
    wrong: trunkline.Session = {"voice": "marin"}  # type: ignore[typeddict-unknown-key]
    bad: trunkline.Session = {"audio": {"input": {"format": "pcm16"}}}  # type: ignore[typeddict-item]
    del wrong, bad


def a_codec() -> None:
    assert_type(codec.append_message(b"\0\0", event_id="e"), bytes)
    assert_type(codec.append_messages(b"\0\0", chunk_ms=20), list[bytes])
    delta = codec.read_delta(b"{}")
    if delta is not None:
        assert_type(delta.pcm, bytes)
    assert_type(codec.to_pcm(np.zeros(2, dtype=np.int16)), bytes)


async def under_another_client(client: AsyncOpenAI) -> None:
    async with trunkline.adapters.openai.connect(client, model="m", name="desk 1") as connection:
        assert_type(connection.line, trunkline.Line)
        await connection.input_audio_buffer.append(audio="")
        async for event in connection:
            assert_type(event.type == "error", bool)
