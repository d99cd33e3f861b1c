"""The wrong shapes people write, each answered with the right one."""

from __future__ import annotations

import asyncio

import pytest

import trunkline
from client.serving import welcomed
from trunkline.client.validation import check_session
from trunkline.errors import ConfigError
from trunkline.protocol.dialect import Dialect


def _in(**fields: object) -> dict:
    return {"audio": {"input": fields}}


def _out(**fields: object) -> dict:
    return {"audio": {"output": fields}}


@pytest.mark.parametrize(
    ("session", "path", "words"),
    [
        ({"voice": "marin"}, "session.voice", "audio.output.voice"),
        ({"modalities": ["audio", "text"]}, "session.modalities", "output_modalities"),
        ({"turn_detection": None}, "session.turn_detection", "audio.input.turn_detection"),
        (
            {"input_audio_format": "pcm16"},
            "session.input_audio_format",
            '"audio/pcm", "rate": 24000',
        ),
        ({"input_audio_transcription": {}}, "session.input_audio_transcription", "transcription"),
        ({"max_response_output_tokens": 1}, "session.max_response_output_tokens", "max_output"),
        ({"temperature": 0.8}, "session.temperature", "leave it out"),
        ({"model": "gpt-realtime"}, "session.model", "connect(model="),
        (_in(format="pcm16"), "session.audio.input.format", "'pcm16'"),
        (_in(format="g711_ulaw"), "session.audio.input.format", "audio/pcmu"),
        (_out(format={"type": "pcm16"}), "session.audio.output.format.type", "audio/pcm"),
        (_in(format={"type": "audio/opus"}), "session.audio.input.format.type", "audio/opus"),
        (
            _in(format={"type": "audio/pcm", "rate": 16000}),
            "session.audio.input.format.rate",
            "no other rate than 24000",
        ),
        (_in(transcription="whisper-1"), "session.audio.input.transcription", "an object"),
        (_in(noise_reduction="near_field"), "session.audio.input.noise_reduction", "near_field"),
        (_in(turn_detection="server_vad"), "session.audio.input.turn_detection", "server_vad"),
        (_in(turn_detection={"type": "none"}), "session.audio.input.turn_detection", "None"),
        (
            _in(turn_detection={"type": "semantic_vad", "threshold": 0.5}),
            "session.audio.input.turn_detection.threshold",
            "only server_vad",
        ),
        (
            _in(turn_detection={"type": "server_vad", "silence_duration_ms": 0.5}),
            "session.audio.input.turn_detection.silence_duration_ms",
            "a float",
        ),
        (_out(speed=2.0), "session.audio.output.speed", "0.25 and 1.5"),
        ({"output_modalities": ["audio", "text"]}, "session.output_modalities", "never both"),
        ({"max_output_tokens": 5000}, "session.max_output_tokens", "4096"),
        ({"instructions": None}, "session.instructions", "a string"),
        ({"type": "conversation"}, "session.type", "'realtime'"),
        ({"audio": []}, "session.audio", "an object"),
        (
            {"tools": [{"type": "function", "function": {"name": "f"}}]},
            "session.tools[0].function",
            "beside",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_wrong_shape_is_refused_with_its_path_and_the_right_one(session, path: str, words: str):
    with pytest.raises(ConfigError) as caught:
        trunkline.connect(api_key="sk-test-1", session=session)
    assert caught.value.setting == path
    assert words in caught.value.reason


@pytest.mark.parametrize(
    "session",
    [
        {},
        {"audio": None},
        _in(turn_detection=None, transcription=None, noise_reduction=None),
        _in(turn_detection={"type": "server_vad", "idle_timeout_ms": None}),
        _in(format={"type": "audio/pcm"}),
        {"max_output_tokens": "inf", "tool_choice": {"type": "function", "name": "f"}},
        {"something_newer": {"than": "this"}},
    ],
)
def test_what_may_be_right_passes(session: dict):
    check_session(session)


def test_a_compatible_server_may_have_another_rate():
    check_session(_in(format={"type": "audio/pcm", "rate": 16000}), rate_hz=16_000)


def test_a_server_of_another_generation_may_have_a_temperature():
    check_session({"temperature": 0.8}, dialect=Dialect.BETA)


def test_a_setting_that_is_no_object_at_all_is_told():
    with pytest.raises(ConfigError, match="object"):
        trunkline.connect(api_key="sk-test-1", session="be nice")  # type: ignore[arg-type]


def test_an_update_is_checked_like_the_settings_at_the_start():
    async def scenario():
        async with welcomed() as line:
            with pytest.raises(ConfigError, match=r"audio\.output\.voice"):
                line.send({"type": "session.update", "session": {"voice": "cedar"}})
            line.send({"type": "session.update", "session": _out(voice="cedar")})

    asyncio.run(asyncio.wait_for(scenario(), 10))


def test_the_format_of_a_line_does_not_change():
    check_session(_in(format={"type": "audio/pcmu"}), rate_hz=8000, law="ulaw")
    for other in ("audio/pcma", "audio/pcm"):
        with pytest.raises(ConfigError, match="the same from its beginning"):
            check_session(_in(format={"type": other}), rate_hz=8000, law="ulaw")
