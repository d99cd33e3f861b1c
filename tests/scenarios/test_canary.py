"""No sink of any kind has the key, whatever happens to a line; and every sink is one where it would be found.

All calls are made once, with a key that is like no other, and every place where a process shows something of itself is
kept. Then each is searched: for the key, for the client secrets that were minted and for the proxy's password, in all
forms of `canary.py`. A decoy that is no key goes the same ways (the line's name, the model, the instructions, what
servers say), and must be found by the same search, so that a sink which is empty, truncated or coded fails.
"""

from __future__ import annotations

import pytest

from scenarios.canary import found, shown, word
from scenarios.canary_harvest import Harvest
from scenarios.canary_sinks import gather

# The first of them waits for all calls: half a minute of work for one core, and other things run beside it.
pytestmark = pytest.mark.timeout(300)
SINKS = (
    "log records as text",
    "log records as JSON",
    "log records as objects",
    "warnings",
    "repr, str, format and vars of objects",
    "pickles and copies",
    "exceptions and their chains",
    "tracebacks with locals",
    "locals of tasks that wait",
    "asyncio's tasks",
    "observations",
    "events",
    "session snapshots",
    "addresses",
    "the simulator's records",
    "the gauntlet's records",
    "a proxy's log",
    "the published stream",
    "a recording",
    "a flight recorder's dump",
    "metrics for Prometheus",
    "metrics for OpenTelemetry",
    "spans for OpenTelemetry",
    "documents of the console",
    "exports",
    "screens",
    "screenshots",
    "bytes on a terminal",
    "a report",
    "the command's output",
    "a crash",
    "pytest's output",
    "/proc of children",
    "output of the process",
)


class Gathered:
    def __init__(self, folder) -> None:
        self.harvest = Harvest(word("decoy-"))
        self.sinks = gather(word("sk-test-CANARY-"), self.harvest, folder)


@pytest.fixture(scope="module")
def gathered(tmp_path_factory: pytest.TempPathFactory) -> Gathered:
    return Gathered(tmp_path_factory.mktemp("canary"))


def test_there_are_secrets_of_all_kinds_to_be_found(gathered: Gathered):
    prefixes = sorted({one.prefix for one in gathered.harvest.secrets})
    assert prefixes == ["ek_", "sk-test-CANARY-"]
    assert set(gathered.sinks) == {*SINKS, "a recording's bytes"}


@pytest.mark.parametrize("name", SINKS)
def test_a_sink_shows_what_goes_through_it_and_no_key(gathered: Gathered, name: str):
    sink = gathered.sinks[name]
    assert found(sink, gathered.harvest.decoy), f"{name}: the search does not find what is there"
    for secret in gathered.harvest.secrets:
        assert found(sink, secret) == [], shown(sink, secret)


@pytest.mark.parametrize("name", SINKS)
def test_a_key_that_leaked_into_a_sink_would_be_found_there(gathered: Gathered, name: str):
    # Some of it is enough: what is planted stands between what is really there.
    sink, secret = gathered.sinks[name][:200_000], word("sk-test-CANARY-")
    middle = len(sink) // 2
    assert found(sink, secret) == []
    assert found(sink[:middle] + secret.whole.encode() + sink[middle:], secret) == ["plain"]


def test_a_recording_has_no_key_without_being_opened_either(gathered: Gathered):
    sink = gathered.sinks["a recording's bytes"]
    assert all(found(sink, secret) == [] for secret in gathered.harvest.secrets)
