"""A line that streams, idles and does other things, as its digester is told; with its seconds held back or not."""

from __future__ import annotations

from array import array
from itertools import chain

from hypothesis import strategies as st

from trunkline.protocol import observations as seen
from trunkline.protocol.compound_facts import Flow
from trunkline.protocol.lifecycle import State
from trunkline.telemetry.batch import Batch
from trunkline.telemetry.digester import Digester
from trunkline.telemetry.frames import Began

LINE = "x"
BEGAN = Began(line=LINE, at=100.0, wall_offset=1e9, name="x")
RARE = (
    lambda at, epoch: seen.Anomaly(at=at, epoch=epoch, kind="k", sample="s"),
    lambda at, epoch: seen.AudioGap(at=at, epoch=epoch, start_sample=0, samples=960, reason="r"),
    lambda at, epoch: seen.AudioConsumed(at=at, epoch=epoch, samples=480, evidence="heard"),
    lambda at, epoch: seen.AudioHeard(at=at, epoch=epoch, item_id="i", samples=int(at) * 100),
    lambda at, epoch: seen.LoopLagged(at=at, epoch=epoch, lag=0.03),
    lambda at, epoch: seen.PlayStarted(at=at, epoch=epoch, item_id="i", samples=0),
    lambda at, epoch: seen.PlayStopped(at=at, epoch=epoch, item_id="i", cut=False),
    lambda at, epoch: seen.Milestone(
        at=at, epoch=epoch, kind=seen.MilestoneKind.SPEECH_STARTED, item_id="u"
    ),
    lambda at, epoch: seen.PingTimedOut(at=at, epoch=epoch),
    lambda at, epoch: seen.Transition(
        at=at, epoch=epoch, source=State.LIVE, target=State.WAITING, cause="c"
    ),
    lambda at, epoch: seen.Transition(
        at=at, epoch=epoch, source=State.WAITING, target=State.LIVE, cause="c"
    ),
)
"""What is not like another second."""


def steps():
    """Seconds, nearly all of them alike: how long each is, whether audio flowed, how long pings took, what else was."""
    second = st.tuples(
        st.sampled_from([1.0, 1.0, 1.0, 1.0, 1.0, 0.7, 2.2]),
        st.sampled_from([50, 50, 50, 50, 0]),
        st.lists(st.sampled_from([0.02, 0.3, 2.5]), max_size=2),
        st.integers(0, 60).map(lambda n: n if n < len(RARE) else None),
        st.sampled_from([0, 0, 0, 960, 480_000]),
    )
    return st.lists(second, min_size=1, max_size=60)


def stretches():
    """Steps of a line that goes well for long, with something else between: what comes of many batches in a row."""
    second = st.tuples(
        st.just(1.0),
        st.sampled_from([50, 50, 50, 0]),
        st.sampled_from([[0.02], [0.02], [0.03], [0.011, 0.012], [], [0.3], [0.45], [0.4, 2.5]]),
        st.just(None),
        st.sampled_from([0, 0, 0, 960]),
    )
    alike = st.tuples(second, st.integers(1, 25)).map(lambda pair: [pair[0]] * pair[1])
    ways = st.one_of(
        alike, alike, st.lists(second, max_size=12), steps().map(lambda all_: all_[:1])
    )
    return st.lists(ways, min_size=1, max_size=12).map(lambda parts: [*chain(*parts)])


class Streaming:
    """Feeds a digester; what it told is in `told`."""

    def __init__(self, *, holds: bool = False) -> None:
        self.told: list = []
        self.digester = Digester(BEGAN, self.told.append, interval=1.0)
        self.digester.hold(self.told.append if holds else None)
        self.at, self.epoch = BEGAN.at + 0.3, 1
        live = State.LIVE
        self.digester.observe(
            seen.Transition(at=self.at, epoch=1, source=State.RESTORING, target=live, cause="c")
        )

    def take(self, step) -> None:
        """One of `steps`."""
        length, chunks, pings, rare, waiting = step
        for n, rtt in enumerate(pings):
            self.digester.observe(seen.RoundTrip(at=self.at + 0.01 * n, epoch=self.epoch, rtt=rtt))
        if rare is not None:
            self.digester.observe(RARE[rare](self.at + 0.1, self.epoch))
        facts = []
        if chunks:
            flow = Flow(self.at + 0.2, self.epoch, self.at + 1.5)
            flow.add_chunks(chunks, 480 * chunks, 1300 * chunks)
            times = array("d", [self.at + 0.2 + n * 0.002 for n in range(chunks)])
            flow.add_deltas("r", "i", times, array("Q", [480]) * chunks, 1400 * chunks)
            facts.append(flow)
        self.at += length
        facts.append(
            seen.QueueSampled(
                at=self.at,
                epoch=self.epoch,
                outbox_samples=waiting,
                retained_samples=24_000,
                transport_bytes=0,
            )
        )
        facts.append(
            seen.KernelSampled(
                at=self.at, epoch=self.epoch, rtt=0.01, rtt_min=0.005, retransmits=0, unsent_bytes=0
            )
        )
        self.digester.observe_all(facts)

    def frames(self) -> list:
        """What was told, one by one, with what is still held back."""
        self.digester.hold(None)
        found: list = []
        for one in self.told:
            found += one.frames() if isinstance(one, Batch) else [one]
        return found
