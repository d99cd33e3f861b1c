"""`trunkline report`: what a recording holds, for people and for programs."""

from __future__ import annotations

import json

import pytest

from cli.running import trunkline
from fleet.reels import write_words


@pytest.fixture
def recording(tmp_path):
    path = tmp_path / "calls.tlrec"
    write_words(path, 20)
    return path


def test_a_page_is_written_beside_the_recording(recording):
    run = trunkline("report", str(recording))
    page = recording.with_suffix(".html")
    assert (run.returncode, run.stdout) == (0, "")
    assert run.stderr == f"{page}: {page.stat().st_size} bytes\n"
    text = page.read_text()
    assert text.startswith("<!DOCTYPE html>")
    assert "<title>calls.tlrec</title>" in text


def test_a_picture_alone_or_with_a_page_of_another_name(recording, tmp_path):
    picture, page = tmp_path / "t.png", tmp_path / "other.html"
    assert trunkline("report", str(recording), "--png", str(picture)).returncode == 0
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert not recording.with_suffix(".html").exists()
    run = trunkline("report", str(recording), "--png", str(picture), "-o", str(page), "--force")
    assert run.returncode == 0
    assert page.exists()


def test_json_goes_to_standard_output_and_nothing_is_written(recording, tmp_path):
    run = trunkline("report", str(recording), "--json")
    told = json.loads(run.stdout)
    assert (run.returncode, run.stderr) == (0, "")
    assert (told["schema"], told["ok"]) == ("trunkline.recording/1", True)
    assert [line["line"] for line in told["lines"]] == ["a"]
    assert list(tmp_path.iterdir()) == [recording]


def test_nothing_is_written_over_unasked_and_the_recording_never(recording):
    page = recording.with_suffix(".html")
    page.write_text("mine")
    refused = trunkline("report", str(recording))
    assert refused.returncode == 2
    assert "--force" in refused.stderr
    assert page.read_text() == "mine"
    before = recording.read_bytes()
    for option in ("-o", "--png"):
        assert (
            trunkline("report", str(recording), option, str(recording), "--force").returncode == 2
        )
    assert recording.read_bytes() == before


def test_one_line_can_be_chosen_and_an_unknown_one_is_said(recording):
    assert trunkline("report", str(recording), "--json", "--line", "a").returncode == 0
    run = trunkline("report", str(recording), "--json", "--line", "nobody")
    assert run.returncode == 2
    assert "no line is called 'nobody'" in run.stderr


def test_damage_is_said_and_the_rest_is_told(recording):
    data = bytearray(recording.read_bytes())
    del data[-3:]
    recording.write_bytes(data)
    run = trunkline("report", str(recording), "--json")
    assert run.returncode == 0
    assert "damaged at byte" in run.stderr
    assert json.loads(run.stdout)["ok"] is False


def test_what_is_no_recording_is_refused_with_a_code_of_its_own(tmp_path):
    path = tmp_path / "x.tlrec"
    path.write_bytes(b"something else altogether")
    run = trunkline("report", str(path))
    assert run.returncode == 9
    assert run.stderr.startswith("error: ")
    assert trunkline("report", str(tmp_path / "nothing")).returncode == 2
    assert not path.with_suffix(".html").exists()


def test_a_place_that_cannot_be_written_to_is_said(recording, tmp_path):
    run = trunkline("report", str(recording), "-o", str(tmp_path / "nowhere" / "x.html"))
    assert run.returncode == 1
    assert "No such file or directory" in run.stderr
