"""A line to an interpreter: what is said into it comes out in another language, while it is said."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Self

from trunkline.client.budget import process_budget
from trunkline.client.client import Line
from trunkline.client.config import config_of
from trunkline.client.credentials import seal
from trunkline.client.keyform import KeyForm
from trunkline.client.minting import minting
from trunkline.client.models import TRANSLATION_MODEL
from trunkline.errors import ConfigError, LineFailed
from trunkline.protocol.closure import Closure
from trunkline.protocol.policy import LinePolicy
from trunkline.protocol.translation import Translation
from trunkline.transports.websocket import WebSocketTransport

if TYPE_CHECKING:
    from asyncio import Future
    from collections.abc import Mapping, Sequence

    from trunkline.client.credentials import Credential
    from trunkline.client.endpoint import Endpoint
    from trunkline.client.observers import Observer
    from trunkline.client.telemetry import LineTelemetry
    from trunkline.protocol.backoff import RetryBudget
    from trunkline.protocol.outage import Outage
    from trunkline.transports.base import Transport

__all__ = [
    "FINISH_WITHIN",
    "TranslationLine",
    "may_lack_endpoint",
    "translate",
    "translation_session",
]

FINISH_WITHIN = 30.0
"""Seconds for the end of a translation: an interpreter's lag, an outage, and the replay after it."""
_NO_ENDPOINT = "if this server has no translation sessions, tell a conversation to translate (docs/translation.md)"
_UNKNOWN = frozenset({"invalid_model", "model_not_found"})


class TranslationLine(Line):
    """An interpreter's session that outlives its links.

    As a `Line`, but there are no turns: iterating gives `TranslatedAudio`, `TargetText` and, if the speaker is to be
    written down, `SourceText`, besides `LineDropped`, `LineLive`, `LineGap` and the rest that tells of the line. Give
    audio without a pause, silence too: the interpreter's clock is the audio. `send` takes `session.update` only.
    """

    _core = Translation

    async def __aenter__(self) -> Self:
        """Dials, and returns when the line is live. Raises LineFailed if it cannot become so."""
        try:
            return await super().__aenter__()
        except LineFailed as failure:
            if not may_lack_endpoint(failure):
                raise
            advice = f"{failure.advice}; {_NO_ENDPOINT}"
            raise type(failure)(failure.cause, advice, failure.closures) from None

    def finish(self, *, within: float = FINISH_WITHIN) -> Future[None]:
        """Lets the interpreter say the rest, and closes then; begins at once, and may be awaited.

        Go on iterating: what is still said comes, and then the iteration ends. A link that breaks meanwhile is dialed
        again and given what was not translated. After `within` seconds the line is closed, whatever is left; `books()`
        tells how much (`retained`). Audio that is given from now on is kept and not sent.
        """
        return self.drain(within=within)

    def drain(self, *, within: float | None = None) -> Future[None]:
        """As `finish`; without a time the one of that."""
        return super().drain(within=FINISH_WITHIN if within is None else within)


def translation_session(
    to: str, *, transcribe: str | None = None, noise_reduction: str | None = None
) -> dict[str, Any]:
    """The settings of an interpreter's session, as a `Mint` takes them. Raises ConfigError for no language."""
    if not to.strip():
        raise ConfigError("to", "give the language to translate into, such as es")
    heard: dict[str, Any] = {}
    if transcribe is not None:
        heard["transcription"] = {"model": transcribe}
    if noise_reduction is not None:
        heard["noise_reduction"] = {"type": noise_reduction}
    audio: dict[str, Any] = {"output": {"language": to}}
    return {"type": "translation", "audio": audio | ({"input": heard} if heard else {})}


def translate(
    *,
    to: str,
    transcribe: str | None = None,
    noise_reduction: str | None = None,
    model: str = TRANSLATION_MODEL,
    api_key: Credential | None = None,
    base_url: str | None = None,
    endpoint: Endpoint | None = None,
    key_form: KeyForm = KeyForm.AUTO,
    ephemeral: int | None = None,
    organization: str | None = None,
    project: str | None = None,
    safety_identifier: str | None = None,
    policy: LinePolicy | None = None,
    outage: Outage | None = None,
    observers: Sequence[Observer] = (),
    transport: Transport | None = None,
    budget: RetryBudget | None = None,
    seed: int | None = None,
    telemetry: LineTelemetry | None = None,
    name: str = "",
) -> TranslationLine:
    """A line to an interpreter that translates into the language `to`, a tag such as `es`; dials when it is entered.

    The source language is found by the model. `transcribe` is a model that writes the speaker down, such as
    `gpt-realtime-whisper`; `noise_reduction` is `near_field` or `far_field`. All others as in `connect`; a `policy`
    has no session of its own. Raises ConfigError for settings that cannot work, among them servers that are known to
    have no translation sessions.
    """
    api_key = seal(api_key)
    if policy is not None and policy.session:
        raise ConfigError("policy", "the session is what `to` and the others say; leave it out")
    session = translation_session(to, transcribe=transcribe, noise_reduction=noise_reduction)
    config = config_of(
        model=model,
        api_key=api_key,
        base_url=base_url,
        endpoint=endpoint,
        key_form=key_form,
        organization=organization,
        project=project,
        safety_identifier=safety_identifier,
        name=name,
        policy=_policy(policy or LinePolicy(), session, outage),
    )
    transport = transport or WebSocketTransport()
    return TranslationLine(
        config if ephemeral is None else minting(config, ephemeral, transport),
        transport=transport,
        observers=tuple(observers),
        budget=budget or process_budget(),
        seed=seed,
        telemetry=telemetry,
    )


def _policy(policy: LinePolicy, session: Mapping[str, Any], outage: Outage | None) -> LinePolicy:
    return replace(policy, session=dict(session), outage=outage or policy.outage)


def may_lack_endpoint(failure: LineFailed) -> bool:
    """Whether the end of the last link is what a server without translation sessions makes of the dial."""
    last = failure.closures[-1] if failure.closures else None
    if not isinstance(last, Closure):
        return False
    said = {last.error_code, last.reason.rpartition(".")[2]}
    return last.status == 404 or bool(said & _UNKNOWN)
