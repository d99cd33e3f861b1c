from __future__ import annotations

from gauntlet.planting import FIRST, FRESH, SECOND, TOLD, Session, heard_first_turn, record, trial
from trunkline.gauntlet.restoring import judge_items, judge_settings, judge_tool
from trunkline.gauntlet.trial import Aim, Verdict

PASSED, FAILED, ABSENT = Verdict.PASSED, Verdict.FAILED, Verdict.NOT_APPLICABLE


def broken() -> Session:
    return heard_first_turn().broken()


def settings(*sessions: Session):
    return judge_settings(trial(), record(*sessions))


def items(*sessions: Session):
    return judge_items(trial(), record(*sessions))


def tool(*sessions: Session):
    return judge_tool(trial(tool_turn=1), record(*sessions))


def restored() -> Session:
    return Session(20).tell(FIRST.text).tell("Sí.", role="assistant")


def test_the_same_settings_under_another_session_id_are_restored():
    again = Session(20)
    again.visit.settings = TOLD | {"id": "sess_9", "expires_at": 99}
    assert settings(broken(), again).verdict is PASSED


def test_a_session_left_at_its_defaults_is_not_restored_and_the_paths_are_named():
    again = Session(20)
    again.visit.settings = FRESH
    score = settings(broken(), again)
    assert score.verdict is FAILED
    assert score.reason == "differs: instructions, tools"


def test_a_client_that_never_told_its_settings_is_found():
    never = [Session(), Session(20)]
    for session in never:
        session.visit.settings = session.visit.settings_before
    assert settings(never[0].broken(), never[1]).verdict is FAILED


def test_settings_told_in_the_last_session_first_are_in_force():
    early = Session().broken()
    early.visit.settings = FRESH
    assert settings(early, Session(20)).verdict is PASSED


def test_a_client_that_was_still_telling_its_settings_is_judged_by_what_it_had_told():
    early = Session().broken()
    early.visit.settings = TOLD | {"tools": FRESH["tools"]}
    assert settings(early, Session(20)).verdict is PASSED
    silent = Session(20)
    silent.visit.settings = FRESH
    assert settings(early, silent).reason == "differs: instructions"


def test_what_holds_a_restore_back_is_no_wish_even_if_the_restore_was_broken():
    between = Session(10).broken()
    between.visit.settings = TOLD | {"create_response": False}
    assert settings(Session().broken(), between, Session(20)).verdict is PASSED


def test_a_setting_within_another_is_named_by_its_path():
    first, second = Session().broken(), Session(20)
    first.visit.settings = TOLD | {"audio": {"output": {"voice": "marin", "id": 1}}}
    second.visit.settings = TOLD | {"audio": {"output": {"voice": "alloy", "id": 2}}}
    first.visit.settings_before = second.visit.settings_before = FRESH | {
        "audio": {"output": {"voice": "alloy", "id": 0}}
    }
    found = settings(first, second).reason
    assert found == "differs: audio.output.id, audio.output.voice"


def test_both_sides_words_once_and_in_order_are_restored():
    assert items(broken(), restored()).verdict is PASSED


def test_a_missing_message_is_named():
    score = items(broken(), Session(20).tell(FIRST.text))
    assert score.verdict is FAILED
    assert "1 of 2 messages are missing: “Sí.”" in score.reason


def test_a_client_that_tells_the_conversation_twice_is_found():
    score = items(broken(), restored().tell(FIRST.text))
    assert score.verdict is FAILED
    assert score.reason.startswith("told twice")


def test_another_order_is_found():
    backwards = Session(20).tell("Sí.", role="assistant").tell(FIRST.text)
    assert items(broken(), backwards).reason == "told in another order"


def test_words_that_could_not_be_known_before_the_break_are_not_asked_for():
    first = heard_first_turn().commit(480, SECOND.text).broken()
    assert items(first, restored()).verdict is PASSED


def test_an_answer_that_broke_off_is_not_asked_for():
    first = heard_first_turn().answer("Half an", status="cancelled").wait(5).broken()
    assert items(first, restored()).verdict is PASSED


def test_without_a_turn_before_the_break_there_is_nothing_to_restore():
    assert items(Session().broken(), Session(1)).verdict is ABSENT
    assert judge_items(trial(Aim.HOLD), record(Session())).verdict is ABSENT


def test_one_output_in_the_session_that_lasted_is_what_is_wanted():
    assert tool(broken().call(), Session(20).output()).verdict is PASSED
    assert tool(broken().call().output(), Session(20).output()).verdict is PASSED


def test_a_doubled_output_is_found():
    score = tool(broken().call(), Session(20).output().output())
    assert (score.verdict, "told 2 times" in score.reason) == (FAILED, True)


def test_a_function_that_was_run_again_is_found_by_its_other_result():
    score = tool(broken().call().output('{"run": 1}'), Session(20).output('{"run": 2}'))
    assert (score.verdict, score.reason) == (FAILED, "the function was run 2 times")


def test_a_lost_output_is_found():
    assert tool(broken().call().output(), Session(20)).verdict is FAILED


def test_a_client_without_functions_is_not_judged_by_them():
    assert tool(broken(), Session(20)).verdict is ABSENT
    assert judge_tool(trial(), record(broken().call(), Session(20))).verdict is ABSENT
