"""Which extra has the package that is not here."""

from __future__ import annotations

__all__ = ["EXTRAS", "missing_extra"]

# Package to extra. What asks for its own package says so itself (`devices/portaudio.py` and others); these are
# imported at the top of modules, by whole layers.
EXTRAS = {
    "aiohttp": "simulator",
    "keyring": "keyring",
    "livekit": "aec",
    "openai": "openai",
    "opentelemetry": "otel",
    "PIL": "report",
    "prometheus_client": "metrics",
    "rich": "tui",
    "sounddevice": "devices",
    "soundfile": "wav",
    "soxr": "wav",
    "textual": "tui",
    "textual_serve": "serve",
    "trustme": "simulator",
}


def missing_extra(error: ModuleNotFoundError) -> str | None:
    """What to install, in one line; None if the module is of no extra, which is a fault and no choice."""
    package = (error.name or "").partition(".")[0]
    extra = EXTRAS.get(package)
    if extra is None:
        return None
    return (
        f"this needs the extra '{extra}': pip install 'trunkline[{extra}]' ({package} is not here)"
    )
