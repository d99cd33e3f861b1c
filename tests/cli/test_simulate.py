"""`trunkline simulate`."""

from __future__ import annotations

import json
import re
import socket
import ssl
import subprocess
import urllib.request
import wave

import pytest

from cli.running import COMMAND, environment, simulator, trunkline
from trunkline.cli.simulate import _PROFILES
from trunkline.simulator.profiles import PROFILES


def test_the_first_line_is_the_base_url_of_a_server_that_answers():
    with simulator("--port", "0", "--voice", "interpreter") as base_url:
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+/v1", base_url)
        host, port = base_url.removeprefix("http://").removesuffix("/v1").split(":")
        with socket.create_connection((host, int(port)), timeout=5):
            pass


def test_an_interrupt_ends_it_quietly():
    process = subprocess.Popen(
        [*COMMAND, "simulate"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    process.stdout.readline()
    process.send_signal(2)
    _, complaints = process.communicate(timeout=10)
    assert process.returncode == 0
    assert "Traceback" not in complaints


def test_a_scenario_that_is_wrong_is_told_by_its_path():
    document = json.dumps({"faults": [{"when": {"utterance": 1}, "action": "explode"}]})
    run = subprocess.run(
        [*COMMAND, "simulate", "--scenario", "-"],
        input=document,
        capture_output=True,
        text=True,
        timeout=20,
        env=environment(),
        check=False,
    )
    assert run.returncode == 2
    assert "scenario.faults[0].action" in run.stderr


def test_a_scenario_that_is_no_json_is_told(tmp_path):
    path = tmp_path / "scenario.json"
    path.write_text("{")
    run = trunkline("simulate", "--scenario", str(path))
    assert run.returncode == 2
    assert "not a JSON document" in run.stderr


def test_a_port_in_use_is_told():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        run = trunkline("simulate", "--port", str(port))
    assert run.returncode == 2
    assert f"cannot listen on {port}" in run.stderr
    assert "Traceback" not in run.stderr


def test_a_folder_without_recordings_is_refused_before_anything_is_served(tmp_path):
    run = trunkline("simulate", "--wav", str(tmp_path))
    assert run.returncode == 8
    assert "has no .wav files" in run.stderr


@pytest.mark.parametrize("option", ["--pace", "--lifetime", "--fragment"])
def test_a_setting_of_nothing_is_refused(option):
    assert trunkline("simulate", option, "0").returncode == 2


def test_the_profiles_of_the_command_are_those_there_are():
    assert list(PROFILES) == _PROFILES


def test_a_certificate_is_made_and_told(tmp_path):
    authority = tmp_path / "authority.pem"
    with simulator("--tls", "--tls-authority", str(authority), "--profile", "azure-ga") as base_url:
        assert re.fullmatch(r"https://127\.0\.0\.1:\d+/openai/v1", base_url)
        trusting = ssl.create_default_context(cafile=str(authority))
        url = f"{base_url}/realtime/client_secrets"
        request = urllib.request.Request(url, data=b"{}", headers={"api-key": "test-1"})
        handler = urllib.request.HTTPSHandler(context=trusting)
        opener = urllib.request.build_opener(handler, urllib.request.ProxyHandler({}))
        with opener.open(request, timeout=5) as answer:
            assert json.load(answer)["value"].startswith("ek_")


def test_a_folder_of_recordings_answers(tmp_path):
    with wave.open(str(tmp_path / "a.wav"), "wb") as file:
        file.setparams((1, 2, 24000, 0, "NONE", ""))
        file.writeframes(bytes(4800))
    with simulator("--wav", str(tmp_path)) as base_url:
        assert base_url.startswith("http://")
    run = trunkline("simulate", "--wav", str(tmp_path / "a.wav"))
    assert run.returncode == 2


def test_a_scenario_in_toml_is_told_by_its_line(tmp_path):
    path = tmp_path / "scenario.toml"
    path.write_text('[[faults]]\nwhen = { seconds = 1 }\naction = "explode"\n')
    run = trunkline("simulate", "--scenario", str(path))
    assert run.returncode == 2
    assert f"{path}, line 3" in run.stderr
    assert "must be one of rst" in run.stderr
