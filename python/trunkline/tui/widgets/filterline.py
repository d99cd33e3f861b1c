"""The second line of the inspector: what is let through, and the filters that are a key away."""

from __future__ import annotations

from dataclasses import dataclass

from trunkline.tui.ink import Line, Span, Tone, fit, spread, trimmed

__all__ = ["FilterLook", "paint_filter"]

_WIDE = 100


@dataclass(frozen=True, slots=True)
class FilterLook:
    """A filter and how it is used."""

    text: str
    errors_only: bool = False
    shows_all: bool = False
    """Whether entries that do not match are shown, too, and only dimmed."""
    turn: int | None = None
    """The only turn that is shown."""
    complaint: str = ""
    """What is wrong with the filter that is being typed."""
    saved: tuple[tuple[str, str], ...] = ()
    """Keys and names."""


def paint_filter(look: FilterLook, width: int, _: int) -> list[Line]:
    """The filter at the left, the saved ones at the right where there is room."""
    if look.complaint:
        return [fit((Span(f" {look.complaint}", Tone.BAD),), width)]
    parts = [
        Span(look.text, Tone.STRONG),
        Span("! errors only" if look.errors_only else "", Tone.BAD),
        Span("" if look.turn is None else f"turn {look.turn} only (o)", Tone.ACCENT),
        Span("matches lit (v)" if look.shows_all and look.text else "", Tone.DIM),
    ]
    shown = [part for part in parts if part.text] or [Span("none", Tone.DIM)]
    spaced = [span for part in shown for span in (part, Span(" · ", Tone.DIM))][:-1]
    left = (Span(" filter: ", Tone.DIM), *spaced)
    if width < _WIDE:
        return [fit(left, width)]
    keys = "  ".join(f"{key} {name}" for key, name in look.saved)
    hint = "" if look.text else "(dir turn item lat err /re/)   "
    return [spread(trimmed(left), (Span(f"{hint}saved: {keys} ", Tone.DIM),), width)]
