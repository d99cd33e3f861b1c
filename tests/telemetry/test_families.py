"""The table of what leaves, against the one it was agreed on; a name that is out there is never changed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from trunkline.telemetry.families import BUILD_INFO, FAMILIES, TOKENS, Kind

RTT = (0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.15, 0.2, 0.3, 0.4, 0.6, 0.8, 1, 2, 5)
LATE = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2)
FIRST = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1, 1.25, 1.5, 2, 3, 5, 10)
# Prometheus, OpenTelemetry, kind, unit, labels beside those of all.
TABLE = """
websocket_ping_rtt_seconds             websocket.ping.rtt            histogram      s
websocket_rtt_jitter_seconds           websocket.rtt.jitter          gauge          s          agg
websocket_pings_total                  websocket.pings               counter        {ping}     result
tcp_rtt_seconds                        tcp.rtt                       gauge          s          agg
tcp_rtt_min_seconds                    tcp.rtt_min                   gauge          s          agg
tcp_retransmits_total                  tcp.retransmits               counter        {segment}
tcp_unsent_bytes                       tcp.unsent                    gauge          By         agg
sessions                               sessions                      updowncounter  {session}  state
session_state_seconds_total            session.state.time            counter        s          state
session_duration_seconds               session.duration              histogram      s          end_reason
connect_duration_seconds               connect.duration              histogram      s          phase
connect_attempts_total                 connect.attempts              counter        {attempt}  result,error_type
reconnects_total                       reconnects                    counter        {reconnect} reason
outage_duration_seconds                outage.duration               histogram      s
outage_detection_seconds               outage.detection              histogram      s
closes_total                           closes                        counter        {close}    code,initiator
network_bytes_total                    network.io                    counter        By         direction
events_total                           events                        counter        {event}    direction,type
audio_seconds_total                    audio.time                    counter        s          direction
send_queue_bytes                       send_queue.size               gauge          By         agg
send_queue_messages                    send_queue.messages           gauge          {message}  agg
send_queue_audio_seconds               send_queue.audio              gauge          s          agg
send_lateness_seconds                  send.lateness                 histogram      s
send_stall_seconds_total               send.stall.time               counter        s
audio_delta_gap_seconds                audio_delta.gap               histogram      s
audio_delta_lead_seconds               audio_delta.lead              histogram      s
playout_buffer_seconds                 playout.buffer                gauge          s          agg
playout_buffer_target_seconds          playout.buffer_target         gauge          s          agg
playout_underruns_total                playout.underruns             counter        {underrun}
playout_underrun_seconds_total         playout.underrun.time         counter        s
capture_overruns_total                 capture.overruns              counter        {overrun}
capture_dropped_seconds_total          capture.dropped.time          counter        s
audio_level_dbfs                       audio.level                   gauge          dB         direction,stat
audio_clipped_samples_total            audio.clipped                 counter        {sample}   direction
audio_lost_seconds_total               audio.lost.time               counter        s          direction,reason
audio_replayed_seconds_total           audio.replayed.time           counter        s          direction,reason
audio_duplicate_seconds_total          audio.duplicate.time          counter        s          direction,reason
time_to_first_audio_seconds            time_to_first_audio           histogram      s          anchor
turn_gap_seconds                       turn.gap                      histogram      s
barge_in_seconds                       barge_in.duration             histogram      s          stage
response_duration_seconds              gen_ai.client.operation.duration histogram   s          status
responses_total                        responses                     counter        {response} status,reason
tokens_total                           gen_ai.client.token.usage     counter        {token}    kind,modality,cached
api_errors_total                       api.errors                    counter        {error}    type,code
rate_limit_remaining                   rate_limit.remaining          gauge          1          name,agg
quality_score                          quality.score                 gauge          1          agg
quality_degraded_seconds_total         quality.degraded.time         counter        s          reason
event_loop_lag_seconds                 event_loop.lag                histogram      s
session_grades                         session.grades                updowncounter  {session}  grade
build_info                             -                             gauge          1          version,rust,python
"""
BOUNDS = {
    "websocket_ping_rtt_seconds": RTT,
    "send_lateness_seconds": LATE,
    "time_to_first_audio_seconds": FIRST,
    "response_duration_seconds": tuple(round(0.01 * 2**n, 2) for n in range(14)),
}
ROOT = Path(__file__).parents[2]


def otel_of(name: str) -> str:
    return "" if name == "-" else name if name.startswith("gen_ai.") else f"trunkline.{name}"


def test_names_kinds_units_and_labels_are_those_that_were_agreed_on():
    rows = [line.split() for line in TABLE.strip().splitlines()]
    agreed = [
        (
            f"trunkline_{name}",
            otel_of(otel),
            kind,
            unit,
            tuple(",".join(labels).split(",")) if labels else (),
        )
        for name, otel, kind, unit, *labels in rows
    ]
    told = [(one.name, one.otel, one.kind.value, one.unit, one.labels) for one in FAMILIES]
    assert told == agreed


@pytest.mark.parametrize(("name", "bounds"), BOUNDS.items())
def test_the_buckets_are_those_that_were_agreed_on(name, bounds):
    (family,) = (one for one in FAMILIES if one.name == f"trunkline_{name}")
    assert family.bounds == bounds


@pytest.mark.parametrize("family", FAMILIES, ids=lambda one: one.name)
def test_a_name_says_what_it_is(family):
    assert family.name.endswith("_total") is (family.kind is Kind.COUNTER)
    assert bool(family.bounds) is (family.kind is Kind.HISTOGRAM)
    assert list(family.bounds) == sorted(set(family.bounds))
    assert re.fullmatch(r"trunkline_[a-z_]+[a-z]", family.name)
    if family.unit == "s":
        assert family.base_name.endswith("_seconds")
    if family.unit == "By":
        assert family.base_name.endswith("_bytes")
    assert not set(family.labels) & {"line", "session", "epoch"}


def test_no_two_have_a_name_in_common():
    assert len({one.name for one in FAMILIES}) == len(FAMILIES)
    assert len({one.otel for one in FAMILIES}) == len(FAMILIES)


def test_the_page_has_all_of_them_as_they_are():
    page = (ROOT / "docs/metrics.md").read_text(encoding="utf-8")
    for family in FAMILIES:
        labels = f" [{', '.join(family.labels)}]" if family.labels else ""
        kind = "counter, histogram" if family is TOKENS else family.kind.value
        otel = f"`{family.otel}`" if family is not BUILD_INFO else "the scope's attributes"
        assert f"| `{family.name}`{labels} | {otel} | {kind} | `{family.unit}` |" in page
