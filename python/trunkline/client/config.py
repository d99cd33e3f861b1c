"""What a line is told before it dials, and the only place that reads the environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from trunkline.client.credentials import seal
from trunkline.client.endpoint import DEFAULT_BASE_URL, Endpoint, check_call_id
from trunkline.client.keyform import KeyForm, warn_of
from trunkline.client.keystore import key_file, keyring_key
from trunkline.client.models import DEFAULT_MODEL, warn_if_leaving
from trunkline.client.redaction import guard_logs
from trunkline.client.standing import standing
from trunkline.client.validation import check_session
from trunkline.errors import ConfigError
from trunkline.protocol.dialect import Dialect
from trunkline.protocol.policy import LinePolicy, law_of
from trunkline.protocol.settings import merge
from trunkline.transports.base import Target

if TYPE_CHECKING:
    from trunkline.client.credentials import Credential, Secret
    from trunkline.client.session import Session
    from trunkline.protocol.outage import Outage
    from trunkline.protocol.snapshot import Snapshot

__all__ = [
    "DEFAULT_BASE_URL",
    "DEFAULT_MODEL",
    "LineConfig",
    "address",
    "check_snapshot",
    "config_of",
    "from_env",
    "plain_session",
    "policy_of",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class LineConfig:
    """Where to dial, as whom, and for what."""

    model: str = DEFAULT_MODEL
    """On Azure the name of a deployment."""
    base_url: str = DEFAULT_BASE_URL
    """Says also what kind of server it is, if no `endpoint` does."""
    endpoint: Endpoint | None = None
    credential: Credential = field(repr=False)
    key_form: KeyForm = KeyForm.AUTO
    organization: str | None = None
    project: str | None = None
    safety_identifier: str | None = None
    """Stands for the person who talks, so that abuse is laid to nobody else: a hash, no name and no address."""
    call_id: str | None = None
    """Of a call (WebRTC or SIP) that others hold: the line listens to it and steers it."""
    policy: LinePolicy = field(default_factory=LinePolicy)
    name: str = ""
    """What people call the line, in a console and in logs."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "credential", seal(self.credential))
        guard_logs()
        if self.endpoint is not None and self.base_url != DEFAULT_BASE_URL:
            raise ConfigError("base_url", "the endpoint has one already; give one of them")
        if self.call_id is not None:
            check_call_id(self.call_id)
        dialect, attached = self._dialect(), self.call_id is not None
        object.__setattr__(self, "policy", replace(self.policy, dialect=dialect, attached=attached))
        self.url()
        self._check_names()
        law = self.policy.law
        check_session(self.policy.session, rate_hz=self.policy.rate_hz, dialect=dialect, law=law)
        _check_policy(self.policy)
        warn_of(self.key_form)
        if not attached and not self.server().is_azure:
            warn_if_leaving(self.model, self.policy.session)

    @property
    def translates(self) -> bool:
        """Whether the session is an interpreter's and no conversation."""
        return self.policy.session.get("type") == "translation"

    def _dialect(self) -> Dialect:
        server = self.server()
        if not self.translates:
            return server.dialect
        if server.dialect is not Dialect.GA or server.is_azure:
            reason = "only the API of OpenAI is known to have translation sessions"
            raise ConfigError("base_url", f"{reason}; tell a conversation to translate instead")
        return Dialect.TRANSLATION

    def server(self) -> Endpoint:
        """The kind of server that is dialed."""
        return self.endpoint or Endpoint.at(self.base_url)

    def url(self, *, conversation_id: str = "") -> str:
        """The address of the session, without any key."""
        return self.server().url(
            self.model,
            call_id=self.call_id,
            conversation_id=conversation_id,
            transcribes=self.policy.session.get("type") == "transcription",
            translates=self.translates,
        )

    def headers(self) -> list[tuple[str, str]]:
        """The headers that hold no secret."""
        named = (
            ("OpenAI-Organization", self.organization),
            ("OpenAI-Project", self.project),
            ("OpenAI-Safety-Identifier", self.safety_identifier),
        )
        return [(name, value) for name, value in named if value]

    def target(self, secret: Secret, *, conversation_id: str = "") -> Target:
        """What one attempt dials and shows. Raises ConfigError for a key that its form cannot carry."""
        shown = self.server().show(secret, self.key_form, names=tuple(self.headers()))
        return Target(
            url=self.url(conversation_id=conversation_id),
            headers=shown.headers,
            subprotocols=shown.subprotocols,
            query=shown.query,
        )

    def _check_names(self) -> None:
        for name, value in self.headers():
            if not value.isascii() or not value.isprintable() or value != value.strip():
                raise ConfigError(name, "it holds characters that no header may carry")


def from_env(name: str) -> str | None:
    """The value of an environment variable, or None if it is empty."""
    return os.environ.get(name, "").strip() or None


def plain_session(session: Session | Mapping[str, Any] | None) -> dict[str, Any]:
    """The settings as a dict of our own. Raises ConfigError for what is no object."""
    if session is None or isinstance(session, Mapping):
        return dict(session or {})
    raise ConfigError("session", f"it is an object, not a {type(session).__name__}")


def config_of(
    *,
    model: str | None = None,
    api_key: Credential | None = None,
    base_url: str | None = None,
    endpoint: Endpoint | None = None,
    session: Session | Mapping[str, Any] | None = None,
    policy: LinePolicy | None = None,
    organization: str | None = None,
    project: str | None = None,
    **more: Any,
) -> LineConfig:
    """Where to dial, as whom, and for what; what is not given is asked of the environment.

    The address is OPENAI_BASE_URL, unless `base_url` or an `endpoint` is given. The key is in the variable that
    belongs to the server (OPENAI_API_KEY, AZURE_OPENAI_API_KEY, XAI_API_KEY), or in the file that the same variable
    with `_FILE` names, or in the keyring's entry that it names with `_KEYRING` (SERVICE or SERVICE/USER); the first of
    these that there is. OPENAI_ORG_ID and OPENAI_PROJECT_ID are for servers that are neither Azure nor xAI. What a
    command was told by options and files comes before the address and the key (`standing`). `session` is what
    `session.update` would take. `more` are other fields of LineConfig. Raises ConfigError for what cannot work.
    """
    # From here on no frame shows it, if something goes wrong and a traceback has its locals.
    api_key = seal(api_key)
    if endpoint is not None and base_url is not None:
        raise ConfigError("base_url", "the endpoint has one already; give one of them")
    server = endpoint or Endpoint.at(base_url or address())
    is_ours = endpoint is None and base_url is None
    credential = api_key or _key_for(server.key_variable, is_ours)
    if credential is None:
        raise ConfigError("api_key", f"give one, or set {server.key_variable}")
    model = model or server.default_model
    if model is None and more.get("call_id") is None:
        raise ConfigError("model", "on Azure it is the name of your deployment; give that")
    is_plain = server.key_variable == "OPENAI_API_KEY"
    return LineConfig(
        model=model or "",
        endpoint=server,
        credential=credential,
        organization=organization or (_organization() if is_plain else None),
        project=project or (_project() if is_plain else None),
        policy=policy or LinePolicy.of(plain_session(session)),
        **more,
    )


def address() -> str:
    """Where a line dials that nobody names a server to. Raises ConfigError for what must not be dialed."""
    return standing().base_url() or from_env("OPENAI_BASE_URL") or DEFAULT_BASE_URL


def _organization() -> str | None:
    return from_env("OPENAI_ORG_ID") or standing().organization


def _project() -> str | None:
    return from_env("OPENAI_PROJECT_ID") or standing().project


def _key_for(variable: str, is_ours: bool) -> Credential | None:
    return standing().credential(variable, is_ours) or _key_from_env(variable)


def _key_from_env(variable: str) -> Credential | None:
    if (key := from_env(variable)) is not None:
        return seal(key)
    if (path := from_env(f"{variable}_FILE")) is not None:
        return key_file(path)
    entry = from_env(f"{variable}_KEYRING")
    return None if entry is None else keyring_key(*entry.split("/", 1))


def _check_policy(policy: LinePolicy) -> None:
    if policy.retention_ms < policy.replay_limit_ms:
        raise ConfigError("retention_ms", "it must not be less than replay_limit_ms")
    if policy.law is not None and policy.law != law_of(policy.session, "output"):
        reason = "a line speaks one format both ways: give audio.output.format the input's, too"
        raise ConfigError("session.audio.output.format", reason)
    if policy.replay_pace <= 0:
        raise ConfigError("replay_pace", "it must be more than 0; 8.0 is the default")


def check_snapshot(snapshot: Snapshot, policy: LinePolicy) -> None:
    """Raises ConfigError if the line cannot go on with the audio of a snapshot."""
    if snapshot.rate_hz != policy.rate_hz:
        reason = f"the line speaks {policy.rate_hz} Hz; give a policy with the snapshot's rate"
        raise ConfigError(
            "restore.rate_hz", f"the snapshot's audio has {snapshot.rate_hz} Hz, {reason}"
        )


def policy_of(
    session: Session | Mapping[str, Any] | None,
    policy: LinePolicy | None,
    outage: Outage | None,
    snapshot: Snapshot | None,
) -> LinePolicy:
    """The policy of a line, put together from what `connect` takes. Raises ConfigError if it does not fit together."""
    if session is not None and policy is not None:
        raise ConfigError("session", "give it in the policy, or alone")
    desired = policy.session if policy is not None else plain_session(session)
    if snapshot is not None:
        desired = merge(snapshot.session, desired)
    if desired.get("type") == "translation":
        raise ConfigError(
            "session.type", "an interpreter has a line of its own: trunkline.translate"
        )
    policy = LinePolicy.of(desired) if policy is None else replace(policy, session=desired)
    if outage is not None:
        policy = replace(policy, outage=outage)
    if snapshot is not None:
        check_snapshot(snapshot, policy)
    return policy
