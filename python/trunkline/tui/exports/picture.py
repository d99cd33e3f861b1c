"""A screen as SVG that asks nobody for fonts."""

from __future__ import annotations

import re

__all__ = ["self_contained"]

# Rich puts two of these into each picture: four addresses of a CDN, which a viewer would ask.
_FONT = re.compile(r"@font-face\s*\{.*?\}", re.DOTALL)
_FAMILY = re.compile(r"font-family:\s*Fira Code\s*,")


def self_contained(svg: str) -> str:
    """The picture without fonts from elsewhere; what draws it takes its own monospaced one."""
    return _FAMILY.sub("font-family: DejaVu Sans Mono, Menlo, Consolas,", _FONT.sub("", svg))
