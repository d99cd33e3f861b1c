from __future__ import annotations

import pytest

from trunkline.protocol import wire
from trunkline.soak.malformed import NONSENSE, UNKNOWN


@pytest.mark.parametrize("message", NONSENSE)
def test_nonsense_is_what_the_reader_refuses(message: bytes):
    assert isinstance(wire.decode(message), wire.Malformed)


@pytest.mark.parametrize("message", UNKNOWN)
def test_the_unknown_is_well_formed(message: bytes):
    assert isinstance(wire.decode(message), wire.Received)
