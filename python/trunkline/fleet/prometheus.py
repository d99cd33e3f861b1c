"""The same metrics in a registry of `prometheus_client`, for applications that serve one already."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trunkline.errors import ConfigError
from trunkline.fleet.exporter import Exporter
from trunkline.telemetry.families import Kind
from trunkline.telemetry.totals import Distribution

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trunkline.telemetry.families import Family
    from trunkline.telemetry.reading import Reading, Series

__all__ = ["PrometheusCollector"]


class PrometheusCollector(Exporter):
    """A collector for `prometheus_client`, and a part of telemetry.

    `collector = PrometheusCollector(); REGISTRY.register(collector); connect(telemetry=collector)`. It waits some
    milliseconds for telemetry's thread, so an event loop that renders the registry itself should do it in a thread.
    Needs the extra `metrics`. `measure` and `names` are those of `Exporter`. Raises ConfigError where the client is not
    installed.
    """

    def __init__(self, *, measure: bool = True, names: bool = False) -> None:
        try:
            import prometheus_client  # noqa: F401, PLC0415 - an extra
        except ImportError:
            reason = "it needs the extra 'metrics': pip install 'trunkline[metrics]'"
            raise ConfigError("PrometheusCollector", reason) from None
        super().__init__(measure=measure, names=names)

    def describe(self) -> Iterator[Any]:
        """The families without values, so that a registry knows their names."""
        return self._families(None)

    def collect(self) -> Iterator[Any]:
        """The families with the values of now, or the last ones if telemetry does not answer in 3 s."""
        try:
            return self._families(self.reading())
        except TimeoutError:
            # The registry has metrics of others, too.
            return self._families(self._last)

    def _families(self, reading: Reading | None) -> Iterator[Any]:
        known = self._last if reading is None else reading
        for family, series in known.values:
            yield _metric(family, known.labels(family), () if reading is None else series)


def _metric(family: Family, names: tuple[str, ...], series: Series) -> Any:
    from prometheus_client import core  # noqa: PLC0415 - an extra

    if family.kind is Kind.HISTOGRAM:
        histogram = core.HistogramMetricFamily(family.name, family.text, labels=names)
        for labels, value in series:
            assert isinstance(value, Distribution)
            histogram.add_metric(labels, _buckets(family, value), value.sum)
        return histogram
    kind = core.CounterMetricFamily if family.kind is Kind.COUNTER else core.GaugeMetricFamily
    metric = kind(family.base_name, family.text, labels=names)
    for labels, value in series:
        assert not isinstance(value, Distribution)
        metric.add_metric(labels, value)
    return metric


def _buckets(family: Family, value: Distribution) -> list[tuple[str, float]]:
    """Names of the upper ends, and how many values are not above."""
    total, found = 0, []
    for bound, count in zip((*family.bounds, None), value.counts, strict=True):
        total += count
        found.append(("+Inf" if bound is None else repr(bound), float(total)))
    return found
