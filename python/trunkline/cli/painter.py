"""A drawing as a PNG file, by Pillow, for those who paste a timeline into a message."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Any

import click

from trunkline.telemetry.page_style import LIGHT
from trunkline.telemetry.picture import SIGN_POINTS, Bars, Box, Curve, Sign, Words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from trunkline.telemetry.picture import Picture, Shape

__all__ = ["MISSING", "png"]

MISSING = "a picture needs the extra 'report': pip install 'trunkline[report]'"

# Drawn at twice the size, so that it stays sharp on screens of today.
_SCALE = 2
_MARGIN = 12
_POINT = 12
_ANCHORS = {"left": "ls", "middle": "ms", "right": "rs"}
_DASH = 4.0


def png(picture: Picture) -> bytes:
    """The picture on white at twice its size; texts in Pillow's own font, which every machine has with it.

    A character that this font lacks is drawn as its box. Raises click's UsageError without the extra.
    """
    try:
        from PIL import Image, ImageDraw, ImageFont
    except ImportError as error:
        raise click.UsageError(MISSING) from error
    size = ((picture.width + 2 * _MARGIN) * _SCALE, (picture.height + 2 * _MARGIN) * _SCALE)
    image = Image.new("RGB", size, LIGHT["paper"])
    pen = _Pen(ImageDraw.Draw(image), ImageFont.load_default(_POINT * _SCALE))
    for shape in picture.shapes:
        pen.draw(shape)
    file = BytesIO()
    image.save(file, "PNG", optimize=True)
    return file.getvalue()


class _Pen:
    """Draws shapes, moved and scaled."""

    def __init__(self, draw: Any, font: Any) -> None:
        self._draw = draw
        self._font = font

    def draw(self, shape: Shape) -> None:
        """One shape, in the colour of its tone."""
        colour = LIGHT[shape.tone]
        match shape:
            case Box():
                self._area(shape.x, shape.y, shape.width, shape.height, colour)
            case Bars():
                for x, width, height in shape.bars:
                    self._area(x, shape.y - height, width, height, colour)
            case Curve():
                width = max(round(shape.width * _SCALE), 1)
                for part in _dashes(shape) if shape.dashed else (shape.points,):
                    self._draw.line(_placed(part), fill=colour, width=width, joint="curve")
            case Words():
                ((x, y),) = _placed(((shape.x, shape.y),))
                anchor = _ANCHORS[shape.anchor]
                self._draw.text((x, y), shape.text, fill=colour, font=self._font, anchor=anchor)
            case Sign():
                self._sign(shape, colour)

    def _area(self, x: float, y: float, width: float, height: float, colour: str) -> None:
        self._draw.rectangle(_placed(((x, y), (x + width, y + height))), fill=colour)

    def _sign(self, sign: Sign, colour: str) -> None:
        points = _placed([(sign.x + x, sign.y + y) for x, y in SIGN_POINTS[sign.kind]])
        if sign.kind == "cross":
            self._draw.line(points, fill=colour, width=round(2.5 * _SCALE))
        else:
            self._draw.polygon(points, fill=colour)


def _placed(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    return [((x + _MARGIN) * _SCALE, (y + _MARGIN) * _SCALE) for x, y in points]


def _dashes(curve: Curve) -> Iterator[tuple[tuple[float, float], tuple[float, float]]]:
    """A level line in pieces; only those are ever dashed."""
    (x, y), (end, _) = curve.points[0], curve.points[-1]
    while x < end:
        yield (x, y), (min(x + _DASH, end), y)
        x += 2 * _DASH
