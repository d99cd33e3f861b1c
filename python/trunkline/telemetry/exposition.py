"""A reading as text: the exposition format 0.0.4 of Prometheus, and OpenMetrics 1.0.

Both are lines of `name{labels} value`. They differ in what a counter is called in its description, in units, in how
numbers of buckets are written, and in the end, which OpenMetrics marks.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from trunkline.telemetry.families import Kind
from trunkline.telemetry.totals import Distribution

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trunkline.telemetry.families import Family
    from trunkline.telemetry.reading import Reading
    from trunkline.telemetry.totals import Labels

__all__ = ["OPENMETRICS", "TEXT", "exposition", "negotiated"]

TEXT = "text/plain; version=0.0.4; charset=utf-8"
OPENMETRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8"

_KINDS = {
    Kind.COUNTER: "counter",
    Kind.GAUGE: "gauge",
    Kind.UPDOWN: "gauge",
    Kind.HISTOGRAM: "histogram",
}
# By OpenMetrics a name ends in its unit, and a unit is said only where it does.
_UNITS = {"s": "seconds", "By": "bytes"}
_ESCAPES = str.maketrans({"\\": "\\\\", "\n": "\\n", '"': '\\"'})


def negotiated(accept: str) -> str:
    """`OPENMETRICS` where a reader prefers it by its Accept header, else `TEXT`, which everybody reads."""
    open_q, text_q = 0.0, 0.0
    for part in accept.lower().split(",")[:32]:
        kind, *parameters = (word.strip() for word in part.split(";"))
        quality = _quality(parameters)
        if kind == "application/openmetrics-text" and _is_first_version(parameters):
            open_q = max(open_q, quality)
        elif kind in ("text/plain", "text/*", "*/*"):
            text_q = max(text_q, quality)
    return OPENMETRICS if open_q > 0 and open_q >= text_q else TEXT


def exposition(reading: Reading, content_type: str = TEXT) -> bytes:
    """The text in one of the two forms. Cost: about 2 µs a line of it."""
    is_open = content_type == OPENMETRICS
    lines: list[str] = []
    for family, series in reading.values:
        lines += _description(family, is_open=is_open)
        names = reading.labels(family)
        for labels, value in series:
            if isinstance(value, Distribution):
                lines += _histogram(family, names, labels, value)
            else:
                lines.append(f"{family.name}{_labels(names, labels)} {_number(value)}")
    lines.append("# EOF\n" if is_open else "")
    return "\n".join(lines).encode()


def _quality(parameters: list[str]) -> float:
    told = next((word[2:] for word in parameters if word.startswith("q=")), "1")
    try:
        return min(max(float(told), 0.0), 1.0)
    except ValueError:
        return 0.0


def _is_first_version(parameters: list[str]) -> bool:
    """Whether 1.0 is meant; who says no version takes any."""
    told = next((word[8:] for word in parameters if word.startswith("version=")), "1.0.0")
    return told.startswith("1.")


def _description(family: Family, *, is_open: bool) -> Iterator[str]:
    name = family.base_name if is_open else family.name
    yield f"# HELP {name} {family.text.translate(_ESCAPES) if is_open else family.text}"
    yield f"# TYPE {name} {_KINDS[family.kind]}"
    unit = _UNITS.get(family.unit)
    if is_open and unit is not None and name.endswith(f"_{unit}"):
        yield f"# UNIT {name} {unit}"


def _histogram(
    family: Family, names: tuple[str, ...], labels: Labels, value: Distribution
) -> Iterator[str]:
    known, total = _pairs(names, labels), 0
    head = f"{known}," if known else ""
    for bound, count in zip((*family.bounds, None), value.counts, strict=True):
        total += count
        end = "+Inf" if bound is None else repr(bound)
        yield f'{family.name}_bucket{{{head}le="{end}"}} {total}'
    text = f"{{{known}}}" if known else ""
    yield f"{family.name}_count{text} {total}"
    yield f"{family.name}_sum{text} {_number(value.sum)}"


def _labels(names: tuple[str, ...], values: Labels) -> str:
    known = _pairs(names, values)
    return f"{{{known}}}" if known else ""


def _pairs(names: tuple[str, ...], values: Labels) -> str:
    """Those that say something: one that is empty is one that is not there."""
    known = zip(names, values, strict=True)
    return ",".join(f'{name}="{value.translate(_ESCAPES)}"' for name, value in known if value)


def _number(value: float) -> str:
    """As exact as it is; a count without a fraction."""
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else "+Inf" if value > 0 else "-Inf"
    return str(int(value)) if value == int(value) else repr(value)
