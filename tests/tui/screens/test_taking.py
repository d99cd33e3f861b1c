from __future__ import annotations

import json

import pytest

from trunkline.telemetry.sound import Sound
from tui.desks import SyntheticDesk
from tui.inspecting import inspect
from tui.inspector.streams import audio


class Keeping(SyntheticDesk):
    def turns_heard(self, key):
        return (31,)

    def sound(self, key, turn):
        return Sound(24_000, b"\x01\x00", b"\x02\x00")


def test_y_copies_to_the_clipboard_and_to_a_file_and_says_where():
    async def script(bench):
        await bench.press("y")
        await bench.settle()
        return bench.app.clipboard, bench.shelf.files, bench.text()

    clipboard, files, shown = inspect(script=script)
    assert clipboard == '{\n  "type": "response.done"\n}'
    assert files == {"pstn-0107-copy-20251124T143205Z.json": clipboard.encode()}
    assert "/exports/pstn-0107-copy-20251124T143205Z" in shown.replace("\n", "")


def test_y_without_an_event_says_so():
    async def script(bench):
        await bench.press("y")
        await bench.settle()
        return bench.shelf.files, bench.text()

    files, shown = inspect(script=script, stream=())
    assert files == {}
    assert "nothing is selected" in shown


def test_a_copy_that_cannot_be_written_is_told_and_still_on_the_clipboard():
    async def script(bench):
        bench.shelf.refuses = OSError(28, "No space left on device")
        await bench.press("y")
        await bench.settle()
        return bench.app.clipboard, bench.text()

    clipboard, shown = inspect(script=script)
    assert "response.done" in clipboard
    assert "No space left" in shown


def test_w_writes_the_sound_of_the_turn_where_it_is_kept():
    async def script(bench):
        await bench.press("w")
        await bench.settle()
        return list(bench.shelf.files)

    assert inspect(script=script, desk=Keeping()) == ["pstn-0107-turn-31-20251124T143205Z.wav"]


def test_w_says_that_audio_is_not_kept():
    assert "audio is not kept here" in inspect("w")


def test_w_on_an_event_of_no_turn_says_so():
    assert "belongs to no turn" in inspect("k", "w")


@pytest.mark.parametrize(
    ("digit", "ending", "begins"),
    [("1", "json", b"{"), ("2", "ndjson", b"{"), ("3", "svg", b"<svg")],
)
def test_x_asks_for_a_form_and_writes_what_is_shown(digit, ending, begins):
    async def script(bench):
        await bench.press("exclamation_mark", "x")
        await bench.settle()
        asked = bench.text()
        await bench.press(digit)
        await bench.settle()
        return asked, bench.shelf.files, bench.text()

    asked, files, shown = inspect(script=script)
    assert "JSON of the 3 shown" in asked
    assert "WAV of turn 31 (audio is not kept)" in asked
    assert "transcripts shown" in asked
    [(name, content)] = files.items()
    assert name.endswith(f".{ending}")
    assert content.startswith(begins)
    assert "written to" in shown
    if ending == "json":
        document = json.loads(content)
        assert [event["type"] for event in document["events"]] == ["error"] * 3
        assert document["filter"] == "err"
    if ending == "svg":
        assert b"Export" not in content
        assert b"EVENTS" in content


def test_x_writes_sound_too():
    async def script(bench):
        await bench.press("x", "4")
        await bench.settle()
        return list(bench.shelf.files)

    assert inspect(script=script, desk=Keeping()) == ["pstn-0107-turn-31-20251124T143205Z.wav"]


def test_leaving_the_question_writes_nothing():
    async def script(bench):
        await bench.press("x", "escape")
        await bench.settle()
        return bench.shelf.files

    assert inspect(script=script) == {}


def test_hidden_words_stay_hidden_wherever_they_go():
    said = audio(1, detail='{"transcript": "4711"}', note='"4711"')

    async def script(bench):
        await bench.press("T", "y", "x")
        await bench.settle()
        asked = bench.text()
        await bench.press("1")
        await bench.settle()
        await bench.press("x", "3")
        await bench.settle()
        return asked, bench.app.clipboard, bench.shelf.files

    asked, clipboard, files = inspect(script=script, stream=(said,))
    assert "transcripts hidden" in asked
    assert "4711" not in clipboard
    assert len(files) == 3
    assert all(b"4711" not in content for content in files.values())
