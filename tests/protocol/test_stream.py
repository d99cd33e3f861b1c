from __future__ import annotations

import base64

import numpy as np
import pytest

from protocol.driving import VAD, Line, appended, types
from trunkline.audio import codec
from trunkline.protocol import events
from trunkline.protocol import observations as seen
from trunkline.protocol.lifecycle import State
from trunkline.protocol.observations import Direction
from trunkline.protocol.stream import Outgoing

LISTENING = {"audio": {"input": {"turn_detection": VAD}}}


def test_an_append_is_audio_and_nothing_else_is():
    assert Outgoing(type="input_audio_buffer.append", text=b"").is_audio
    assert not Outgoing(type="input_audio_buffer.commit", text=b"").is_audio


def test_a_backlog_goes_out_in_chunks_of_the_limit():
    line = Line(chunk_limit_ms=400)
    line.speak(1000)
    line.come_live()
    assert [fact.samples for fact in line.of(seen.AudioSent)] == [400, 400, 200]
    assert appended(line.sent) == list(range(1000))


def test_every_message_is_told_with_its_type_and_size():
    line = Line().come_live()
    up = [fact for fact in line.of(seen.MessagePassed) if fact.direction is Direction.UP]
    down = [fact for fact in line.of(seen.MessagePassed) if fact.direction is Direction.DOWN]
    assert [fact.type for fact in up] == ["session.update"]
    assert [fact.type for fact in down] == ["session.created", "session.updated"]
    assert all(fact.size_bytes > 20 for fact in up + down)


def test_control_messages_go_before_audio():
    line = Line(session=LISTENING).come_live()
    line.reply("r", "item", "one two", 1000, done=False)
    line.played("item", 10)
    line.fresh()
    line.connection.send_audio(bytes(20), line.now)
    line.hear("input_audio_buffer.speech_started", item_id="u", audio_start_ms=0)
    assert types(line.sent) == ["conversation.item.truncate", "input_audio_buffer.append"]


def test_replayed_audio_inside_items_is_told_as_sent():
    line = Line(session=LISTENING).come_live()
    line.speak(1000)
    line.turn("item_1", 0, 600)
    line.turn("item_2", 700, 900)
    line.ended()
    line.fresh("facts")
    line.come_live()
    replayed = [fact.samples for fact in line.of(seen.AudioSent) if fact.replayed]
    assert sum(replayed) == 900
    assert line.of(seen.Restored)[0].replayed_samples == 900


def test_a_request_inside_the_replay_keeps_its_place():
    line = Line(session={"audio": {"input": {"turn_detection": None}}}).come_live()
    line.ended()
    line.speak(100)
    line.ask("input_audio_buffer.commit")
    line.speak(100)
    line.fresh()
    line.come_live()
    assert types(line.sent)[1:4] == [
        "input_audio_buffer.append",
        "input_audio_buffer.commit",
        "input_audio_buffer.append",
    ]


@pytest.mark.parametrize(("kind", "law"), [("audio/pcmu", "ulaw"), ("audio/pcma", "alaw")])
def test_a_g711_line_is_given_samples_and_speaks_codes(kind: str, law: codec.Law):
    g711 = {"format": {"type": kind}}
    line = Line(session={"audio": {"input": g711, "output": g711}}, rate_hz=8000).come_live()
    pcm = (1000 * np.sin(np.arange(160))).astype("<i2").tobytes()
    line.fresh()
    line.connection.send_audio(pcm, line.now)
    line.drain()
    (message,) = line.fresh()
    codes = base64.b64decode(message["audio"])
    assert len(codes) == 160
    heard = codec.decode(message["audio"], law=law)
    line.hear(
        "response.output_audio.delta",
        response_id="r", item_id="i", output_index=0, content_index=0, delta=message["audio"],
    )  # fmt: skip
    (delta,) = line.of(events.AudioDelta)
    assert delta.pcm == heard
    assert np.abs(np.frombuffer(heard, "<i2") - np.frombuffer(pcm, "<i2")).max() < 64


def test_a_g711_line_tells_kept_speech_in_codes_too():
    g711 = {"format": {"type": "audio/pcmu"}, "turn_detection": VAD}
    line = Line(session={"audio": {"input": g711, "output": g711}}, rate_hz=8000).come_live()
    line.speak(1000)
    line.turn("item_1", 0, 900)
    line.ended()
    line.until(State.DIALING)
    line.opened()
    line.created()
    line.updated()
    items = [each for each in line.fresh() if each["type"] == "conversation.item.create"]
    (part,) = items[0]["item"]["content"]
    samples = codec.decode(part["audio"], law="ulaw")
    assert len(base64.b64decode(part["audio"])) * 2 == len(samples)
