from __future__ import annotations

import pytest

from trunkline.simulator.refusals import Refusal
from trunkline.simulator.transcribers import (
    DEFAULT_TRANSCRIBER,
    TRANSCRIBERS,
    Transcriber,
    check_transcriber,
    transcriber_named,
)


def test_the_models_are_those_of_the_sdk():
    from typing import get_args

    from openai.types.realtime import AudioTranscription

    named = get_args(get_args(AudioTranscription.model_fields["model"].annotation)[1])
    assert set(TRANSCRIBERS) == set(named)
    assert DEFAULT_TRANSCRIBER in TRANSCRIBERS


@pytest.mark.parametrize(
    ("model", "option"),
    [
        ("whisper-1", "delay"),
        ("gpt-4o-transcribe", "keywords"),
        ("gpt-4o-transcribe-diarize", "prompt"),
        ("gpt-realtime-whisper", "prompt"),
        ("gpt-realtime-whisper", "languages"),
    ],
)
def test_an_option_of_another_model_is_refused_by_its_path(model, option):
    with pytest.raises(Refusal) as refused:
        check_transcriber(
            {"model": model, option: "x"}, "session.audio.input.transcription", takes_any=False
        )
    assert refused.value.param == f"session.audio.input.transcription.{option}"
    check_transcriber({"model": model, option: None}, "any", takes_any=False)


def test_a_name_nobody_knows_is_refused_unless_customers_choose_the_names():
    with pytest.raises(Refusal) as refused:
        check_transcriber({"model": "my-whisper"}, "here", takes_any=False)
    assert refused.value.param == "here.model"
    check_transcriber({"model": "my-whisper", "prompt": "x"}, "here", takes_any=True)
    assert transcriber_named("my-whisper") == TRANSCRIBERS[DEFAULT_TRANSCRIBER]


def test_the_delays_are_in_the_order_of_their_names():
    names = ["minimal", "low", "medium", "high", "xhigh"]
    shares = [Transcriber.delay_share({"delay": name}) for name in names]
    assert shares == sorted(set(shares))
    assert Transcriber.delay_share({}) == 1.0
