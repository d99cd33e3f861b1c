"""A registry of prometheus_client renders the same as our own endpoint."""

from __future__ import annotations

import pytest
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from fleet.hand import BREATH, life, moved, stamped
from telemetry.counting import beat, fact
from trunkline.fleet import exporter as waiting
from trunkline.fleet.prometheus import PrometheusCollector
from trunkline.fleet.worker import Worker
from trunkline.protocol import observations as seen
from trunkline.telemetry.exposition import exposition
from trunkline.telemetry.families import FAMILIES


def samples(text: bytes) -> set:
    return {
        (one.name, tuple(sorted((k, v) for k, v in one.labels.items() if v)), one.value)
        for family in text_string_to_metric_families(text.decode())
        for one in family.samples
    }


def test_a_registry_has_the_names_before_there_is_a_line():
    registry = CollectorRegistry()
    collector = PrometheusCollector()
    registry.register(collector)
    assert len(list(collector.collect())) == len(FAMILIES)
    with pytest.raises(ValueError, match="Duplicated"):
        registry.register(PrometheusCollector())


def test_it_renders_what_the_endpoint_does():
    collector = PrometheusCollector()
    registry = CollectorRegistry()
    registry.register(collector)
    with moved(Worker(collector, thread="test")):
        frames = [*life("a"), fact(seen.RoundTrip, 100.2, key="a", rtt=0.05)]
        frames.append(beat(100.5, key="a", sums={"up_bytes": 5}, types={"up x": 1}))
        collector.take(stamped(*frames), BREATH)
    own = exposition(collector.reading())
    rendered = generate_latest(registry)
    assert samples(rendered) == samples(own)
    assert len(samples(own)) > 30
    described = [line for line in rendered.decode().splitlines() if line.startswith("# TYPE")]
    assert described == [line for line in own.decode().splitlines() if line.startswith("# TYPE")]


def test_telemetry_that_does_not_answer_takes_nothing_from_the_registry(monkeypatch):
    monkeypatch.setattr(waiting, "_PATIENCE_SECONDS", 0.01)
    collector = PrometheusCollector()
    with moved(Worker(collector, thread="test")):
        assert len(list(collector.collect())) == len(FAMILIES)
