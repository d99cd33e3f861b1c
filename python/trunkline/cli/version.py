"""`trunkline version`: which trunkline this is, and what it runs on."""

from __future__ import annotations

import json
from typing import Any

import click

__all__ = ["version"]

_PACKAGES = ("websockets", "numpy", "orjson", "click", "h11")
_EXTRAS = ("textual", "aiohttp", "sounddevice", "livekit", "soundfile", "keyring")


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def version(*, as_json: bool) -> None:
    """The version, and what it runs on: Python, the extension and its kernels, the packages below.

    What is not installed is null, or left out without --json.
    """
    facts = _facts()
    if as_json:
        click.echo(json.dumps(facts, indent=2))
        return
    codec, packages = facts["codec"], facts["packages"]
    installed = ", ".join(f"{name} {number}" for name, number in packages.items() if number)
    click.echo(f"trunkline {facts['version']}")
    click.echo(f"python    {facts['python']} ({facts['implementation']}, {facts['platform']})")
    click.echo(
        f"codec     {codec['backend']} of {', '.join(codec['backends'])} ({codec['build']} build)"
    )
    click.echo(f"packages  {installed}")


def _facts() -> dict[str, Any]:
    import platform

    from trunkline import __version__
    from trunkline.audio import codec

    return {
        "schema": "trunkline.version/1",
        "version": __version__,
        "python": platform.python_version(),
        "implementation": platform.python_implementation(),
        "platform": f"{platform.system()} {platform.machine()}",
        "codec": {
            "backend": codec.backend(),
            "backends": list(codec.backends()),
            "build": codec.build_profile(),
        },
        "packages": {name: _version(name) for name in (*_PACKAGES, *_EXTRAS)},
    }


def _version(package: str) -> str | None:
    from importlib import metadata

    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None
