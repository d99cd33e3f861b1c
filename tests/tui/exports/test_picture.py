from __future__ import annotations

from io import StringIO

from rich.console import Console

from trunkline.tui.exports.picture import self_contained


def test_a_picture_asks_nobody_for_fonts():
    console = Console(record=True, width=20, file=StringIO())
    console.print("hello")
    svg = console.export_svg(title="x")
    assert "cdnjs" in svg
    kept = self_contained(svg)
    assert "cdnjs" not in kept
    assert "@font-face" not in kept
    assert "Fira Code" not in kept
    assert "hello" in kept
    assert "url(http" not in kept
