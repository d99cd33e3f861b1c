"""What a live conversation may be asked for."""

from __future__ import annotations

import click
import pytest
from click.testing import CliRunner

from trunkline.cli.live_options import LiveOptions, live_options
from trunkline.errors import ConfigError


def test_the_options_are_the_fields():
    given: dict = {}

    @click.command()
    @live_options
    def command(**live) -> None:
        given.update(live)

    arguments = ["--input", "USB", "--output", "none", "--headphones", "--push-to-talk", "--ascii"]
    assert CliRunner().invoke(command, arguments).exit_code == 0
    options = LiveOptions(**given)
    assert (options.input_name, options.output_name) == ("USB", "none")
    assert (options.headphones, options.push_to_talk, options.ascii_only) == (True, True, True)
    assert not options.simulated


@pytest.mark.parametrize(
    ("options", "heard"),
    [
        ({}, None),
        ({"input_name": "USB"}, "USB"),
        ({"simulated": True}, "demo"),
        ({"simulated": True, "input_name": "USB"}, "USB"),
    ],
)
def test_the_simulator_understands_its_own_caller_unless_another_is_named(options, heard):
    assert LiveOptions(**options).heard_input == heard


@pytest.mark.parametrize(
    ("options", "echo"),
    [
        ({}, "gate"),
        ({"input_name": "USB"}, "gate"),
        ({"headphones": True}, "none"),
        ({"headphones": True, "echo": "none"}, "none"),
        ({"echo": "cancel"}, "cancel"),
        ({"simulated": True}, "none"),
        ({"input_name": "wav:in.wav"}, "none"),
        ({"input_name": "tone", "echo": "gate"}, "gate"),
    ],
)
def test_echo_is_kept_out_of_microphones_and_of_nothing_else_unless_it_is_asked_for(options, echo):
    assert LiveOptions(**options).chosen_echo == echo


@pytest.mark.parametrize(
    ("arguments", "variables", "echo"),
    [
        ([], {"HEADPHONES": "1"}, "none"),
        (["--echo", "cancel"], {"HEADPHONES": "1"}, "cancel"),
        (["--headphones"], {"ECHO": "cancel"}, "none"),
        ([], {"ECHO": "cancel"}, "cancel"),
    ],
)
def test_of_two_that_contradict_each_other_the_one_that_is_said_now_holds(
    arguments, variables, echo
):
    given: list[LiveOptions] = []

    @click.command(context_settings={"auto_envvar_prefix": "X"})
    @live_options
    def command(**live) -> None:
        given.append(LiveOptions.of(live))

    env = {f"X_{name}": value for name, value in variables.items()}
    assert CliRunner().invoke(command, arguments, env=env).exit_code == 0
    assert given[0].chosen_echo == echo


def test_headphones_and_another_way_contradict_each_other():
    with pytest.raises(ConfigError, match="it means --echo none, not cancel"):
        _ = LiveOptions(headphones=True, echo="cancel").chosen_echo


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"input_name": "USB"}, "--input"),
        ({"output_name": "USB"}, "--output"),
        ({"echo": "none"}, "--echo"),
        ({"headphones": True}, "--headphones"),
        ({"push_to_talk": True}, "--push-to-talk"),
        ({"simulated": True}, "--simulated"),
    ],
)
def test_what_says_nothing_to_a_files_call_is_refused_by_name(options, named):
    LiveOptions(ascii_only=True).check_file_call()
    with pytest.raises(ConfigError, match=named):
        LiveOptions(**options).check_file_call()
