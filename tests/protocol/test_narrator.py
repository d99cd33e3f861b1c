from __future__ import annotations

from trunkline.protocol import observations as seen
from trunkline.protocol.drains import Drains
from trunkline.protocol.narrator import Narrator


def test_what_is_told_belongs_to_the_current_link():
    drains = Drains(epoch=7)
    Narrator(drains).anomaly(1.0, "kind", "sample")
    assert list(drains.observations) == [
        seen.Anomaly(at=1.0, epoch=7, kind="kind", sample="sample")
    ]
