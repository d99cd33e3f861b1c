from __future__ import annotations

import pytest

from trunkline.tui.glyphs import Glyphs


@pytest.mark.parametrize(
    ("encoding", "term", "glyphs"),
    [
        ("utf-8", "xterm-256color", Glyphs.BRAILLE),
        ("UTF8", "screen", Glyphs.BRAILLE),
        ("utf-8", "linux", Glyphs.BLOCKS),
        ("ascii", "xterm", Glyphs.ASCII),
        ("latin-1", "linux", Glyphs.ASCII),
        ("", "", Glyphs.ASCII),
    ],
)
def test_a_terminal_gets_the_finest_signs_it_has(encoding, term, glyphs):
    assert Glyphs.of(encoding=encoding, term=term) is glyphs
