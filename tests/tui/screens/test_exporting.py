from __future__ import annotations

import json

import pytest

from trunkline.tui.screens.exporting import json_of, ndjson_of
from tui.desks import SyntheticDesk
from tui.looking import look, screen_text, settle


class Basket:
    """A shelf that remembers what was put on it."""

    def __init__(self, error=None):
        self.files = {}
        self.error = error

    def put(self, name, content):
        if self.error:
            raise self.error
        self.files[name] = content
        return f"/shelf/{name}"


def _taken(*keys, key="x", opened=(), desk=None, error=None):
    """The files after the keys of a menu, and what the screen says."""

    async def script(app, pilot):
        app.screen.shelf = basket = Basket(error)
        await pilot.press(key)
        await settle(pilot)
        menu = screen_text(app)
        for one in keys:
            await pilot.press(one)
            await settle(pilot)
        return basket.files, menu, screen_text(app), app.clipboard

    return look(script, keys=opened, desk=desk)


@pytest.mark.parametrize(
    ("number", "name", "count"),
    [
        ("1", "prod-eu-fleet-20251124T143205Z.json", 7),
        ("2", "prod-eu-fleet-20251124T143205Z.json", 7),
    ],
)
def test_the_fleet_as_json(number, name, count):
    files, _, shown, _ = _taken(number)
    document = json.loads(files[name])
    assert document["schema"].startswith("trunkline.")
    assert len(document["lines"]) == count
    assert f"written to /shelf/{name}" in shown


def test_what_is_filtered_away_is_not_in_what_is_shown():
    files, menu, _, _ = _taken("3", opened=("exclamation_mark",))
    assert "NDJSON of the 2 shown" in menu
    (content,) = files.values()
    assert [json.loads(one)["name"] for one in content.splitlines()] == ["kiosk-12", "web-90c3"]


def test_the_screen_as_a_picture_and_as_text():
    files, _, _, _ = _taken("4")
    ((name, picture),) = files.items()
    assert name.endswith(".svg")
    assert picture.startswith(b"<svg")
    assert b"cdnjs" not in picture
    files, _, _, _ = _taken("5")
    (words,) = files.values()
    assert "▸kiosk-12" in words.decode()
    assert "Export" not in words.decode()


def test_a_session_with_all_that_is_known_of_it():
    files, menu, _, _ = _taken("1", opened=("j", "enter"))
    ((name, content),) = files.items()
    assert name == "web-90c3-session-20251124T143205Z.json"
    assert json.loads(content)["name"] == "web-90c3"
    assert "text of the transcript" in menu


def test_the_words_and_the_settings_of_a_session():
    files, _, _, _ = _taken("2", opened=("enter",))
    (content,) = files.values()
    assert "14:31:49 user  so could you move it to Thursday afternoon instead\n" in content.decode()
    files, _, _, _ = _taken("3", opened=("enter",))
    (content,) = files.values()
    assert json.loads(content)["audio"]["output"]["voice"] == "marin"


@pytest.mark.parametrize("opened", [(), ("enter",), ("a",)])
def test_a_menu_that_is_left_writes_nothing(opened):
    assert _taken("escape", opened=opened)[0] == {}


def test_y_copies_what_is_under_the_cursor_and_writes_it_too():
    files, _, shown, clipboard = _taken(key="y", opened=("j",))
    assert json.loads(clipboard)["name"] == "web-90c3"
    assert list(files.values()) == [clipboard.encode()]
    assert "written to" in shown


def test_y_on_a_session_and_on_an_alert():
    _, _, _, clipboard = _taken(key="y", opened=("enter",))
    assert json.loads(clipboard)["name"] == "kiosk-12"
    _, _, _, clipboard = _taken(key="y", opened=("a", "j"))
    assert clipboard == "14:31:40Z ▲ web-90c3 RTT 640 ms > 400 ms (3 of 5)"


@pytest.mark.parametrize("opened", [(), ("a",)])
def test_y_without_anything_under_the_cursor_says_so(opened):
    files, _, shown, _ = _taken(key="y", opened=opened, desk=SyntheticDesk(lines=0))
    assert files == {}
    assert "nothing is selected" in shown


def test_a_disk_that_is_full_is_told():
    error = OSError(28, "No space left on device")
    assert "it cannot be written: No space left on device" in _taken("1", error=error)[2]


def test_before_anything_is_known_there_is_the_screen_only():
    files, menu, _, _ = _taken("1", desk=SyntheticDesk(nothing=True))
    assert "JSON" not in menu
    assert next(iter(files)).endswith(".svg")


def test_documents_end_with_a_line_feed():
    assert json_of({"a": 1}) == b'{\n  "a": 1\n}\n'
    assert ndjson_of([{"a": 1}, {"a": 2}]) == b'{"a":1}\n{"a":2}\n'
