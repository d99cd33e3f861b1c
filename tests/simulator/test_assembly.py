from __future__ import annotations

from typing import cast

import pytest

from simulator.sitting import Parrot
from trunkline.simulator.admission import Admitted
from trunkline.simulator.assembly import Assembly
from trunkline.simulator.clock import ManualClock
from trunkline.simulator.framing import Framing
from trunkline.simulator.history import DialRecord
from trunkline.simulator.profiles import PROFILES
from trunkline.simulator.timing import Timing


def assembled(profile: str = "openai-ga", count: int = 1):
    assembly = Assembly(
        profile=PROFILES[profile], voice=Parrot(), timing=Timing(), seed=7, clock=ManualClock(),
        audio_limit_bytes=10,
    )  # fmt: skip
    admitted = Admitted(
        key="sk-…(7)", model="gpt-realtime", kind="realtime", session=None, conversation_id=None
    )
    dials = [DialRecord(number=number + 3, at=0.0) for number in range(count)]
    parts = [assembly.parts(dial, admitted, cast("Framing", None)) for dial in dials]
    return assembly, dials, parts


def test_sessions_are_numbered_and_their_ids_differ_in_one_run_and_agree_in_two():
    assembly, dials, parts = assembled(count=2)
    assert [dial.epoch for dial in dials] == [1, 2]
    assert [part.dial for part in parts] == [3, 4]
    ids = [session.session_id for session in assembly.sessions]
    assert len(set(ids)) == 2
    assert ids == [session.session_id for session in assembled(count=2)[0].sessions]
    assert assembly.sessions[0].audio_limit_bytes == 10


@pytest.mark.parametrize(
    ("profile", "name"),
    [
        ("openai-ga", "NoneType"),
        ("openai-beta", "BetaDialect"),
        ("azure-ga", "AzureDialect"),
        ("azure-preview", "BetaDialect"),
        ("xai", "XaiDialect"),
    ],
)
def test_each_profile_has_its_dialect(profile, name):
    _, _, (parts,) = assembled(profile)
    assert type(parts.dialect).__name__ == name
