"""The settings as a type checker sees them."""

from __future__ import annotations

from typing import get_type_hints

from trunkline.client import session
from trunkline.client.session import Session, SessionAudio
from trunkline.client.validation import check_session


def test_every_shape_resolves_and_a_whole_session_of_them_passes():
    for name in session.__all__:
        shape = getattr(session, name)
        assert shape is session.Format or get_type_hints(shape)
    audio: SessionAudio = {
        "input": {
            "format": {"type": "audio/pcm", "rate": 24000},
            "transcription": {"model": "gpt-realtime-whisper", "language": "de"},
            "noise_reduction": {"type": "near_field"},
            "turn_detection": {"type": "semantic_vad", "eagerness": "low"},
        },
        "output": {"voice": "marin", "speed": 1.1},
    }
    whole: Session = {
        "type": "realtime",
        "output_modalities": ["audio"],
        "instructions": "Be brief.",
        "tools": [{"type": "function", "name": "look", "parameters": {"type": "object"}}],
        "tool_choice": "auto",
        "max_output_tokens": "inf",
        "audio": audio,
    }
    check_session(whole)
