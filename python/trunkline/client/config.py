"""What a line is told before it dials, and the only place that reads the environment."""

from __future__ import annotations

import ipaddress
import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from trunkline.errors import ConfigError
from trunkline.protocol.policy import LinePolicy

if TYPE_CHECKING:
    from trunkline.client.credentials import Credential
    from trunkline.protocol.snapshot import Snapshot

__all__ = [
    "DEFAULT_BASE_URL",
    "DEFAULT_MODEL",
    "LineConfig",
    "check_snapshot",
    "from_env",
    "realtime_url",
]

DEFAULT_BASE_URL = "https://api.openai.com/v1"
DEFAULT_MODEL = "gpt-realtime-2.1"
_CREDENTIAL_NAMES = frozenset({"api-key", "api_key", "apikey", "key", "token", "access_token"})


@dataclass(frozen=True, slots=True, kw_only=True)
class LineConfig:
    """Where to dial, as whom, and for what."""

    model: str = DEFAULT_MODEL
    base_url: str = DEFAULT_BASE_URL
    credential: Credential = field(repr=False)
    organization: str | None = None
    project: str | None = None
    policy: LinePolicy = field(default_factory=LinePolicy)

    def __post_init__(self) -> None:
        self.url()
        _check_audio(self.policy)

    def url(self) -> str:
        """The address of the session."""
        return realtime_url(self.base_url, self.model)

    def headers(self) -> list[tuple[str, str]]:
        """The headers that hold no secret."""
        named = (("OpenAI-Organization", self.organization), ("OpenAI-Project", self.project))
        return [(name, value) for name, value in named if value]


def from_env(name: str) -> str | None:
    """The value of an environment variable, or None if it is empty."""
    return os.environ.get(name, "").strip() or None


def realtime_url(base_url: str, model: str) -> str:
    """The WebSocket address for a base URL such as `https://host/v1`.

    Raises ConfigError for anything but https and wss (http and ws to a literal loopback address), and
    for an address that carries a credential: addresses end up in logs, errors and process lists.
    """
    parts = urlsplit(base_url)
    scheme = {"https": "wss", "wss": "wss", "http": "ws", "ws": "ws"}.get(parts.scheme)
    if scheme is None or not parts.hostname:
        raise ConfigError("base_url", "it must look like https://host/v1")
    if scheme == "ws" and not _is_loopback(parts.hostname):
        raise ConfigError(
            "base_url", "without TLS only a loopback address may be dialed; use https"
        )
    query = parse_qsl(parts.query)
    if parts.username or parts.password or any(_is_credential(*pair) for pair in query):
        raise ConfigError("base_url", "it holds a credential; give the key as api_key instead")
    path = parts.path.rstrip("/") + "/realtime"
    return urlunsplit((scheme, parts.netloc, path, urlencode([*query, ("model", model)]), ""))


def _is_credential(name: str, value: str) -> bool:
    return name.lower() in _CREDENTIAL_NAMES or value.startswith(("sk-", "ek_"))


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _check_audio(policy: LinePolicy) -> None:
    audio: dict[str, Any] = policy.session.get("audio") or {}
    for direction in ("input", "output"):
        format_ = (audio.get(direction) or {}).get("format") or {}
        if format_.get("type", "audio/pcm") != "audio/pcm":
            setting = f"session.audio.{direction}.format"
            raise ConfigError(setting, "this version speaks audio/pcm only")
    if policy.retention_ms < policy.replay_limit_ms:
        raise ConfigError("retention_ms", "it must not be less than replay_limit_ms")
    if policy.replay_pace <= 0:
        raise ConfigError("replay_pace", "it must be more than 0; 8.0 is the default")


def check_snapshot(snapshot: Snapshot, policy: LinePolicy) -> None:
    """Raises ConfigError if the line cannot go on with the audio of a snapshot."""
    if snapshot.rate_hz != policy.rate_hz:
        reason = f"the line speaks {policy.rate_hz} Hz; give a policy with the snapshot's rate"
        raise ConfigError(
            "restore.rate_hz", f"the snapshot's audio has {snapshot.rate_hz} Hz, {reason}"
        )
