"""`trunkline talk`, against the simulator given as base URL."""

from __future__ import annotations

import wave

import numpy as np
import pytest

from cli.running import KEY, SPEECH, simulator, trunkline
from trunkline.cli.file_call import FileCall


def test_a_sound_file_is_said_and_the_answer_is_saved(tmp_path):
    saved = tmp_path / "out.wav"
    with simulator() as base_url:
        run = trunkline(
            "talk",
            "--wav",
            str(SPEECH / "caller_3.wav"),
            "--save",
            str(saved),
            OPENAI_API_KEY=KEY,
            OPENAI_BASE_URL=base_url,
        )
    assert run.returncode == 0, run.stderr
    assert "user      I am travelling with two children and a bicycle." in run.stdout
    assert "assistant Viajo con dos niños y una bicicleta." in run.stdout
    assert "canary" not in run.stdout + run.stderr
    with wave.open(str(saved)) as ours, wave.open(str(SPEECH / "interpreter_3.wav")) as theirs:
        assert ours.getframerate() == 24_000
        heard = np.frombuffer(ours.readframes(ours.getnframes()), "<i2")
        given = np.frombuffer(theirs.readframes(theirs.getnframes()), "<i2")
    assert np.array_equal(heard[: len(given)], given)


def test_without_a_key_it_says_where_to_put_one():
    run = trunkline("talk", "--wav", str(SPEECH / "caller_3.wav"))
    assert run.returncode == 2
    assert "OPENAI_API_KEY" in run.stderr


def test_a_key_the_server_refuses_ends_at_once_with_4():
    with simulator() as base_url:
        run = trunkline(
            "talk",
            "--wav",
            str(SPEECH / "caller_3.wav"),
            OPENAI_API_KEY="sk-proj-canary0123456789",
            OPENAI_BASE_URL=base_url,
        )
    assert run.returncode == 4
    assert "check the API key" in run.stderr
    assert "canary" not in run.stdout + run.stderr
    assert "Traceback" not in run.stderr


@pytest.mark.parametrize(
    ("content", "words"), [(None, "no such file"), (b"noise", "not a readable sound file")]
)
def test_a_file_that_cannot_be_said_is_told_with_8(tmp_path, content, words: str):
    path = tmp_path / "in.wav"
    if content is not None:
        path.write_bytes(content)
    run = trunkline("talk", "--wav", str(path), OPENAI_API_KEY=KEY)
    assert run.returncode == 8
    assert words in run.stderr
    assert "Traceback" not in run.stderr


def test_a_server_elsewhere_without_tls_is_refused():
    run = trunkline(
        "talk",
        "--wav",
        str(SPEECH / "caller_3.wav"),
        OPENAI_API_KEY=KEY,
        OPENAI_BASE_URL="http://example.com/v1",
    )
    assert run.returncode == 2
    assert "loopback" in run.stderr


def test_what_is_kept_for_microphones_does_not_keep_a_file_from_being_said(keeper, monkeypatch):
    held: list[tuple[FileCall, dict]] = []
    monkeypatch.setattr(FileCall, "hold", lambda self, session, *_: held.append((self, session)))
    keeper.user(
        "voice = 'cedar'\n[sound]\ninput = 'USB'\necho = 'cancel'\n[talk]\ninstructions = 'be brief'\n"
    )
    wav = ["--wav", str(SPEECH / "caller_3.wav")]
    told = keeper.call("talk", *wav)
    assert isinstance(told.exception, SystemExit | None), told.exception
    ((call, session),) = held
    assert call.voice == "cedar"
    assert session["instructions"] == "be brief"
    assert session["audio"]["output"]["voice"] == "cedar"
    refused = keeper.call("talk", *wav, "--input", "USB").exception
    assert str(refused).startswith("--input: --wav has no live call")


@pytest.mark.parametrize(
    ("key", "arguments", "code", "words"),
    [
        ("sk-test-no-quota", [], 5, "add credit or raise the limit"),
        ("sk-test-no-credit", [], 5, "add credit or raise the limit"),
        (KEY, ["--model", "gpt-nonsense"], 2, "correct the request"),
    ],
)
def test_what_the_server_refuses_is_told_by_its_exit_code(key, arguments, code, words):
    with simulator() as base_url:
        run = trunkline(
            *("talk", "--wav", str(SPEECH / "caller_3.wav"), *arguments),
            OPENAI_API_KEY=key,
            OPENAI_BASE_URL=base_url,
        )
    assert run.returncode == code, run.stderr
    assert words in run.stderr
