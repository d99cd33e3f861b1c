"""Names at the edge: what other servers call the events we know.

Inside, only the names of the generally available API are used. The preview API, Azure's preview and many
compatible servers still speak the beta names; their events differ in nothing else that we act on.
Requests are always written in the names of the GA API.
"""

from __future__ import annotations

__all__ = ["BETA_NAMES", "ga_name"]

BETA_NAMES: dict[str, str] = {
    "response.text.delta": "response.output_text.delta",
    "response.text.done": "response.output_text.done",
    "response.audio.delta": "response.output_audio.delta",
    "response.audio.done": "response.output_audio.done",
    "response.audio_transcript.delta": "response.output_audio_transcript.delta",
    "response.audio_transcript.done": "response.output_audio_transcript.done",
    "conversation.item.created": "conversation.item.added",
    "transcription_session.created": "session.created",
    "transcription_session.updated": "session.updated",
}
"""Beta name to GA name (OpenAI's beta-to-GA migration guide)."""


def ga_name(type_: str) -> str:
    """The GA name of an event type; one that is not known is given back as it is."""
    return BETA_NAMES.get(type_, type_)
