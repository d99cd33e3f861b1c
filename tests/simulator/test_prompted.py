from __future__ import annotations

from simulator.sitting import MS, Parrot
from trunkline.simulator.prompted import Prompted


def test_lines_come_in_their_order_and_then_the_voice_goes_on():
    voice = Prompted(Parrot())
    voice.say("one")
    voice.say("a longer line of words")
    first, second, third = (voice.reply([]) for _ in range(3))
    assert (first.text, second.text, third.text) == ("one", "a longer line of words", "hello there")
    assert len(first.pcm) == 300 * MS
    assert len(second.pcm) == 22 * 65 * MS
    assert voice.hear(bytes(20 * MS)) == "heard 20 ms"
