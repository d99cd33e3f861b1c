"""Metrics and spans by OpenTelemetry's API: the application brings the SDK, and says where they go."""

from __future__ import annotations

import threading
import time
from functools import partial
from typing import TYPE_CHECKING, Any

from trunkline.errors import ConfigError
from trunkline.fleet.attributes import Attributes, attributes_of, wants_drafts
from trunkline.fleet.exporter import Exporter
from trunkline.fleet.spans import Spans
from trunkline.telemetry import families as of
from trunkline.telemetry.families import FAMILIES, Kind
from trunkline.telemetry.figures import build_info
from trunkline.telemetry.totals import Distribution

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from trunkline.fleet.worker import Worker
    from trunkline.telemetry.families import Family
    from trunkline.telemetry.frames import Frame
    from trunkline.telemetry.reading import Reading
    from trunkline.telemetry.totals import Labels

__all__ = ["OpenTelemetry"]

# gen_ai.client.token.usage of the semantic conventions: powers of four.
_TOKEN_BOUNDS = tuple(float(4**n) for n in range(14))
# All instruments of one collection see the same moment.
_SHARED_SECONDS = 0.05


class OpenTelemetry(Exporter):
    """Gives metrics and spans of all lines to OpenTelemetry: `connect(telemetry=OpenTelemetry())`.

    Without providers it takes the global ones. Spans are the line, its sessions, its outages and its responses; no
    words are in them. `drafts` adds what the GenAI conventions only draft; without it the environment says so
    (`OTEL_SEMCONV_STABILITY_OPT_IN`). Needs the extra `otel`. `measure` and `names` are those of `Exporter`.
    Raises ConfigError where the API is not installed.
    """

    def __init__(
        self,
        *,
        meter_provider: Any = None,
        tracer_provider: Any = None,
        drafts: bool | None = None,
        measure: bool = True,
        names: bool = False,
    ) -> None:
        try:
            from opentelemetry import metrics, trace  # noqa: PLC0415 - an extra
        except ImportError:
            reason = "it needs the extra 'otel': pip install 'trunkline[otel]'"
            raise ConfigError("OpenTelemetry", reason) from None
        super().__init__(measure=measure, names=names, listener=self._record)
        self._drafts = wants_drafts() if drafts is None else drafts
        version, backend, python = build_info()
        scope = {"trunkline.codec.backend": backend, "process.runtime.version": python}
        self._meter = metrics.get_meter("trunkline", version, meter_provider, attributes=scope)
        tracer = trace.get_tracer("trunkline", version, tracer_provider, attributes=scope)
        self._begin_spans = partial(Spans, tracer, drafts=self._drafts)
        self._spans = self._begin_spans()
        self._attributes: dict[tuple[Family, Labels], Attributes] = {}
        self._recorders: dict[Family, list[Any]] = {}
        self._shared: tuple[float, Reading] = (-1.0, self._last)
        self._lock = threading.Lock()
        """Of the shared reading; telemetry's thread does not take it."""
        self._make_instruments()

    def _record(self, family: Family, labels: Labels, amount: float) -> None:
        """What is a histogram there is told as it comes."""
        for recorder in self._recorders.get(family, ()):
            recorder.record(amount, self._named(family, labels))

    def start(self, worker: Worker) -> None:
        """Begins; in the child of a fork without the spans that its parent began."""
        super().start(worker)
        if self.is_forked:
            self._spans = self._begin_spans()

    def followed(self, frame: Frame) -> None:
        """Draws spans of a frame."""
        fold = self._state.fold.lines.get(frame.line)
        if fold is not None:
            self._spans.take(frame, fold)

    def forget(self, key: str) -> None:
        """A line leaves the fleet."""
        self._spans.forget(key, time.time())
        super().forget(key)

    def stop(self) -> None:
        """Ends what spans are open."""
        self._spans.close(time.time())
        super().stop()

    def _make_instruments(self) -> None:
        for family in FAMILIES:
            if family is of.BUILD_INFO:
                # The scope of all instruments says it.
                continue
            if family.kind is Kind.HISTOGRAM or family is of.TOKENS:
                self._recorders[family] = [self._histogram(family, family.otel)]
            else:
                make = {
                    Kind.COUNTER: self._meter.create_observable_counter,
                    Kind.UPDOWN: self._meter.create_observable_up_down_counter,
                    Kind.GAUGE: self._meter.create_observable_gauge,
                }[family.kind]
                make(family.otel, [self._observer(family)], family.unit, family.text)
        if self._drafts:
            name = "gen_ai.client.operation.time_to_first_chunk"
            self._recorders[of.FIRST_AUDIO].append(self._histogram(of.FIRST_AUDIO, name))

    def _histogram(self, family: Family, name: str) -> Any:
        return self._meter.create_histogram(
            name,
            family.unit,
            family.text,
            explicit_bucket_boundaries_advisory=family.bounds or _TOKEN_BOUNDS,
        )

    def _observer(self, family: Family) -> Callable[[Any], Iterable[Any]]:
        from opentelemetry.metrics import Observation  # noqa: PLC0415 - an extra

        def observe(_options: Any) -> Iterable[Any]:
            for labels, value in self._moment().of(family):
                assert not isinstance(value, Distribution)
                yield Observation(value, self._named(family, labels))

        return observe

    def _moment(self) -> Reading:
        """One reading for all instruments that are asked together."""
        with self._lock:
            at, reading = self._shared
            if time.monotonic() - at > _SHARED_SECONDS:
                try:
                    reading = self.reading()
                except TimeoutError:
                    # What was known is better than a line of log for each instrument.
                    reading = self._last
                self._shared = (time.monotonic(), reading)
            return reading

    def _named(self, family: Family, labels: Labels) -> Attributes:
        known = self._attributes.get((family, labels))
        if known is None:
            names = (*self._figures.account.base_labels, *family.labels)
            known = self._attributes[family, labels] = attributes_of(family, names, labels)
        return known
