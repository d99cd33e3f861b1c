"""The text, read by the parsers of prometheus_client, which are not ours."""

from __future__ import annotations

import math

import pytest
from prometheus_client import parser as plain
from prometheus_client.openmetrics import parser as openmetrics

from telemetry.counting import Counted, beat, fact, live
from trunkline.protocol import observations as seen
from trunkline.telemetry.exposition import OPENMETRICS, TEXT, exposition, negotiated
from trunkline.telemetry.families import EVENTS, FAMILIES, RTT, SCORE, Kind
from trunkline.telemetry.reading import Reading
from trunkline.telemetry.totals import Distribution

PARSERS = {TEXT: plain, OPENMETRICS: openmetrics}
both = pytest.mark.parametrize("content_type", PARSERS, ids=["text", "openmetrics"])
HOSTILE = 'a"b\\c\nd'


def parsed(reading: Reading, content_type: str) -> dict:
    text = exposition(reading, content_type).decode()
    found = {one.name: one for one in PARSERS[content_type].text_string_to_metric_families(text)}
    assert len(found) == len(FAMILIES)
    return found


def reading() -> Reading:
    counted = Counted().take(*live(), fact(seen.RoundTrip, 1.0, rtt=0.05))
    return counted.take(beat(1.0, sums={"up_bytes": 7}, types={"up x": 2})).at(2.0)


@both
def test_another_parser_reads_names_kinds_and_help(content_type):
    found = parsed(reading(), content_type)
    for family in FAMILIES:
        one = found[family.base_name]
        kind = Kind.GAUGE if family.kind is Kind.UPDOWN else family.kind
        assert (one.type, one.documentation) == (kind.value, family.text)
        if content_type == OPENMETRICS and family.unit in ("s", "By"):
            assert one.unit == ("seconds" if family.unit == "s" else "bytes")


@both
def test_another_parser_reads_the_same_values(content_type):
    told = reading()
    found = parsed(told, content_type)
    compared = 0
    for family, series in told.values:
        names = told.labels(family)
        for labels, value in series:
            known = {name: text for name, text in zip(names, labels, strict=True) if text}
            samples = [s for s in found[family.base_name].samples if s.labels.items() >= known.items()]  # fmt: skip
            compared += 1
            if isinstance(value, Distribution):
                buckets = [s.value for s in samples if s.name.endswith("_bucket")]
                assert buckets == [sum(value.counts[: n + 1]) for n in range(len(value.counts))]
                assert [s.value for s in samples if s.name.endswith("_sum")] == [value.sum]
                assert [s.value for s in samples if s.name.endswith("_count")] == [value.count]
            else:
                assert value in [s.value for s in samples if s.labels == known]
    assert compared > 15


@both
def test_a_hostile_label_stays_a_label(content_type):
    series = ((("m", "s", "up", HOSTILE), 1.0),)
    found = parsed(one_of(EVENTS, series), content_type)
    (sample,) = found["trunkline_events"].samples
    assert sample.labels["type"] == HOSTILE
    assert sample.value == 1.0


@both
@pytest.mark.parametrize("value", [math.inf, -math.inf, math.nan, 1e300, 0.1])
def test_every_number_can_be_read(content_type, value):
    found = parsed(one_of(SCORE, ((("m", "s", "min"), value),)), content_type)
    (sample,) = found["trunkline_quality_score"].samples
    assert sample.value == value or math.isnan(value)


@both
def test_a_histogram_without_labels_is_one_too(content_type):
    series = ((("", ""), Distribution((1,) * 17, 2.5)),)
    samples = parsed(one_of(RTT, series), content_type)["trunkline_websocket_ping_rtt_seconds"].samples  # fmt: skip
    assert {tuple(one.labels) for one in samples} == {("le",), ()}


def one_of(family, series) -> Reading:
    values = tuple((one, series if one is family else ()) for one in FAMILIES)
    return Reading(0.0, values)


PROMETHEUS = (
    "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,"
    "application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=1.0.0;q=0.3,"
    "text/plain;version=0.0.4;q=0.2,*/*;q=0.1"
)


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ("", TEXT),
        ("*/*", TEXT),
        ("text/plain", TEXT),
        (PROMETHEUS, OPENMETRICS),
        ("application/openmetrics-text", OPENMETRICS),
        ("application/openmetrics-text; version=0.0.1", TEXT),
        ("Application/OpenMetrics-Text;version=1.0.0", OPENMETRICS),
        ("application/openmetrics-text;q=0", TEXT),
        ("application/openmetrics-text;q=0.2, text/plain;q=0.9", TEXT),
        ("application/openmetrics-text;q=nonsense", TEXT),
        (";;;,,q=", TEXT),
    ],
)
def test_a_reader_gets_what_it_prefers(accept, expected):
    assert negotiated(accept) == expected
