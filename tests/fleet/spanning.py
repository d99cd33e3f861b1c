"""Spans of lines, kept in memory by the SDK."""

from __future__ import annotations

from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from telemetry.counting import WALL
from trunkline.fleet.spans import Spans
from trunkline.telemetry.fleet import FleetFold


def tracing() -> tuple[TracerProvider, InMemorySpanExporter]:
    kept = InMemorySpanExporter()
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(kept))
    return provider, kept


class Drawn:
    """A fleet, and the spans of its lines."""

    def __init__(self, **options) -> None:
        self.fleet = FleetFold()
        provider, self.kept = tracing()
        self.spans = Spans(provider.get_tracer("test"), **options)

    def take(self, *frames) -> Drawn:
        for frame in frames:
            self.fleet.apply(frame)
            if frame.line in self.fleet.lines:
                self.spans.take(frame, self.fleet.lines[frame.line])
        return self

    def named(self, name: str) -> list:
        """The spans of a name that have ended."""
        return [one for one in self.kept.get_finished_spans() if one.name == name]

    def only(self, name: str):
        (one,) = self.named(name)
        return one


def seconds(span) -> tuple[float, float]:
    """When it began and ended, by the line's clock."""
    return tuple(round(at / 1e9 - WALL, 3) for at in (span.start_time, span.end_time))
