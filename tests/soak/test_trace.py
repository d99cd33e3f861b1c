from __future__ import annotations

from trunkline.soak.trace import Trace


def test_the_digest_is_of_everything_and_the_context_of_the_last():
    one, other = Trace(), Trace()
    for number in range(100):
        one.note(number / 3, f"deed {number}")
        other.note(number / 3, f"deed {number}")
    assert one.digest() == other.digest()
    assert one.context()[-1] == "33.000000 deed 99"
    assert len(one.context()) < 100
    other.note(34.0, "one more")
    assert one.digest() != other.digest()
