from __future__ import annotations

from gauntlet.planting import FIRST, SECOND
from trunkline.gauntlet.host import REPLY_MS, Host
from trunkline.simulator.voice import Utterance


def test_each_utterance_has_a_short_answer_of_its_own():
    replies = [Host().reply([Utterance(role="user", text=one.text)]) for one in (FIRST, SECOND)]
    assert replies[0].text != replies[1].text
    assert {len(reply.pcm) for reply in replies} == {REPLY_MS * 48}


def test_it_understands_what_the_interpreter_does():
    assert Host().hear(b"").startswith("(0.0 s")
