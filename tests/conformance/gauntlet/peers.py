"""Runs every driver through the gauntlet and prints the tables of docs/gauntlet.md, which `--json` keeps.

Each peer gets an environment of its own under build/gauntlet, from its pinned requirements. What
cannot be installed or run is printed with the reason, never left out.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import platform
import shlex
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

from environments import python_of  # noqa: E402

ROOT = HERE.parents[2]


@dataclass(frozen=True)
class Peer:
    name: str
    driver: str
    package: str
    """Whose version is shown; empty = ours."""
    environment: str = ""
    """The name of its requirements; empty = ours."""
    options: tuple[str, ...] = ()


LINE = "--trunkline"
"""Of a driver that can give its client a line: it imports trunkline."""
PEERS = (
    Peer("trunkline", "trunkline_line", ""),
    Peer("openai", "openai_sdk", "openai", "openai"),
    Peer("openai, reconnecting", "openai_sdk", "openai", "openai", ("--reconnect",)),
    Peer("openai + trunkline", "openai_sdk", "openai", options=(LINE,)),
    Peer("openai-agents", "openai_agents_session", "openai-agents", "openai_agents"),
    Peer(
        "openai-agents + trunkline",
        "openai_agents_session",
        "openai-agents",
        "openai_agents_line",
        (LINE,),
    ),
    Peer("pydantic-ai", "pydantic_ai_realtime", "pydantic-ai-slim", "pydantic_ai"),
    Peer("livekit-agents", "livekit_realtime", "livekit-agents", "livekit"),
    Peer("pipecat", "pipecat_service", "pipecat-ai", "pipecat"),
)


def interpreter_of(peer: Peer, environments: Path) -> Path:
    """The interpreter that has the peer; it is installed first if it is not there."""
    return python_of(peer.environment, environments) if peer.environment else Path(sys.executable)


def version_of(peer: Peer, python: Path) -> str:
    script = (
        f"from importlib.metadata import version; print(version({peer.package or 'trunkline'!r}))"
    )
    return subprocess.run(
        [python, "-c", script], check=True, capture_output=True, text=True
    ).stdout.strip()


def command_of(peer: Peer, python: str) -> list[str]:
    return [python, f"tests/conformance/gauntlet/{peer.driver}.py", *peer.options]


def run(peer: Peer, environments: Path, jobs: int) -> dict:
    """The gauntlet's document, or `{"reason": …}` if there is none."""
    try:
        python = interpreter_of(peer, environments)
        gauntlet = [sys.executable, "-m", "trunkline", "gauntlet", "--json", "--jobs", str(jobs)]
        done = subprocess.run(
            [*gauntlet, "--", *command_of(peer, str(python))],
            cwd=ROOT,
            env=os.environ | ({"PYTHONPATH": str(ROOT / "python")} if LINE in peer.options else {}),
            stdout=subprocess.PIPE,
            text=True,
            check=False,
        )
        return json.loads(done.stdout) | {"version": version_of(peer, python)}
    except (subprocess.CalledProcessError, OSError, ValueError) as error:
        words = (getattr(error, "stderr", "") or str(error)).strip().splitlines()
        return {"reason": words[-1] if words else "no word"}


MARKS = {"passed": "✓", "failed": "✗", "not applicable": "–"}


def mark(document: dict, number: int) -> str:
    if "reason" in document:
        return "not run"
    trial = document["trials"][number]
    failed = [name for name, one in trial["scores"].items() if one["verdict"] == "failed"]
    if trial["problem"]:
        return "✗ did not dial"
    # A client that did not come back is not told apart by what follows from that.
    shown = [name for name in ("back", "held") if name in failed] or failed
    return " ".join([MARKS[trial["verdict"]], ", ".join(shown)]).strip()


def clients(results: dict[Peer, dict]) -> list[list[str]]:
    rows = []
    for peer, document in results.items():
        command = f"`{' '.join(['trunkline gauntlet --', *command_of(peer, 'python')])}`"
        if "reason" in document:
            rows.append([peer.name, "–", f"not run: {document['reason']}", "", "", command])
            continue
        counts = [str(document["counts"][name]) for name in MARKS]
        rows.append([peer.name, document["version"], *counts, command])
    return rows


def trials(results: dict[Peer, dict]) -> list[list[str]]:
    names = [one["name"] for document in results.values() for one in document.get("trials", [])]
    return [
        [name, *(mark(document, number) for document in results.values())]
        for number, name in enumerate(dict.fromkeys(names))
    ]


def tables(results: dict[Peer, dict]) -> dict:
    """As docs/draw_figures.py takes them."""
    told = {
        "at": dt.datetime.now(dt.UTC).isoformat(timespec="minutes"),
        "command": shlex.join(["python", "tests/conformance/gauntlet/peers.py", *sys.argv[1:]]),
        "load": round(os.getloadavg()[0], 1),
    }
    columns = ["client", "version", "passed", "failed", "n/a", "command"]
    heads = ["trial", *(peer.name for peer in results)]
    return {
        "machine": {"cores": os.cpu_count(), "python": platform.python_version()},
        "tables": {
            "gauntlet": {"title": "Clients", "columns": columns, "rows": clients(results)} | told,
            "trials": {"title": "Trials", "columns": heads, "rows": trials(results)} | told,
        },
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", action="append", help="a driver's name; may be repeated")
    parser.add_argument("--jobs", type=int, default=4)
    parser.add_argument("--environments", type=Path, default=ROOT / "build" / "gauntlet")
    parser.add_argument("--keep", type=Path, help="a folder for the JSON documents")
    parser.add_argument("--json", type=Path, help="where docs/draw_figures.py finds the tables")
    given = parser.parse_args()
    results = {}
    for peer in PEERS:
        if given.only and peer.driver not in given.only:
            continue
        results[peer] = run(peer, given.environments, given.jobs)
        if given.keep:
            given.keep.mkdir(parents=True, exist_ok=True)
            name = peer.name.replace(", ", "-").replace(" + ", "-")
            (given.keep / f"{name}.json").write_text(json.dumps(results[peer], indent=1))
    told = tables(results)
    for table in told["tables"].values():
        print("", *(" | ".join(row) for row in [table["columns"], *table["rows"]]), sep="\n")
    if given.json:
        given.json.write_text(f"{json.dumps(told, indent=1, ensure_ascii=False)}\n")


if __name__ == "__main__":
    main()
