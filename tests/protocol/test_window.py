from __future__ import annotations

import pytest

from trunkline.protocol.window import RotationPolicy, Window


@pytest.mark.parametrize(("draw", "due_at"), [(0.0, 3180.0), (0.5, 3300.0), (1.0, 3420.0)])
def test_lines_that_began_together_do_not_rotate_together(draw: float, due_at: float):
    window = Window(RotationPolicy(), opened_at=0.0)
    assert not window.is_due(3179.0, draw)
    assert window.is_due(3180.0, draw) == (draw == 0.0)
    assert window.due_at() == due_at
    assert window.is_due(due_at, 0.9)


@pytest.mark.parametrize(
    ("lifetime", "ends_at"),
    [(1800.0, 1740.0), (7200.0, 3480.0), (10.0, 3480.0), (-5.0, 3480.0)],
    ids=["shorter", "longer", "a wrong clock", "a clock that is worse"],
)
def test_what_the_server_says_shortens_the_window_and_never_lengthens_it(
    lifetime: float, ends_at: float
):
    window = Window(RotationPolicy(), opened_at=0.0)
    window.told(lifetime)
    assert window.ends_at() == ends_at
