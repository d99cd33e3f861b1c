"""The settings of a session as a type checker sees them: the GA shape, every field optional.

OpenAI's session object (openai 3.54.0, `types/realtime`). At run time these are plain dicts, and any mapping will
do; what is wrong in one is told by `validation.py`. A field that is absent keeps the server's default, None switches
off what may be switched off.
"""

from __future__ import annotations

from typing import Any, Literal, TypedDict

__all__ = [
    "AudioInput",
    "AudioOutput",
    "Format",
    "FunctionTool",
    "G711Format",
    "McpTool",
    "NoiseReduction",
    "PcmFormat",
    "SemanticVad",
    "ServerVad",
    "Session",
    "SessionAudio",
    "Transcription",
]


class PcmFormat(TypedDict, total=False):
    """Little-endian int16, mono."""

    type: Literal["audio/pcm"]
    rate: int


class G711Format(TypedDict):
    """µ-law or A-law at 8 kHz; it has no rate."""

    type: Literal["audio/pcmu", "audio/pcma"]


Format = PcmFormat | G711Format


class Transcription(TypedDict, total=False):
    """How the user's speech is written down."""

    model: str
    language: str
    languages: list[str]
    keywords: list[str]
    prompt: str
    delay: Literal["minimal", "low", "medium", "high", "xhigh"]


class NoiseReduction(TypedDict, total=False):
    """What the microphone is like."""

    type: Literal["near_field", "far_field"]
    strength: Any


class ServerVad(TypedDict, total=False):
    """Turns end by silence."""

    type: Literal["server_vad"]
    threshold: float
    prefix_padding_ms: int
    silence_duration_ms: int
    idle_timeout_ms: int | None
    create_response: bool
    interrupt_response: bool


class SemanticVad(TypedDict, total=False):
    """Turns end by what is said."""

    type: Literal["semantic_vad"]
    eagerness: Literal["low", "medium", "high", "auto"]
    create_response: bool
    interrupt_response: bool


class AudioInput(TypedDict, total=False):
    """What the user says."""

    format: Format
    transcription: Transcription | None
    noise_reduction: NoiseReduction | None
    turn_detection: ServerVad | SemanticVad | None


class AudioOutput(TypedDict, total=False):
    """What the model says."""

    format: Format
    voice: str | dict[str, str]
    speed: float


class SessionAudio(TypedDict, total=False):
    """Both directions."""

    input: AudioInput
    output: AudioOutput


class FunctionTool(TypedDict, total=False):
    """A function that the application carries out."""

    type: Literal["function"]
    name: str
    description: str
    parameters: dict[str, Any]


class McpTool(TypedDict, total=False):
    """A server of tools that OpenAI asks by itself."""

    type: Literal["mcp"]
    server_label: str
    server_url: str
    connector_id: str
    tunnel_id: str
    server_description: str
    authorization: str
    headers: dict[str, str] | None
    allowed_tools: Any
    require_approval: Any
    defer_loading: bool
    allowed_callers: Any


class Session(TypedDict, total=False):
    """What `session.update` takes; the model is fixed when the line dials."""

    type: Literal["realtime", "transcription"]
    output_modalities: list[Literal["audio", "text"]]
    instructions: str
    tools: list[FunctionTool | McpTool]
    tool_choice: str | dict[str, Any]
    parallel_tool_calls: bool
    reasoning: dict[str, Any]
    max_output_tokens: int | Literal["inf"]
    tracing: Any
    truncation: str | dict[str, Any]
    prompt: dict[str, Any] | None
    include: list[str] | None
    audio: SessionAudio
