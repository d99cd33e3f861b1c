"""A drawing as a list of shapes, so that a page and an image file show the same.

Shapes name a tone and no colour: a page colours tones by its style sheet, light or dark, an image by a palette. Lengths
are pixels of the drawing's own size; y grows downwards. Every text is escaped where it becomes markup.
"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TypeAlias

__all__ = [
    "SIGN_POINTS",
    "TONES",
    "Bars",
    "Box",
    "Curve",
    "Picture",
    "Shape",
    "Sign",
    "Words",
    "svg",
]

TONES = (
    "ink",
    "faint",
    "grid",
    "shade",
    "paper",
    "ok",
    "warning",
    "bad",
    "user",
    "model",
    "accent",
)
"""Every tone a shape may name."""

_ANCHORS = {"left": "start", "middle": "middle", "right": "end"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A filled rectangle; its title shows when one points at it."""

    x: float
    y: float
    width: float
    height: float
    tone: str
    title: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bars:
    """Many rectangles of one tone that stand on one line: a row of a timeline, at a fifth of the markup of boxes."""

    y: float
    """Of the line that they stand on."""
    bars: tuple[tuple[float, float, float], ...]
    """Left edge, width and height of each."""
    tone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """A line through points."""

    points: tuple[tuple[float, float], ...]
    tone: str
    width: float = 1.5
    dashed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """One line of text; `y` is its baseline."""

    x: float
    y: float
    text: str
    tone: str = "ink"
    anchor: str = "left"
    """`left`, `middle` or `right`: what `x` is of the text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sign:
    """A small sign around a point: `triangle`, `cross`, `dot` or `flag`, so that nothing hangs on a colour."""

    x: float
    y: float
    kind: str
    tone: str
    title: str = ""


Shape: TypeAlias = Box | Bars | Curve | Words | Sign


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """Shapes in the order they are drawn."""

    width: int
    height: int
    label: str
    """What it shows, for those who cannot see it."""
    shapes: tuple[Shape, ...]


SIGN_POINTS: dict[str, tuple[tuple[float, float], ...]] = {
    "triangle": ((0, -5), (5.5, 4.5), (-5.5, 4.5)),
    "cross": ((-5, -5), (5, 5), (0, 0), (5, -5), (-5, 5), (0, 0)),
    "dot": ((-3.5, -3.5), (3.5, -3.5), (3.5, 3.5), (-3.5, 3.5)),
    "flag": ((-1, -6), (6, -3), (-1, 0), (-1, 6)),
}
"""The outline of each sign around its point."""


def svg(picture: Picture) -> str:
    """The picture as an inline `svg` element, which fills the width it is given; colours are left to a style sheet."""
    shapes = "".join(_element(shape) for shape in picture.shapes)
    return (
        f'<svg viewBox="0 0 {picture.width} {picture.height}" role="img" '
        f'aria-label="{escape(picture.label)}">{shapes}</svg>'
    )


def _element(shape: Shape) -> str:
    match shape:
        case Box():
            return (
                f'<rect x="{_n(shape.x)}" y="{_n(shape.y)}" width="{_n(shape.width)}" '
                f'height="{_n(shape.height)}" class="f-{escape(shape.tone)}">{_title(shape.title)}</rect>'
            )
        case Bars():
            ways = (f"M{_n(x)} {_n(shape.y)}v-{_n(h)}h{_n(w)}v{_n(h)}z" for x, w, h in shape.bars)
            return f'<path d="{"".join(ways)}" class="f-{escape(shape.tone)}"/>'
        case Curve():
            dash = ' stroke-dasharray="4 4"' if shape.dashed else ""
            return (
                f'<polyline points="{_points(shape.points)}" class="s-{escape(shape.tone)}" '
                f'stroke-width="{_n(shape.width)}"{dash}/>'
            )
        case Words():
            return (
                f'<text x="{_n(shape.x)}" y="{_n(shape.y)}" class="f-{escape(shape.tone)}" '
                f'text-anchor="{_ANCHORS[shape.anchor]}">{escape(shape.text)}</text>'
            )
        case Sign():
            return _sign(shape)


def _sign(sign: Sign) -> str:
    points = tuple((sign.x + x, sign.y + y) for x, y in SIGN_POINTS[sign.kind])
    # A cross is strokes; the others are areas.
    paint = "s" if sign.kind == "cross" else "f"
    width = ' stroke-width="2.5"' if sign.kind == "cross" else ""
    return (
        f'<polygon points="{_points(points)}" class="{paint}-{escape(sign.tone)}"{width}>'
        f"{_title(sign.title)}</polygon>"
    )


def _title(text: str) -> str:
    return f"<title>{escape(text)}</title>" if text else ""


def _points(points: tuple[tuple[float, float], ...]) -> str:
    return " ".join(f"{_n(x)},{_n(y)}" for x, y in points)


def _n(value: float) -> str:
    """A length without the decimals that nobody sees."""
    return f"{value:.1f}".rstrip("0").rstrip(".")
