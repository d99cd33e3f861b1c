"""The SDK reads what our own endpoint tells."""

from __future__ import annotations

import os
import sys

import pytest
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader

from fleet.hand import BREATH, life, moved, stamped
from fleet.spanning import tracing
from telemetry.counting import beat, fact
from trunkline.errors import ConfigError
from trunkline.fleet import exporter as waiting
from trunkline.fleet import opentelemetry as module
from trunkline.fleet.opentelemetry import OpenTelemetry
from trunkline.fleet.worker import Worker
from trunkline.protocol import observations as seen
from trunkline.protocol.lifecycle import State
from trunkline.protocol.observations import MilestoneKind
from trunkline.telemetry import families as of
from trunkline.telemetry.families import FAMILIES, Kind
from trunkline.telemetry.histogram import bucket_of


class Reader:
    """An exporter with an SDK of its own."""

    def __init__(self, **options) -> None:
        self._memory = InMemoryMetricReader()
        self.meters = MeterProvider([self._memory], shutdown_on_exit=False)
        tracers, self.spans = tracing()
        self.part = OpenTelemetry(meter_provider=self.meters, tracer_provider=tracers, **options)

    def metrics(self) -> dict:
        data = self._memory.get_metrics_data()
        if data is None:
            return {}
        return {
            one.name: one
            for resource in data.resource_metrics
            for scope in resource.scope_metrics
            for one in scope.metrics
        }

    def told(self, *frames) -> dict:
        with moved(Worker(self.part, thread="test")):
            self.part.take(stamped(*frames), BREATH)
        return self.metrics()


USAGE = {"input_tokens": 30, "output_tokens": 20, "cached_tokens": 0, "input_text_tokens": 21}


def frames() -> list:
    done = {"kind": MilestoneKind.RESPONSE_DONE, "response_id": "r", "status": "completed"}
    return [
        *life("a"),
        fact(seen.RoundTrip, 100.1, key="a", rtt=0.05),
        fact(seen.Milestone, 100.2, key="a", kind=MilestoneKind.RESPONSE_CREATED, response_id="r"),
        fact(seen.ResponseUsage, 100.4, key="a", response_id="r", **USAGE),
        fact(seen.Milestone, 100.4, key="a", **done),
        beat(
            100.5,
            key="a",
            sums={"up_bytes": 5},
            gauges={"unsent_bytes": 7},
            spreads={"lateness": (bucket_of(0.0031),) * 3},
        ),
    ]


def test_counters_gauges_and_histograms_have_the_names_units_and_values_of_the_table():
    found = Reader().told(*frames())
    network = found["trunkline.network.io"]
    (point,) = network.data.data_points
    assert (point.value, network.unit, network.data.is_monotonic) == (5, "By", True)
    assert point.attributes["network.io.direction"] == "transmit"
    unsent = {
        p.attributes["trunkline.agg"]: p.value
        for p in found["trunkline.tcp.unsent"].data.data_points
    }
    assert unsent == {"sum": 7, "max": 7}
    sessions = found["trunkline.sessions"].data
    assert not sessions.is_monotonic
    assert sum(point.value for point in sessions.data_points) == 1
    (rtt,) = found["trunkline.websocket.ping.rtt"].data.data_points
    assert (rtt.count, rtt.sum, rtt.explicit_bounds) == (1, 0.05, of.RTT.bounds)
    (late,) = found["trunkline.send.lateness"].data.data_points
    assert (late.count, late.bucket_counts[2]) == (3, 3)


def test_whatever_it_tells_is_in_the_table():
    reader = Reader(drafts=False)
    found = reader.told(*frames())
    table = {one.otel: one for one in FAMILIES if one.otel}
    assert set(found) <= set(table)
    for name, metric in found.items():
        family = table[name]
        assert metric.unit == family.unit
        is_histogram = family.kind is Kind.HISTOGRAM or family is of.TOKENS
        assert (type(metric.data).__name__ == "Histogram") is is_histogram


def test_tokens_are_a_histogram_of_responses_whose_sum_is_the_counter():
    reader = Reader()
    points = reader.told(*frames())["gen_ai.client.token.usage"].data.data_points
    assert {point.attributes["gen_ai.token.type"] for point in points} == {"input", "output"}
    assert sum(point.sum for point in points) == 50
    assert sum(value for _, value in reader.part.reading().of(of.TOKENS)) == 50


def test_spans_are_drawn_in_the_same_thread_and_end_with_it():
    reader = Reader()
    reader.told(*frames())
    assert [one.name for one in reader.spans.get_finished_spans()] == [
        "trunkline.response",
        "trunkline.session",
        "trunkline.line",
    ]


def test_a_line_that_leaves_takes_its_spans_along():
    reader = Reader()
    with moved(Worker(reader.part, thread="test")):
        reader.part.take(stamped(*frames()), BREATH)
        reader.part.forget("a")
        assert len(reader.spans.get_finished_spans()) == 3


@pytest.mark.parametrize("drafts", [False, True])
def test_the_drafts_name_of_first_audio_is_for_those_who_opt_in(drafts, monkeypatch):
    monkeypatch.setenv("OTEL_SEMCONV_STABILITY_OPT_IN", "gen_ai_latest_experimental" * drafts)
    marks = [
        (100.1, MilestoneKind.SPEECH_STARTED),
        (100.2, MilestoneKind.SPEECH_STOPPED),
        (100.3, MilestoneKind.RESPONSE_CREATED),
        (100.5, MilestoneKind.FIRST_AUDIO),
    ]
    told = [fact(seen.Milestone, at, key="a", kind=kind, response_id="r") for at, kind in marks]
    found = Reader().told(*life("a"), *told)
    assert "trunkline.time_to_first_audio" in found
    assert ("gen_ai.client.operation.time_to_first_chunk" in found) is drafts


def test_all_instruments_of_a_collection_see_one_moment():
    reader = Reader()
    wanted = []
    reader.part.reading = lambda: wanted.append(1) or reader.part._last
    reader.metrics()
    assert len(wanted) < 5


def test_telemetry_that_does_not_answer_gives_what_was_known(monkeypatch):
    monkeypatch.setattr(waiting, "_PATIENCE_SECONDS", 0.01)
    reader = Reader()
    with moved(Worker(reader.part, thread="test")):
        assert reader.metrics() == {}
        monkeypatch.setattr(module, "_SHARED_SECONDS", 0.0)
        reader.part.take(stamped(*frames()), BREATH)
        reader.part.reading = lambda: (_ for _ in ()).throw(TimeoutError)
        reader.part._last = reader.part._figures.reading(0.0)
        assert reader.metrics()["trunkline.network.io"].data.data_points[0].value == 5


def test_without_the_api_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "opentelemetry", None)
    with pytest.raises(ConfigError, match=r"pip install 'trunkline\[otel\]'"):
        OpenTelemetry()


def test_a_line_that_failed_is_an_error_in_both():
    reader = Reader()
    failed = fact(seen.Transition, 101.0, key="a", source=State.LIVE, target=State.FAILED, cause="x")  # fmt: skip
    found = reader.told(*life("a"), failed)
    (point,) = found["trunkline.session.duration"].data.data_points
    assert point.attributes["trunkline.end_reason"] == "failed"
    assert reader.spans.get_finished_spans()[-1].attributes["error.type"] == "failed"


def test_the_child_of_a_fork_does_not_end_its_parents_spans(monkeypatch):
    reader = Reader()
    reader.part.start(Worker(thread="test"))
    reader.part.take(stamped(*frames()), BREATH)
    monkeypatch.setattr(os, "getpid", os.getppid)
    ended = len(reader.spans.get_finished_spans())
    with moved(Worker(reader.part, thread="test")):
        pass
    assert len(reader.spans.get_finished_spans()) == ended
