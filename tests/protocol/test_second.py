from __future__ import annotations

from protocol.test_rotation import live
from trunkline.protocol import observations as seen
from trunkline.protocol.closure import Closure
from trunkline.protocol.drains import Dial


def test_a_credential_that_was_refused_is_asked_for_again_once():
    line = live()
    line.rotate().ended(Closure(status=401))
    line.wait(5.0)
    assert Dial(epoch=3, refresh_credential=True) in line.actions
    line.wire().ended(Closure(status=401))
    assert line.of(seen.RotationFailed)[-1].final
