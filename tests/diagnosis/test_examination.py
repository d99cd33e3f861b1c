"""The runner of checks: side by side, each with a deadline, and none that rests on one that failed."""

from __future__ import annotations

import asyncio

import pytest

from diagnosis.places import subject
from trunkline.diagnosis.examination import Check, Examined, examine, ruling_cause
from trunkline.diagnosis.finding import Cause, Finding, Outcome, failed, not_applicable, ok, warned
from trunkline.errors import ConfigError


def run(*checks: Check, **options) -> list[Examined]:
    async def scenario():
        return [one async for one in examine(checks, subject(1), **options)]

    return asyncio.run(asyncio.wait_for(scenario(), 10))


def check(name: str, making, *needs: str, limit: float = 5.0, **options) -> Check:
    return Check(name=name, run=making, limit=limit, needs=needs, **options)


def giving(finding: Finding):
    async def make(_):
        return finding

    return make


async def hang(_) -> Finding:
    await asyncio.Event().wait()
    raise AssertionError


def outcomes(*checks: Check, **options) -> list[Outcome]:
    return [one.finding.outcome for one in run(*checks, **options)]


def test_checks_run_side_by_side_and_are_given_in_the_table_s_order():
    met = asyncio.Event()

    async def waits(_):
        await met.wait()
        return ok("first")

    async def comes(_):
        met.set()
        return ok("second")

    done = run(check("first", waits), check("second", comes))
    assert [one.finding.fact for one in done] == ["first", "second"]
    assert all(one.took >= 0 and one.is_made for one in done)


def test_one_that_is_alone_is_over_before_the_next_begins():
    order: list[str] = []

    async def alone(_):
        order.append("alone begins")
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        order.append("alone ends")
        return ok("")

    async def after(_):
        order.append("after")
        return ok("")

    run(check("alone", alone, is_alone=True), check("after", after))
    assert order == ["alone begins", "alone ends", "after"]


def test_what_rests_on_a_failure_is_not_made_and_says_on_which():
    done = run(
        check("name", giving(failed("no such host", "look"))),
        check("connection", hang, "name"),
        check("tls", hang, "connection"),
        check("beside", giving(ok("fine"))),
    )
    assert [one.finding.outcome.value for one in done] == [
        "failure",
        "not applicable",
        "not applicable",
        "ok",
    ]
    assert done[1].finding.fact == "not checked: it needs name, which failed"
    assert done[2].finding.fact == "not checked: it needs connection, which was not checked"
    assert [one.is_made for one in done] == [True, False, False, True]


@pytest.mark.parametrize(
    "finding", [ok(""), warned("", ""), not_applicable("")], ids=lambda each: each.outcome.value
)
def test_what_is_doubtful_or_has_nothing_to_check_holds_nobody_up(finding: Finding):
    made = run(check("tls", giving(finding)), check("http", giving(ok("")), "tls"))
    assert made[1].finding.outcome is Outcome.OK


def test_offline_leaves_the_network_out_and_says_so():
    done = run(
        check("name", hang, on_network=True),
        check("clock", hang, "name", on_network=True),
        check("python", giving(ok(""))),
        offline=True,
    )
    assert [one.finding.fact for one in done[:2]] == ["left out: --offline"] * 2
    assert ruling_cause(done) is None


def test_a_check_that_hangs_is_a_failure_at_its_deadline():
    found = run(check("name", hang, limit=0.05, on_network=True, cause=Cause.NETWORK))[0].finding
    assert (found.outcome, found.cause) == (Outcome.FAILURE, Cause.NETWORK)
    assert found.fact == "no answer within 0.1 s"
    assert "swallows" in found.advice
    assert "busy" in run(check("sound", hang, limit=0.01))[0].finding.advice


def test_all_of_them_together_have_a_deadline_and_what_waits_has_none_left():
    slow = check("name", hang, limit=50)
    done = run(slow, check("http", giving(ok("")), "name"), time_limit=0.05)
    assert [one.finding.outcome for one in done] == [Outcome.FAILURE, Outcome.NOT_APPLICABLE]


def test_a_check_that_stumbles_hides_nothing_of_what_others_find():
    async def stumble(_):
        raise ZeroDivisionError("division by zero")

    async def refuse(_):
        raise ConfigError("base_url", "it is none")

    async def times_out(_):
        raise TimeoutError("of its own")

    done = run(
        check("a", stumble), check("b", refuse), check("c", times_out), check("d", giving(ok("")))
    )
    facts = [one.finding.fact for one in done]
    assert facts[0] == "the check itself failed: ZeroDivisionError: division by zero"
    assert facts[1] == "base_url: it is none"
    assert "of its own" in facts[2]
    assert done[3].finding.outcome is Outcome.OK


def test_who_stops_looking_leaves_no_check_behind():
    async def scenario():
        checks = [check("quick", giving(ok(""))), check("slow", hang, limit=50)]
        before = asyncio.all_tasks()
        making = examine(checks, subject(1))
        await anext(making)
        await making.aclose()
        return asyncio.all_tasks() - before

    assert asyncio.run(asyncio.wait_for(scenario(), 10)) == set()


@pytest.mark.parametrize(
    ("found", "cause"),
    [
        ([ok(""), warned("", "")], None),
        ([failed("", "", cause=Cause.KEY), ok("")], Cause.KEY),
        ([failed("", "", cause=Cause.NETWORK), failed("", "", cause=Cause.NETWORK)], Cause.NETWORK),
        ([failed("", "", cause=Cause.NETWORK), failed("", "", cause=Cause.KEY)], Cause.HERE),
    ],
)
def test_a_cause_rules_if_all_failures_have_it(found: list[Finding], cause: Cause | None):
    done = [Examined(name="x", finding=each, took=0.0) for each in found]
    assert ruling_cause(done) is cause
