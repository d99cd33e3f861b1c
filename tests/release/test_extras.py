"""Each extra, installed alone beside the wheel, brings what its feature imports; together they agree."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from release.shipped import ROOT, need_dist, need_tools, one, tool

need_dist()
need_tools()

SPEECH = ROOT / "python/trunkline/speech/caller_1.wav"
# What a feature does first, and the library under it.
USES = {
    "": "from trunkline import connect; from trunkline.audio import codec; codec.backends()",
    "tui": "import trunkline.tui.app",
    "simulator": "import trunkline.simulator.server, trunkline.gauntlet.arena, trustme",
    "wav": f"from trunkline.devices.wavfile import read_wav; assert read_wav({str(SPEECH)!r}, rate_hz=16000)",
    "keyring": "import keyring; keyring.get_keyring()",
    "report": "from PIL import Image, ImageDraw, ImageFont; ImageFont.load_default(24)",
    "serve": "import aiohttp, textual_serve.server, trunkline.tui.app",
    "zstd": "from trunkline.fleet.coding import Coding, best_coding; assert best_coding() is Coding.ZSTD",
    # The library under it is the system's on Linux.
    "devices": "from importlib.util import find_spec; assert find_spec('sounddevice')",
    "aec": "from trunkline.devices.echo import _library; _library()",
    "metrics": "import trunkline; trunkline.PrometheusCollector()",
    "otel": "import trunkline; trunkline.OpenTelemetry()",
    "openai": "import trunkline.adapters.openai",
    "all": "import textual, aiohttp, soundfile, keyring, PIL, textual_serve, opentelemetry",
}


def uv(*arguments: str, **variables: str) -> str:
    run = subprocess.run(
        [tool("uv"), *arguments],
        env=os.environ | variables, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    return run.stdout + run.stderr


@pytest.fixture(scope="module")
def pins(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The locked versions, so that a release of somebody else's breaks nothing here."""
    lock = (ROOT / "requirements-dev.lock").read_text(encoding="utf-8")
    lines = (line.partition(" \\")[0] for line in lock.splitlines() if "==" in line)
    file = tmp_path_factory.mktemp("pins") / "pins.txt"
    file.write_text("\n".join(line for line in lines if line[0].isalpha()), encoding="utf-8")
    return file


@pytest.mark.timeout(180)
@pytest.mark.parametrize("extra", USES, ids=lambda extra: extra or "none")
def test_an_extra_alone_is_enough_for_its_feature(extra: str, pins: Path, tmp_path: Path):
    home = str(tmp_path / "venv")
    uv("venv", "--quiet", home)
    wanted = f"trunkline{f'[{extra}]' if extra else ''} @ {one('*.whl').as_uri()}"
    uv("pip", "install", "--quiet", "--python", home, "--constraint", str(pins), wanted)
    uv("pip", "check", "--python", home)
    run = subprocess.run(
        [f"{home}/bin/python", "-W", "error", "-c", USES[extra]],
        cwd=tmp_path, env={"HOME": str(tmp_path), "PATH": ""}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
