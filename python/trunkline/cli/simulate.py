"""`trunkline simulate`: the simulator alone."""

from __future__ import annotations

import gc
import tempfile
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import click

from trunkline.cli.aside import tell
from trunkline.errors import ConfigError

if TYPE_CHECKING:
    from trunkline.simulator.scenario import Scenario

__all__ = ["simulate"]

_PROFILES = ["openai-ga", "openai-beta", "azure-ga", "azure-preview", "xai"]
"""As in trunkline.simulator.profiles, which --help must not have to load; a test compares them."""


@click.command()
@click.option("--port", default=0, show_default=True, help="Port on loopback; 0 takes a free one.")
@click.option(
    "--voice",
    type=click.Choice(["interpreter", "echo", "tone"]),
    default="interpreter",
    show_default=True,
    help="Who answers: an interpreter with recorded turns, an echo, or a tone.",
)
@click.option(
    "--wav",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="A folder of WAV files to answer with, instead of a voice; NAME.txt holds NAME.wav's words.",
)
@click.option(
    "--profile",
    type=click.Choice(_PROFILES),
    default="openai-ga",
    show_default=True,
    help="Which server to imitate: paths, keys, names of events.",
)
@click.option("--scenario", type=click.File(), help="Faults, as TOML or JSON; - reads stdin.")
@click.option("--seed", default=0, show_default=True, help="Seed of ids and chance.")
@click.option("--pace", default=5.0, show_default=True, help="Reply audio per second of time.")
@click.option("--lifetime", type=float, help="Age of a session's end in seconds.  [default: 3600]")
@click.option(
    "--expiry",
    type=click.Choice(["both", "error", "close"]),
    default="both",
    show_default=True,
    help="What a session of that age is told: an error event and 1001, or one of them.",
)
@click.option(
    "--gateway/--no-gateway",
    default=None,
    help="Turn away by HTTP statuses instead of after the upgrade.  [default: as the profile does]",
)
@click.option("--fragment", type=int, help="Send longer messages in fragments of so many bytes.")
@click.option("--deflate", is_flag=True, help="Accept permessage-deflate if it is offered.")
@click.option("--tls", is_flag=True, help="Serve https and wss with a certificate made on the fly.")
@click.option(
    "--tls-authority",
    type=click.Path(dir_okay=False, path_type=Path),
    help="With --tls: where to write what clients have to trust.  [default: a temporary file]",
)
def simulate(
    *, scenario: IO[str] | None, wav: Path | None, tls_authority: Path | None, **options: Any
) -> None:
    """A Realtime server for tests, on this machine.

    Prints its base URL on the first line and serves until it is interrupted. Any key that begins with
    sk-test is accepted.
    """
    import asyncio

    from trunkline.simulator.server import serve

    settings = _settings(options)
    if wav is not None:
        from trunkline.simulator.recordings import replies_in
        from trunkline.simulator.voice import Recorded

        settings["voice"] = Recorded(replies_in(wav))
    authority = _authority_file(tls_authority, is_needed=bool(settings["tls"]))
    # The records only grow, and hold no cycles: looking through them again and again would stop
    # every session for a tenth of a second once there are a million entries.
    gc.freeze()
    gc.set_threshold(100_000, 50, 1000)
    asyncio.run(
        serve(
            announce=lambda base_url: _announce(base_url, authority),
            scenario=_plan(scenario) if scenario else None,
            authority_file=authority,
            **settings,
        )
    )


def _settings(options: dict[str, Any]) -> dict[str, Any]:
    """The server's settings for the options of the same or another name."""
    from trunkline.simulator.profiles import profile_named
    from trunkline.simulator.timing import Timing

    pace, lifetime, fragment = (options.pop(name) for name in ("pace", "lifetime", "fragment"))
    if pace <= 0:
        raise ConfigError("--pace", "it must be above 0")
    if lifetime is not None and lifetime <= 0:
        raise ConfigError("--lifetime", "it must be above 0")
    if lifetime is None:
        lifetime = profile_named(options["profile"]).lifetime
    timing = Timing(pace=pace, lifetime=lifetime)
    return options | {"timing": timing, "fragment_bytes": fragment}


def _plan(file: IO[str]) -> Scenario:
    from trunkline.simulator.scenario import Scenario

    return Scenario.from_text(file.read(), "--scenario" if file.name == "<stdin>" else file.name)


def _authority_file(wanted: Path | None, *, is_needed: bool) -> Path | None:
    if not is_needed:
        return None
    return wanted or Path(tempfile.mkdtemp(prefix="trunkline-")) / "authority.pem"


def _announce(base_url: str, authority: Path | None) -> None:
    click.echo(base_url)
    trust = ""
    if authority is not None:
        trust = f"SSL_CERT_FILE={authority} "
        tell(f"trust: {authority} (SSL_CERT_FILE, NODE_EXTRA_CA_CERTS)")
    tell(
        f"try: {trust}OPENAI_API_KEY=sk-test-1 OPENAI_BASE_URL={base_url} trunkline talk --wav FILE.wav"
    )
