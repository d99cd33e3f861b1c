"""What the page about metrics shows, run; and what the dashboard and the alerts ask for, against what is told."""

from __future__ import annotations

import asyncio
import json
import logging
import re
import sys
from pathlib import Path

import pytest

from trunkline.protocol.lifecycle import State
from trunkline.simulator.server import SimulatorServer
from trunkline.simulator.timing import Timing
from trunkline.telemetry.families import BASE_LABELS, BUILD_INFO, FAMILIES, Kind

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs/observability.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)


def queries() -> list[str]:
    """All that the dashboard and the alerts ask Prometheus."""
    board = json.loads((ROOT / "docs/grafana/trunkline.json").read_text(encoding="utf-8"))
    found = [target["expr"] for panel in board["panels"] for target in panel.get("targets", ())]
    found += [one["definition"] for one in board["templating"]["list"] if "definition" in one]
    alerts = (ROOT / "docs/grafana/alerts.yml").read_text(encoding="utf-8")
    return found + re.findall(r"^ +expr: (.+)$", alerts, re.MULTILINE)


SERIES = {
    one.name + suffix: one
    for one in FAMILIES
    for suffix in (("_bucket", "_sum", "_count") if one.kind is Kind.HISTOGRAM else ("",))
}


@pytest.mark.parametrize("query", queries())
def test_every_query_asks_for_what_is_told(query: str):
    asked = re.findall(r"\btrunkline_\w+", query)
    assert asked
    assert set(asked) <= set(SERIES)
    known = {label for name in asked for label in SERIES[name].labels}
    known |= {"le"} if any(name.endswith("_bucket") for name in asked) else set()
    known |= set() if SERIES[asked[0]] is BUILD_INFO else set(BASE_LABELS)
    labels = set(re.findall(r"(\w+)(?:=~|!~|!=|=)\"", query))
    for group in re.findall(r"\bby \(([^)]*)\)|\bon \(([^)]*)\)", query):
        labels |= {word.strip() for part in group for word in part.split(",") if word.strip()}
    labels |= set(re.findall(r"label_values\(\w+, (\w+)\)", query))
    assert labels <= known
    assert [query.count(one) for one in "({["] == [query.count(one) for one in ")}]"]


@pytest.mark.parametrize("query", queries())
def test_every_query_fits_the_kind_of_what_it_asks_for(query: str):
    for name in re.findall(r"\btrunkline_\w+", query):
        grows = SERIES[name].kind in (Kind.COUNTER, Kind.HISTOGRAM)
        assert grows is bool(re.search(rf"(rate|increase)\({name}\b", query))


def test_the_dashboard_shows_every_family():
    shown = " ".join(queries())
    assert [one.name for one in FAMILIES if one.name not in shown] == []


def test_the_dashboard_is_one_of_many_small_panels_that_do_not_overlap():
    board = json.loads((ROOT / "docs/grafana/trunkline.json").read_text(encoding="utf-8"))
    taken: set[tuple[int, int]] = set()
    assert len({panel["id"] for panel in board["panels"]}) == len(board["panels"])
    for panel in board["panels"]:
        at = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(at["x"], at["x"] + at["w"])
            for y in range(at["y"], at["y"] + at["h"])
        }
        assert not cells & taken
        taken |= cells


@pytest.mark.parametrize("example", EXAMPLES, ids=["serve", "collect", "export", "log"])
def test_an_example_runs_and_is_short(example: str, capsys, monkeypatch):
    body = [line for line in example.splitlines() if line.strip()]
    assert len(body) <= 14
    text = example.replace("port=9464", "port=0").replace("10_000", "3_600_000")
    # By itself it writes to what was the standard output when it was imported, which may be another test's.
    text = text.replace("ConsoleMetricExporter()", "ConsoleMetricExporter(out=sys.stdout)")
    names: dict = {"sys": sys}
    logger = logging.getLogger("trunkline")
    monkeypatch.setattr(logger, "handlers", [])
    before = logger.level
    exec(compile(text, "observability.md", "exec"), names)
    (run,) = (one for one in names.values() if asyncio.iscoroutinefunction(one))
    try:
        asyncio.run(asyncio.wait_for(called(run), 30))
        told = what_it_told(names)
    finally:
        finished(names)
        logger.setLevel(before)
    shown = told + "".join(capsys.readouterr())
    assert re.search(r"live|SessionReady|trunkline\.sessions", shown)


def what_it_told(names: dict) -> str:
    """Of a line that was live."""
    if "metrics" in names:
        sessions = next(
            one for one in FAMILIES if one.name == "trunkline_session_state_seconds_total"
        )
        return str([labels for labels, _ in names["metrics"].reading().of(sessions)])
    if "prometheus_client" in names:
        text = names["prometheus_client"].generate_latest().decode()
        return text[text.index("trunkline_session_state_seconds_total{") :]
    return ""


async def called(run) -> None:
    states: list = []
    async with SimulatorServer(timing=Timing(pace=20.0, response_delay=0.02)) as server:
        talking = asyncio.create_task(
            run(
                api_key="sk-test-page",
                base_url=server.base_url,
                model="gpt-realtime-2.1",
                observers=[states.append],
            )
        )
        while not any(getattr(one, "target", None) is State.LIVE for one in states):
            assert not talking.done()
            await asyncio.sleep(0.02)
        talking.cancel()
        await asyncio.gather(talking, return_exceptions=True)


def finished(names: dict) -> None:
    """Ends what an example began, which lasts as long as its process."""
    for name in ("metrics", "collector", "telemetry", "book"):
        if name in names:
            names[name].close()
    if "prometheus_client" in names:
        names["prometheus_client"].REGISTRY.unregister(names["collector"])
    if "meters" in names:
        names["meters"].shutdown()
