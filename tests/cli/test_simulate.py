"""`trunkline simulate`."""

from __future__ import annotations

import json
import re
import socket
import subprocess

from cli.running import COMMAND, environment, simulator, trunkline


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


def test_a_pace_of_nothing_is_refused():
    assert trunkline("simulate", "--pace", "0").returncode == 2


def test_a_folder_without_recordings_is_refused_before_anything_is_served(tmp_path):
    run = trunkline("simulate", "--wav", str(tmp_path))
    assert run.returncode == 8
    assert "has no .wav files" in run.stderr
