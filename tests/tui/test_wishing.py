from __future__ import annotations

import pytest

from trunkline.text import Clean
from trunkline.tui.controls import Action
from trunkline.tui.screens.confirm import CONSEQUENCES
from trunkline.tui.wishing import WishingKeys
from tui.desks import SyntheticDesk, Tape, Wishes
from tui.looking import SIZES, assert_looks_as_before, look, screen_text, settle


def _heard(*keys, **options):
    wishes = options.pop("controls", None) or Wishes()
    shown = look(keys=keys, controls=wishes, **options)
    return wishes.heard, shown


@pytest.mark.parametrize(("key", "action"), [("R", "reconnect"), ("K", "close")])
def test_a_wish_is_asked_about_and_done_by_y(key, action):
    assert _heard(key)[0] == []
    heard, shown = _heard(key, "y")
    assert heard == [("kiosk-12", action)]
    assert f"kiosk-12: {action}" in shown


@pytest.mark.parametrize("answer", ["n", "escape", "q"])
def test_every_other_answer_does_nothing(answer):
    heard, shown = _heard("K", answer)
    assert heard == []
    assert "FLEET" in shown


@pytest.mark.parametrize("size", SIZES)
def test_the_question_names_the_line_and_what_will_happen(size):
    shown = look(size=size, keys=("R",))
    assert "reconnect kiosk-12?" in shown
    assert "The link is left and dialed again" in shown
    assert_looks_as_before(f"confirm_{size[0]}x{size[1]}", shown)


@pytest.mark.parametrize("action", list(Action))
def test_every_action_can_be_typed_and_says_what_will_happen(action):
    async def script(app, pilot):
        app.ask_for(action)
        await settle(pilot)
        question = screen_text(app)
        await pilot.press("y")
        return question

    wishes = Wishes()
    question = look(script, controls=wishes)
    assert f"{action.value} kiosk-12?" in question
    assert CONSEQUENCES[action].split(" ")[0] in question
    assert wishes.heard == [("kiosk-12", action.value)]


def test_a_wish_is_about_the_session_that_is_open():
    assert _heard("j", "enter", "R", "y")[0] == [("web-90c3", "reconnect")]


def test_a_console_that_only_looks_says_how_to_switch_it_on():
    heard, shown = _heard("R", controls=Wishes(read_only=True))
    assert heard == []
    assert "--allow-control" in shown


def _last_line(controls=None, **options):
    return look(keys=("enter",), controls=controls, **options).rstrip().rpartition("\n")[2]


@pytest.mark.parametrize("size", SIZES)
def test_keys_that_can_only_refuse_are_not_on_the_last_line(size):
    bound = {one.key for one in WishingKeys.KEYS if one.action.startswith("wish(")}
    assert bound == {"R", "K"}
    assert "R reconnect" in _last_line(Wishes(), size=size)
    looking = _last_line(Wishes(read_only=True), size=size)
    recorded = _last_line(Wishes(), size=size, desk=SyntheticDesk(playback=Tape()))
    for line in (looking, recorded):
        assert "m mark" in line
        assert "R reconnect" not in line
        assert "K close" not in line


def test_the_page_of_keys_has_them_and_says_how_to_switch_them_on():
    shown = look(keys=("question_mark",), size=(120, 90), controls=Wishes(read_only=True))
    assert "Close the line; asks first (off)" in shown
    assert "(off)            this console only looks; --allow-control lets it act" in shown
    assert "(off)" not in look(keys=("question_mark",), size=(120, 90))


def test_what_is_not_possible_now_is_said():
    _, shown = _heard("R", controls=Wishes(actions=frozenset({Action.CLOSE})))
    assert "kiosk-12: reconnect is not possible now" in shown


def test_a_recording_cannot_be_changed():
    heard, shown = _heard("K", desk=SyntheticDesk(playback=Tape()))
    assert heard == []
    assert "what was recorded cannot be changed" in shown


def test_after_the_end_there_is_nothing_to_act_on():
    assert "the run is over" in _heard("R", desk=SyntheticDesk(message=Clean("done")))[1]
    assert "the run is over" in _heard("d", desk=SyntheticDesk(message=Clean("done")))[1]


def test_without_a_line_there_is_nothing_to_act_on():
    assert "there is no line" in _heard("R", desk=SyntheticDesk(lines=0))[1]


def test_d_shows_what_the_simulator_can_do():
    shown = look(keys=("d",))
    assert "What happens to kiosk-12" in shown
    assert_looks_as_before("faults_120x36", shown)


@pytest.mark.parametrize(
    "keys", [("j", "enter"), ("down", "enter"), ("2",), ("j", "j", "k", "enter")]
)
def test_a_fault_is_chosen_by_cursor_or_number(keys):
    heard, shown = _heard("d", *keys)
    assert heard == [("kiosk-12", "fault", "stall the server")]
    assert "kiosk-12: stall the server" in shown


@pytest.mark.parametrize("key", ["escape", "q", "9"])
def test_the_menu_can_be_left(key):
    assert _heard("d", key)[0] == []


def test_a_real_server_has_no_fault_menu():
    heard, shown = _heard("d", controls=Wishes(menu=()))
    assert heard == []
    assert "only a simulator's link may be broken on purpose" in shown


def test_a_fault_can_be_typed():
    async def script(app, pilot):
        app.make_fault("close 1011")
        with pytest.raises(ValueError, match="the faults are reset the link, stall"):
            app.make_fault("nonsense")

    wishes = Wishes()
    look(script, controls=wishes)
    assert wishes.heard == [("kiosk-12", "fault", "close 1011")]
