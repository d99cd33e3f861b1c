"""`trunkline secret`: mints one ephemeral key and prints it with the time it ends."""

from __future__ import annotations

import json
from typing import IO, TYPE_CHECKING, Any

import click

from trunkline.cli.aside import tell
from trunkline.cli.dialing import dial_options
from trunkline.cli.settings.use import said_now
from trunkline.errors import ConfigError, LineFailed, LinkClosed

if TYPE_CHECKING:
    from trunkline.client.config import LineConfig
    from trunkline.client.minting import Minted

__all__ = ["secret"]


@click.command()
@click.option("--ttl", default=600, show_default=True, help="Seconds it lives: 10 to 7200.")
@click.option("--model", help="The model of its sessions.")
@click.option("--instructions", help="What the model is told to be.")
@click.option("--voice", help="The voice it answers with.")
@click.option(
    "--translate-to", "target", help="For translation sessions into this language, as es or pt-BR."
)
@click.option("--session", type=click.File(), help="All settings, as a JSON file; - reads stdin.")
@click.option(
    "--json", "as_json", is_flag=True, help="One JSON document: value, expires_at, model."
)
@dial_options
def secret(
    *,
    ttl: int,
    model: str | None,
    instructions: str | None,
    voice: str | None,
    target: str | None,
    session: IO[str] | None,
    as_json: bool,
) -> None:
    """Mint an ephemeral key for a browser or a device.

    Prints it on stdout and the time it ends on stderr. The API key comes from OPENAI_API_KEY (or the file
    OPENAI_API_KEY_FILE), the server from OPENAI_BASE_URL, or both from files (docs/configuration.md); neither is
    printed.
    """
    import asyncio

    from trunkline.client.config import config_of
    from trunkline.client.minting import Mint

    if target is not None:
        # What is kept in files is for conversations.
        now = said_now({"model": model, "voice": voice})
        model, voice = now["model"], now["voice"]
    settings = _settings(session, instructions, voice)
    if target is not None:
        model, settings = _translation(target, model, settings)
    config = config_of(model=model, session=settings)
    try:
        minted = asyncio.run(Mint(config, ttl=ttl).mint())
    except LinkClosed as ended:
        raise _failed(ended) from ended
    _print(minted, config, as_json=as_json)


def _settings(file: IO[str] | None, instructions: str | None, voice: str | None) -> dict[str, Any]:
    from trunkline.protocol.settings import merge

    settings: dict[str, Any] = {}
    if file is not None:
        try:
            settings = json.load(file)
        except ValueError as error:
            raise ConfigError("--session", f"it is no JSON: {error}") from error
        if not isinstance(settings, dict):
            raise ConfigError("--session", "it must hold one JSON object")
    if instructions is not None:
        settings = merge(settings, {"instructions": instructions})
    if voice is not None:
        settings = merge(settings, {"audio": {"output": {"voice": voice}}})
    return settings


def _translation(
    target: str, model: str | None, settings: dict[str, Any]
) -> tuple[str, dict[str, Any]]:
    from trunkline.cli.languages import Language
    from trunkline.client.models import TRANSLATION_MODEL
    from trunkline.client.translation import translation_session

    if settings:
        reason = "an interpreter takes no other settings; leave out --session and the rest"
        raise ConfigError("--translate-to", reason)
    into = Language(target, setting="--translate-to")
    return model or TRANSLATION_MODEL, translation_session(into.tag)


def _failed(ended: LinkClosed) -> LineFailed:
    from trunkline.protocol.closure import Closure, judge

    closure = ended.closure
    assert isinstance(closure, Closure)
    verdict = judge(closure, renewable=False)
    return LineFailed(verdict.cause, verdict.advice, [closure])


def _print(minted: Minted, config: LineConfig, *, as_json: bool) -> None:
    from datetime import UTC, datetime

    token = minted.token
    if as_json:
        document = {
            "value": token.secret.reveal(),
            "expires_at": int(token.expires_at),
            "model": config.model,
        }
        click.echo(json.dumps(document))
        return
    click.echo(token.secret.reveal())
    ends = datetime.fromtimestamp(token.expires_at, UTC)
    tell(f"expires {ends:%Y-%m-%d %H:%M:%S} UTC, for {config.model}")
