from __future__ import annotations

import pytest

from trunkline.telemetry.families import BUILD_INFO, EVENTS, FAMILIES
from trunkline.telemetry.reading import Reading


def test_a_reading_of_nothing_has_all_families():
    assert [family for family, _ in Reading().values] == FAMILIES
    assert Reading().of(EVENTS) == ()


def test_labels_of_lines_come_before_those_of_a_family():
    reading = Reading(base=("model", "server_address", "line"))
    assert reading.labels(EVENTS) == ("model", "server_address", "line", "direction", "type")
    assert reading.labels(BUILD_INFO) == ("version", "rust", "python")


def test_it_never_changes():
    with pytest.raises(AttributeError):
        Reading().at = 1.0
