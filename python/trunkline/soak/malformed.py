"""What no session should say: messages that break JSON, the protocol, or nothing but expectations."""

from __future__ import annotations

__all__ = ["NONSENSE", "UNKNOWN"]

NONSENSE: tuple[bytes, ...] = (
    b"", b" ", b"{", b"null", b"[1]", b'"text"', b"{}", b'{"type":7}', b'{"type":"session.updated"}',
    b"\xff\xfe", b'{"type":"error","error":"no"}', b'{"type":"\\ud800"}',
    b"[" * 2000, b'{"type":"response.done","response":{"id":7}}',
    b'{"type":"input_audio_buffer.speech_stopped","item_id":"x","audio_end_ms":1e400}',
    b'{"type":"input_audio_buffer.speech_started","item_id":"x","audio_start_ms":"7"}',
    b'{"type":"response.output_audio.delta","response_id":"r","item_id":"i","output_index":0,"content_index":0,"delta":"A"}',
    b'{"type":"response.output_audio.delta","response_id":"r","item_id":"i","output_index":0,"content_index":0,"delta":"AA=="}',
    b'{"type":"response.output_audio.delta","response_id":"r","item_id":"i","output_index":0,"content_index":0,"delta":"!!!!"}',
)  # fmt: skip
"""Each must be an anomaly and nothing more."""

UNKNOWN: tuple[bytes, ...] = (
    b'{"type":"response.daydreamed","event_id":"e","about":[1,2,{"sheep":null}]}',
    b'{"type":"conversation.item.truncated","item_id":"nobody","content_index":0,"audio_end_ms":5}',
    b'{"type":"conversation.item.deleted","item_id":"nobody"}',
    b'{"type":"response.done","response":{"id":"nobody","status":"completed"}}',
    b'{"type":"conversation.item.input_audio_transcription.failed","item_id":"nobody","error":{}}',
    b'{"type":"response.output_text.delta","response_id":"nobody","item_id":"nobody","delta":"x"}',
)
"""Well-formed, and about nothing we know."""
