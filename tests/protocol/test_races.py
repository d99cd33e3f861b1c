from __future__ import annotations

from trunkline.protocol.races import RACES


def test_every_race_has_a_meaning_and_a_source():
    assert len(RACES) == 5
    assert all(race.meaning and race.source and code == race.code for code, race in RACES.items())
