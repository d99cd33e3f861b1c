from __future__ import annotations

import numpy as np
import pytest

from trunkline.audio import g711
from trunkline.simulator.companding import ALAW, ULAW

CODES = bytes(range(256))
SAMPLES = np.arange(-32768, 32768).astype("<i2").tobytes()
CLIENTS = {
    "ulaw": (ULAW, g711.decode_ulaw, g711.encode_ulaw),
    "alaw": (ALAW, g711.decode_alaw, g711.encode_alaw),
}


@pytest.mark.parametrize("name", CLIENTS)
def test_every_code_stands_for_the_sample_the_client_reads_from_it(name):
    law, decode, _ = CLIENTS[name]
    assert law.decode(CODES) == decode(CODES)


@pytest.mark.parametrize("name", CLIENTS)
def test_a_code_comes_back_as_itself_but_for_the_second_zero(name):
    law = CLIENTS[name][0]
    back = law.encode(law.decode(CODES))
    differing = {code for code in CODES if back[code] != code}
    assert differing == ({0x7F} if name == "ulaw" else set())
    assert ULAW.encode(bytes(2)) == b"\xff"


@pytest.mark.parametrize("name", CLIENTS)
def test_no_code_is_nearer_to_a_sample_than_the_one_it_gets(name):
    law, decode, encode = CLIENTS[name]
    samples = np.frombuffer(SAMPLES, dtype="<i2").astype(int)
    table = np.unique(np.frombuffer(decode(CODES), dtype="<i2").astype(int))
    mine = np.frombuffer(law.decode(law.encode(SAMPLES)), dtype="<i2").astype(int)
    place = np.clip(np.searchsorted(table, samples), 1, table.size - 1)
    nearest = np.minimum(abs(table[place] - samples), abs(table[place - 1] - samples))
    assert (abs(mine - samples) == nearest).all()
    theirs = np.frombuffer(decode(encode(SAMPLES)), dtype="<i2").astype(int)
    assert abs(mine - theirs).max() <= np.diff(table).max()


def test_nothing_is_nothing():
    assert (ULAW.encode(b""), ALAW.decode(b"")) == (b"", b"")
