"""A live call on real sockets, with an outage in it: what is scraped, what the SDK reads, and what the screens show."""

from __future__ import annotations

import asyncio
import time
import urllib.request
from collections import Counter

import pytest
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from prometheus_client import parser as plain
from prometheus_client.openmetrics import parser as openmetrics

import trunkline
from fleet.spanning import tracing
from scenarios.calling import TIMING, VAD
from scenarios.judging import caller_stream
from trunkline.fleet.attributes import attributes_of
from trunkline.fleet.desk import FoldingDesk
from trunkline.simulator.scenario import Scenario
from trunkline.simulator.server import SimulatorServer
from trunkline.telemetry.document import line_document
from trunkline.telemetry.families import BASE_LABELS, FAMILIES, TOKENS, Kind
from trunkline.telemetry.fleet_snapshot import FleetSnapshot

FAULT = {"when": {"reply": 1, "ms": 600}, "action": "close", "code": 1011, "reason": "x"}
KEY = "sk-test-metrics-0123456789"
CHUNK = 960


class Watched:
    """A call that was watched in four ways."""

    def __init__(self) -> None:
        self.server = trunkline.MetricsServer(port=0)
        self.desk = FoldingDesk()
        self.memory = InMemoryMetricReader()
        tracers, self.spans = tracing()
        self.otel = trunkline.OpenTelemetry(
            meter_provider=MeterProvider([self.memory], shutdown_on_exit=False),
            tracer_provider=tracers,
            drafts=False,
        )
        self.texts: dict[str, str] = {}

    async def call(self) -> None:
        telemetry = trunkline.Telemetry(self.server, self.desk, self.otel)
        scenario = Scenario.from_dict({"faults": [FAULT]})
        _, stream = caller_stream([1, 2], pause_ms=900)
        async with SimulatorServer(scenario=scenario, timing=TIMING) as simulator:
            line = trunkline.connect(
                model="gpt-realtime-2.1",
                api_key=KEY,
                base_url=simulator.base_url,
                session=VAD,
                telemetry=telemetry,
                name="the kiosk",
            )
            async with line:
                listening = asyncio.create_task(self._listen(line))
                for start in range(0, len(stream), CHUNK):
                    line.send_audio(stream[start : start + CHUNK])
                    await asyncio.sleep(0.003)
                await asyncio.sleep(2.0)
                self.live = await asyncio.to_thread(self.scraped, "*/*")
                listening.cancel()
        await asyncio.to_thread(self._read)
        telemetry.close()
        self.finished = self.spans.get_finished_spans()

    async def _listen(self, line) -> None:
        heard: dict[str, int] = {}
        async for event in line:
            if type(event).__name__ == "AudioDelta":
                heard[event.item_id] = heard.get(event.item_id, 0) + len(event.pcm) // 2
                line.played(event.item_id, heard[event.item_id])
                line.playout(80.0, 1, target_ms=120.0, underrun_ms=30.0)

    def scraped(self, accept: str) -> str:
        address = f"http://127.0.0.1:{self.server.port}/metrics"
        request = urllib.request.Request(address, headers={"Accept": accept})
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.read().decode()

    def _read(self) -> None:
        """The line is over, and the desk has shown its end, so all of these are of the same moment."""
        ended = self._fleet_after(None)
        while not dict(ended.states)["closed"]:
            ended = self._fleet_after(ended)
        self.text = self.scraped("*/*")
        self.open = self.scraped("application/openmetrics-text;version=1.0.0")
        self.data = self.memory.get_metrics_data()
        (row,) = self.desk.fleet().rows
        self.desk.watch(row.key)
        while self.desk.line() is None:
            pass
        self.fleet, self.line = self._fleet_after(ended), self.desk.line()

    def _fleet_after(self, earlier: FleetSnapshot | None) -> FleetSnapshot:
        """Another one, which the desk makes twice a second."""
        while (found := self.desk.fleet()) is earlier or found is None:
            time.sleep(0.01)
        return found


@pytest.fixture(scope="module")
def watched() -> Watched:
    one = Watched()
    asyncio.run(asyncio.wait_for(one.call(), 50))
    return one


def samples(text: str, parser=plain) -> dict[tuple, float]:
    return {
        (one.name, tuple(sorted(one.labels.items()))): one.value
        for family in parser.text_string_to_metric_families(text)
        for one in family.samples
    }


def told(watched: Watched, name: str, *labels: str) -> dict[tuple, float]:
    """Values of some labels and the sum over all others."""
    found: dict[tuple, float] = {}
    for (sample, pairs), value in samples(watched.text).items():
        if sample == f"trunkline_{name}":
            key = tuple(dict(pairs).get(label, "") for label in labels)
            found[key] = found.get(key, 0.0) + value
    return found


def test_both_forms_say_the_same_and_have_all_families(watched):
    assert samples(watched.text) == samples(watched.open, openmetrics)
    for parser, text in ((plain, watched.text), (openmetrics, watched.open)):
        kinds = {one.name: one.type for one in parser.text_string_to_metric_families(text)}
        assert kinds == {
            one.base_name: "gauge" if one.kind is Kind.UPDOWN else one.kind.value
            for one in FAMILIES
        }


def test_counters_equal_the_snapshot_of_the_same_moment(watched):
    totals = line_document(watched.line)["totals"]
    about = pytest.approx
    pairs = {
        "websocket_pings_total": ("result", {"ok": totals["websocket_pings_total"]["ok"]}),
        "network_bytes_total": ("direction", totals["network_bytes_total"]),
        "events_total": ("direction", totals["events_total"]),
        "audio_seconds_total": ("direction", totals["audio_seconds_total"]),
        "audio_replayed_seconds_total": (
            "direction",
            {"up": totals["audio_replayed_seconds_total"]},
        ),
        "audio_duplicate_seconds_total": (
            "direction",
            {"up": totals["audio_duplicate_seconds_total"]},
        ),
        "reconnects_total": ("model", {"gpt-realtime-2.1": totals["reconnects_total"]}),
        "playout_underruns_total": (
            "model",
            {"gpt-realtime-2.1": totals["playout_underruns_total"]},
        ),
        "send_stall_seconds_total": (
            "model",
            {"gpt-realtime-2.1": totals["send_stall_seconds_total"]},
        ),
        "tokens_total": ("kind", {k: totals["tokens_total"][k] for k in ("input", "output")}),
    }
    for name, (label, expected) in pairs.items():
        found = {key[0]: value for key, value in told(watched, name, label).items()}
        assert found == about(expected, abs=1e-3), name
    assert totals["reconnects_total"] == 1
    states = {
        key[0]: value
        for key, value in told(watched, "session_state_seconds_total", "state").items()
    }
    for state, seconds in totals["session_state_seconds_total"].items():
        if state != "closed":
            assert states[state] == about(seconds, abs=2e-3)


def test_durations_equal_those_of_the_snapshot(watched):
    outage = watched.line.outages[0]
    assert told(watched, "outage_duration_seconds_sum")[()] == pytest.approx(outage.seconds)
    assert told(watched, "outage_detection_seconds_sum")[()] == pytest.approx(outage.detected_s)
    turns = [one for one in watched.line.turns if one.first_audio_ms is not None]
    first = sum(one.first_audio_ms for one in turns) / 1000
    assert told(watched, "time_to_first_audio_seconds_sum")[()] == pytest.approx(first)
    completed = told(watched, "responses_total", "status")[("completed",)]
    assert completed == watched.line.turns_answered == 1
    for name, spread in (
        ("websocket_ping_rtt", watched.fleet.rtt),
        ("send_lateness", watched.fleet.lateness),
        ("event_loop_lag", watched.fleet.loop_lag),
        ("time_to_first_audio", watched.fleet.first_audio),
        ("audio_delta_gap", watched.line.delta_gap),
    ):
        assert told(watched, f"{name}_seconds_count")[()] == spread.count > 0, name


def test_states_equal_those_of_the_fleet(watched):
    found = {key[0]: value for key, value in told(watched, "sessions", "state").items()}
    assert found == dict(watched.fleet.states)
    assert found["closed"] == 1
    grades = {key[0]: value for key, value in told(watched, "session_grades", "grade").items()}
    assert grades == dict(watched.fleet.grades)


def test_gauges_are_there_while_the_line_is_live(watched):
    names = {name for name, _ in samples(watched.live)}
    gauges = {
        one.name
        for one in FAMILIES
        if one.kind is not Kind.HISTOGRAM and one.kind is not Kind.COUNTER
    }
    assert gauges - names <= {
        "trunkline_tcp_rtt_seconds",
        "trunkline_tcp_rtt_min_seconds",
        "trunkline_tcp_unsent_bytes",
    }
    live = samples(watched.live)
    key = ("gpt-realtime-2.1", watched.line.server)
    base = (("model", key[0]), ("server_address", key[1]))
    assert (
        live["trunkline_playout_buffer_target_seconds", tuple(sorted((*base, ("agg", "max"))))]
        == 0.12
    )
    assert live["trunkline_sessions", tuple(sorted((*base, ("state", "live"))))] == 1


def test_the_sdk_reads_the_same(watched):
    reading = watched.otel.reading()
    found = {
        metric.name: metric
        for resource in watched.data.resource_metrics
        for scope in resource.scope_metrics
        for metric in scope.metrics
    }
    compared = 0
    for family, series in reading.values:
        if not family.otel or not series:
            continue
        metric = found[family.otel]
        assert metric.unit == family.unit
        points = {tuple(sorted(p.attributes.items())): p for p in metric.data.data_points}
        for labels, value in series:
            names = (*BASE_LABELS, *family.labels)
            point = points[tuple(sorted(attributes_of(family, names, labels).items()))]
            compared += 1
            if family.kind is Kind.HISTOGRAM:
                assert point.bucket_counts == value.counts
                assert point.sum == pytest.approx(value.sum)
            elif family is TOKENS:
                assert point.sum == value
            else:
                assert point.value == pytest.approx(value)
    assert compared > 60


def test_the_sdk_and_the_endpoint_agree(watched):
    own, other = watched.server.reading(), watched.otel.reading()
    for family in FAMILIES:
        assert dict(own.of(family)) == dict(other.of(family)), family.name


def test_the_story_is_told_by_spans(watched):
    names = Counter(one.name for one in watched.finished)
    events = told(watched, "events_total", "type")
    assert names == {
        "trunkline.line": 1,
        "trunkline.outage": 1,
        "trunkline.session": events[("session.created",)],
        "trunkline.response": events[("response.created",)],
    }
    by_id = {one.context.span_id: one for one in watched.finished}
    for one in watched.finished:
        if one.parent is not None:
            parent = by_id[one.parent.span_id]
            assert parent.start_time <= one.start_time <= one.end_time <= parent.end_time


def test_no_key_and_no_word_is_told_anywhere(watched):
    words = [line.text for line in watched.line.transcript if len(line.text) > 10]
    assert words
    everything = watched.text + watched.open + "".join(one.to_json() for one in watched.finished)
    everything += str(watched.data.to_json())
    assert KEY not in everything
    assert not [each for each in words if each in everything]
    assert "the kiosk" not in watched.text
    assert watched.line.session_id not in watched.text
