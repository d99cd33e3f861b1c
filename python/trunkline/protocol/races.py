"""Refusals that a healthy session brings about by itself, since both sides act at once: nobody's mistake.

They are told as anomalies, not to the application. A refusal of a request that the line made on its own account
(a truncation at barge-in) is never the application's either, whatever its code.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["RACES", "Race"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Race:
    """One refusal, what it means, and where it was seen."""

    code: str
    meaning: str
    source: str


RACES: dict[str, Race] = {
    race.code: race
    for race in (
        Race(
            code="response_cancel_not_active",
            meaning="the response had ended before it was cancelled",
            source="API: 'Cancellation failed: no active response found'; pipecat#3755",
        ),
        Race(
            code="input_audio_buffer_commit_empty",
            meaning="the server had committed the turn already",
            source="API: 'buffer too small. Expected at least 100ms of audio' after a commit by VAD",
        ),
        Race(
            code="conversation_already_has_active_response",
            meaning="the request waits for its turn",
            source="API: response.create while one runs; the message names it; it may be by VAD",
        ),
        Race(
            code="item_truncate_invalid_item_id",
            meaning="the item was gone before it was truncated",
            source="API: 'Error truncating item: the item with id … does not exist.'",
        ),
        Race(
            code="item_delete_invalid_item_id",
            meaning="the item was gone before it was deleted",
            source="API: 'Error deleting item: the item with id … does not exist.'",
        ),
    )
}
