from __future__ import annotations

import json
import math

from trunkline.telemetry.entry import Way
from trunkline.telemetry.levels import Level
from trunkline.telemetry.snapshot import LineSnapshot
from trunkline.text import Clean
from trunkline.tui.exports.document import SCHEMA, Excerpt, json_document, ndjson_document
from tui.inspector.streams import audio, entry

LINE = LineSnapshot(at=1002.0, started_at=1000.0, name=Clean("pstn-0107"), server=Clean("api.openai.com"),
                    model=Clean("gpt-realtime"), session_id=Clean("sess_C9"), key="p-1",
                    wall_offset=1_763_993_725.0)  # fmt: skip
RUN = audio(7, at=1000.5, count=43, audio_ms=4180.0, latency_ms=1420.0, note=Clean("first audio"),
            item_id=Clean("item_9Q"), clipped=1, wave=(0.12345, 1.0), detail=Clean("{}"))  # fmt: skip
PING = entry(8, "ping", at=1001.25, way=Way.LOCAL, level=Level.WARNING)


def excerpt(*entries, **fields):
    given = {"line": LINE, "exported_at": 1_763_994_725.0, "filter_text": "turn:1", **fields}
    return Excerpt(entries=entries, **given)


def test_one_document_has_all_under_names_that_stay():
    document = json.loads(json_document(excerpt(RUN)))
    assert document == {
        "schema": "trunkline.events/1",
        "exported_at": "2025-11-24T14:32:05.000Z",
        "line": {
            "key": "p-1", "name": "pstn-0107", "model": "gpt-realtime", "server_address": "api.openai.com",
            "session_id": "sess_C9", "rate_hz": 24000,
        },
        "filter": "turn:1",
        "redaction": {"keys": True, "transcripts": False},
        "count": 1,
        "events": [
            {
                "number": 7, "at": "2025-11-24T14:32:05.500Z",
                "monotonic_seconds": 1000.5, "duration_seconds": 0.0, "direction": "receive",
                "type": "response.output_audio.delta", "count": 43, "size_bytes": 6400, "audio_seconds": 4.18,
                "turn": 1, "latency_seconds": 1.42, "level": "ok", "note": "first audio", "item_id": "item_9Q",
                "response_id": "resp_1",
                "audio": {"rms_dbfs": -20.0, "peak_dbfs": -6.0, "clipped_samples": 1, "wave": [0.123, 1.0]},
                "detail": "{}",
            }
        ],
    }  # fmt: skip
    assert document["schema"] == SCHEMA


def test_what_is_not_known_is_null_and_not_zero():
    event = json.loads(json_document(excerpt(PING)))["events"][0]
    assert {name for name, value in event.items() if value is None} == {
        "size_bytes", "audio_seconds", "turn", "latency_seconds", "note", "item_id", "response_id", "audio", "detail",
    }  # fmt: skip
    assert (event["direction"], event["level"]) == ("local", "warning")


def test_lines_say_what_they_are_and_the_first_what_it_is_of():
    records = [json.loads(line) for line in ndjson_document(excerpt(RUN, PING)).splitlines()]
    assert [record["record"] for record in records] == ["head", "event", "event"]
    assert (records[0]["schema"], records[0]["count"]) == (SCHEMA, 2)
    whole = json.loads(json_document(excerpt(RUN, PING)))
    assert [{k: v for k, v in record.items() if k != "record"} for record in records[1:]] == whole[
        "events"
    ]


def test_words_are_left_out_if_asked_for():
    said = entry(1, "response.text.delta", detail=Clean('{"text": "4711"}'), note=Clean('"4711"'))
    assert b"4711" in json_document(excerpt(said))
    hidden = json_document(excerpt(said, hides_words=True))
    assert b"4711" not in hidden
    assert json.loads(hidden)["redaction"]["transcripts"] is True
    assert b"4711" not in ndjson_document(excerpt(said, hides_words=True))


def test_before_the_line_is_known_only_its_own_clock_tells_time():
    document = json.loads(json_document(excerpt(PING, line=None, filter_text="")))
    assert (document["line"], document["filter"]) == (None, None)
    assert (document["events"][0]["at"], document["events"][0]["monotonic_seconds"]) == (
        None,
        1001.25,
    )


def test_a_level_without_sound_is_still_json():
    assert (
        json.loads(json_document(excerpt(audio(1, rms_dbfs=-math.inf))))["events"][0]["audio"][
            "rms_dbfs"
        ]
        is None
    )
