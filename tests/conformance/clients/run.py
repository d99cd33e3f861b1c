"""Runs the real clients on the simulator and prints the table of docs/simulator.md.

Each client gets an environment of its own under build/clients, from pinned requirements (../requirements
for Python, package-lock.json for npm), and a simulator of its own. What cannot be installed or run is
printed with the reason and counts as failed. The server's record is read as well: a request that it
refused is shown beside what the client saw.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import shutil
import ssl
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

from environments import python_of  # noqa: E402

ROOT = HERE.parents[2]
KEY = "sk-test-clients"
DRIVER_SECONDS = 240
"""Seven flows of at most 25 s, and the start of a framework."""


@dataclass(frozen=True)
class Client:
    name: str
    driver: str
    package: str
    """Whose version is told."""
    environment: str = ""
    """Of a Python client: the name of its requirements."""
    options: tuple[str, ...] = ()

    @property
    def is_npm(self) -> bool:
        return self.driver.endswith(".mjs")


CLIENTS = (
    Client("openai (Python)", "openai_python.py", "openai", "openai"),
    Client("openai-agents (Python)", "openai_agents.py", "openai-agents", "openai_agents"),
    Client("livekit-plugins-openai", "livekit_agents.py", "livekit-plugins-openai", "livekit"),
    Client("pipecat-ai", "pipecat_service.py", "pipecat-ai", "pipecat"),
    Client("openai (npm, ws)", "openai_npm.mjs", "openai"),
    Client("openai (npm, native WebSocket)", "openai_npm.mjs", "openai", options=("--native",)),
    Client("@openai/agents-realtime (npm)", "openai_agents_npm.mjs", "@openai/agents-realtime"),
)


def python_environment(client: Client, environments: Path) -> list[str]:
    """The interpreter that has the client, and the driver; it is installed first if it is not there."""
    return [str(python_of(client.environment, environments)), str(HERE / client.driver)]


def npm_environment(client: Client, environments: Path) -> list[str]:
    """Node and the driver beside its modules, where Node looks for them."""
    home = environments / "npm"
    home.mkdir(parents=True, exist_ok=True)
    locked = (HERE / "package-lock.json").read_bytes()
    installed = home / ".installed"
    if not installed.exists() or installed.read_bytes() != locked:
        if shutil.which("npm") is None:
            message = "there is no npm (Debian: apt-get install npm)"
            raise OSError(message)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(HERE / name, home / name)
        install = ["npm", "ci", "--no-audit", "--no-fund", "--silent"]
        subprocess.run(install, cwd=home, check=True, capture_output=True, text=True)
        installed.write_bytes(locked)
    for name in ("flows.mjs", client.driver):
        shutil.copy(HERE / name, home / name)
    # openai 7 wants Node 22, which the package `node` brings.
    return [str(home / "node_modules" / ".bin" / "node"), str(home / client.driver)]


@contextlib.contextmanager
def simulator(folder: Path, *, tls: bool) -> Iterator[dict[str, str]]:
    """A running simulator as the environment of its client."""
    folder.mkdir(parents=True, exist_ok=True)
    authority = folder / "authority.pem"
    options = ["--tls", "--tls-authority", str(authority)] if tls else []
    command = [sys.executable, "-m", "trunkline", "simulate", "--port", "0", *options]
    process = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    try:
        assert process.stdout is not None
        base_url = process.stdout.readline().strip()
        if not base_url:
            message = "the simulator did not start"
            raise OSError(message)
        found = {"OPENAI_BASE_URL": base_url, "OPENAI_API_KEY": KEY}
        trust = {"NODE_EXTRA_CA_CERTS": str(authority), "SSL_CERT_FILE": str(authority)}
        yield found | (trust if tls else {})
    finally:
        process.terminate()
        process.wait(10)


def refusals(found: dict[str, str]) -> list[str]:
    """What the server refused, by its own record."""
    url = found["OPENAI_BASE_URL"].removesuffix("/v1") + "/simulator/sessions"
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {KEY}"})
    trust = found.get("SSL_CERT_FILE")
    context = ssl.create_default_context(cafile=trust) if trust else None
    with urllib.request.urlopen(request, context=context, timeout=10) as answer:
        sessions = json.load(answer)["sessions"]
    return [f"{one['type']}: {one['message']}" for each in sessions for one in each["violations"]]


def run(client: Client, environments: Path) -> dict[str, Any]:
    """The driver's line and what the server refused, or `{"reason": …}` if there is no line."""
    try:
        make = npm_environment if client.is_npm else python_environment
        command = [*make(client, environments), *client.options]
        with simulator(environments, tls=client.is_npm) as found:
            own = {"TRUNKLINE_SPEECH": str(ROOT / "python" / "trunkline" / "speech")}
            done = subprocess.run(
                command,
                cwd=Path(command[1]).parent,
                env={name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
                | own
                | found,
                capture_output=True,
                text=True,
                timeout=DRIVER_SECONDS,
                check=False,
            )
            return json.loads(done.stdout) | {
                "refused": refusals(found),
                "stderr": done.stderr,
            }
    except (subprocess.SubprocessError, OSError) as error:
        words = (getattr(error, "stderr", "") or str(error)).strip().splitlines()
        return {"reason": words[-1] if words else "no word"}
    except ValueError:
        words = done.stderr.strip().splitlines()
        return {"reason": words[-1] if words else "the driver printed nothing"}


def row(client: Client, document: dict[str, Any]) -> str:
    if "reason" in document:
        return f"| {client.name} | – | not run: {document['reason']} | |"
    flows = document["flows"]
    failed = [f"{name}: {saw['failed']}" for name, saw in flows.items() if "failed" in saw]
    told = f"{len(flows) - len(failed)} of {len(flows)}"
    words = "; ".join([told, *failed])
    return f"| {client.name} | {document['version']} | {words} | {'; '.join(document['refused'])} |"


def has_passed(document: dict[str, Any]) -> bool:
    flows = document.get("flows", {})
    return bool(flows) and not any("failed" in saw for saw in flows.values())


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", action="append", help="a driver's file name; may be repeated")
    parser.add_argument("--environments", type=Path, default=ROOT / "build" / "clients")
    parser.add_argument("--keep", type=Path, help="a folder for the JSON documents")
    given = parser.parse_args()
    print(
        "| client | version | flows passed | refused by the server |\n|---|---|---|---|", flush=True
    )
    whole = True
    for client in CLIENTS:
        if given.only and client.driver not in given.only:
            continue
        document = run(client, given.environments.resolve())
        whole &= has_passed(document)
        print(row(client, document), flush=True)
        if given.keep:
            given.keep.mkdir(parents=True, exist_ok=True)
            name = "-".join([Path(client.driver).stem, *client.options])
            (given.keep / f"{name}.json").write_text(json.dumps(document, indent=1))
    return 0 if whole else 1


if __name__ == "__main__":
    sys.exit(main())
