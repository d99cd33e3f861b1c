"""`trunkline secret`, against the simulator given as base URL."""

from __future__ import annotations

import json
import time

import pytest

from cli.running import KEY, simulator, trunkline


def test_a_key_is_printed_alone_and_its_end_beside_it():
    with simulator() as base_url:
        run = trunkline("secret", OPENAI_API_KEY=KEY, OPENAI_BASE_URL=base_url)
    assert run.returncode == 0, run.stderr
    assert run.stdout.startswith("ek_")
    assert len(run.stdout.split()) == 1
    assert "expires 20" in run.stderr
    assert "UTC" in run.stderr
    assert KEY not in run.stdout + run.stderr


def test_as_json_it_is_one_document_and_lives_as_long_as_was_asked(tmp_path):
    settings = tmp_path / "session.json"
    settings.write_text('{"instructions": "be brief"}')
    arguments = ["--ttl", "60", "--model", "gpt-realtime-2", "--voice", "cedar", "--json"]
    with simulator() as base_url:
        run = trunkline(
            "secret",
            *arguments,
            "--session",
            str(settings),
            OPENAI_API_KEY=KEY,
            OPENAI_BASE_URL=base_url,
        )
    assert run.returncode == 0, run.stderr
    document = json.loads(run.stdout)
    assert document["value"].startswith("ek_")
    assert document["model"] == "gpt-realtime-2"
    assert 0 < document["expires_at"] - time.time() <= 61
    assert KEY not in run.stdout + run.stderr


def test_a_key_for_translations_names_their_model():
    with simulator() as base_url:
        run = trunkline(
            *("secret", "--translate-to", "es", "--json"),
            OPENAI_API_KEY=KEY,
            OPENAI_BASE_URL=base_url,
        )
    assert run.returncode == 0, run.stderr
    assert json.loads(run.stdout)["model"] == "gpt-realtime-translate"


def test_a_key_the_server_refuses_ends_with_4_and_is_not_repeated():
    bad = "sk-proj-canary0123456789"
    with simulator() as base_url:
        run = trunkline("secret", OPENAI_API_KEY=bad, OPENAI_BASE_URL=base_url)
    assert run.returncode == 4
    assert "check the API key" in run.stderr
    assert bad not in run.stdout + run.stderr
    assert "Traceback" not in run.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--ttl", "5"], "between 10 and 7200"),
        (["--session", "NONSENSE"], "--session"),
        (["--session", "FLAT"], "audio.output.voice"),
        (["--translate-to", "es", "--voice", "cedar"], "no other settings"),
        (["--translate-to", "Spanish"], "such as es or pt-BR"),
    ],
)
def test_what_cannot_be_minted_is_told_with_2(tmp_path, arguments: list[str], words: str):
    (tmp_path / "nonsense").write_text("{")
    (tmp_path / "flat").write_text('{"voice": "marin"}')
    names = {"NONSENSE": str(tmp_path / "nonsense"), "FLAT": str(tmp_path / "flat")}
    run = trunkline(
        "secret",
        *[names.get(word, word) for word in arguments],
        OPENAI_API_KEY=KEY,
        OPENAI_BASE_URL="http://127.0.0.1:9/v1",
    )
    assert run.returncode == 2
    assert words in run.stderr


def test_a_server_that_is_not_there_ends_with_6():
    run = trunkline("secret", OPENAI_API_KEY=KEY, OPENAI_BASE_URL="http://127.0.0.1:9/v1")
    assert run.returncode == 6
    assert "refused" in run.stderr
    assert "Traceback" not in run.stderr


def test_what_is_kept_for_conversations_is_not_told_to_an_interpreter(keeper):
    keeper.user("model = 'gpt-realtime-2'\nvoice = 'cedar'\n[secret]\nttl = 60\n")
    home = str(keeper.user_folder.parent)
    with simulator() as base_url:
        where = {"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": base_url, "XDG_CONFIG_HOME": home}
        runs = [trunkline("secret", *more, "--json", **where) for more in ([], ["--translate-to", "es"])]  # fmt: skip
    assert [run.stderr for run in runs] == ["", ""]
    first, second = (json.loads(run.stdout) for run in runs)
    assert first["expires_at"] - time.time() <= 61
    assert (first["model"], second["model"]) == ("gpt-realtime-2", "gpt-realtime-translate")
