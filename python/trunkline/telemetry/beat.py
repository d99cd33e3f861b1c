"""What a beat holds, by name: the sums, the gauges and the spreads, each with its unit in its name.

The names are the form on the wire: they are never renamed, only added to.
"""

from __future__ import annotations

__all__ = [
    "ACCEPTED",
    "BUFFERED",
    "BUFFERED_LEAST",
    "CONSUMED",
    "DELTA_GAP",
    "DELTA_JITTER",
    "DOWN_BYTES",
    "DOWN_CHUNKS",
    "DOWN_MESSAGES",
    "HEARD",
    "HEARD_AT",
    "IMBALANCE",
    "INPUT_CLIPPED",
    "INPUT_ENERGY",
    "INPUT_PEAK",
    "INPUT_SAMPLES",
    "KERNEL_RTT",
    "KERNEL_RTT_LEAST",
    "LATENESS",
    "LATE_CHUNKS",
    "LATE_SECONDS",
    "LEAD_LEAST",
    "LOOP_LAG",
    "OUTBOX",
    "OUTBOX_MOST",
    "OUTPUT_CLIPPED",
    "OUTPUT_ENERGY",
    "OUTPUT_PEAK",
    "OUTPUT_SAMPLES",
    "PLAYED",
    "RECEIVED",
    "REPLAYED",
    "RETAINED",
    "RETRANSMITS",
    "SENT",
    "SILENT",
    "STALLED",
    "TARGET",
    "TIMED_CHUNKS",
    "TRANSPORT",
    "UNDERRUNS",
    "UNSENT",
    "UP_BYTES",
    "UP_CHUNKS",
    "UP_MESSAGES",
]

LATE_SECONDS = 0.1
"""A chunk that is handed over later than this is late: five of 20 ms (the score's definition)."""

# Sums: how much of it there was since the last beat.

ACCEPTED = "accepted_samples"
"""Audio that the application gave."""
SENT = "sent_samples"
"""Sent for the first time."""
REPLAYED = "replayed_samples"
"""Sent again to another session."""
CONSUMED = "consumed_samples"
RECEIVED = "received_samples"
"""Reply audio that arrived."""
HEARD = "heard_samples"
"""Reply audio that the application told to be played."""
UP_BYTES = "up_bytes"
DOWN_BYTES = "down_bytes"
UP_MESSAGES = "up_messages"
DOWN_MESSAGES = "down_messages"
UP_CHUNKS = "up_chunks"
"""Messages with audio, up."""
DOWN_CHUNKS = "down_chunks"
TIMED_CHUNKS = "timed_chunks"
"""Chunks whose lateness was measured."""
LATE_CHUNKS = "late_chunks"
"""Those of them that were later than `LATE_SECONDS`."""
STALLED = "stalled_s"
"""The writer could not write."""
UNDERRUNS = "underruns"
SILENT = "silent_s"
"""Silence that was played for want of audio in the middle of an answer."""
PLAYED = "played_s"
"""An answer was being played."""
INPUT_ENERGY = "input_energy"
"""Mean square of the user's audio times its samples; 1.0 for each sample of full scale."""
INPUT_SAMPLES = "input_samples"
INPUT_CLIPPED = "input_clipped_samples"
OUTPUT_ENERGY = "output_energy"
OUTPUT_SAMPLES = "output_samples"
OUTPUT_CLIPPED = "output_clipped_samples"

# Gauges: how it was last; `LEAST` and `MOST` over the beat.

OUTBOX = "outbox_samples"
OUTBOX_MOST = "outbox_most_samples"
RETAINED = "retained_samples"
IMBALANCE = "imbalance_samples"
"""What the line's own count of its books differs by from what its facts add up to."""
TRANSPORT = "transport_bytes"
"""Taken by the link and not by the kernel."""
UNSENT = "unsent_bytes"
"""Taken by the kernel and not sent."""
KERNEL_RTT = "kernel_rtt_s"
KERNEL_RTT_LEAST = "kernel_rtt_least_s"
RETRANSMITS = "retransmits"
BUFFERED = "buffered_ms"
BUFFERED_LEAST = "buffered_least_ms"
"""While an answer was unfinished."""
TARGET = "target_ms"
LEAD_LEAST = "lead_least_s"
"""How far the delivery of audio was ahead of the speaker at worst; below 0 it starved."""
DELTA_JITTER = "delta_jitter_s"
"""RFC 3550 §A.8 on audio deltas: transit is arrival less media position. Large by design, and not graded."""
INPUT_PEAK = "input_peak"
"""0 to 1, the highest of the beat."""
OUTPUT_PEAK = "output_peak"
HEARD_AT = "heard_at_s"
"""When the last byte came from the server, in seconds of the line's clock."""

# Spreads: histograms of durations.

LATENESS = "lateness"
"""From when a chunk could have been handed over to when it was."""
LOOP_LAG = "loop_lag"
DELTA_GAP = "delta_gap"
"""Between two audio deltas of one answer."""
