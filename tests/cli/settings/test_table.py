"""The table against the options that it speaks of."""

from __future__ import annotations

import click
import pytest

from trunkline.cli.main import trunkline
from trunkline.cli.settings.table import SETTINGS, Kind, setting_of, settings_for

ROOT = click.Context(trunkline)
OPTIONS = [(each, taker, name) for each in SETTINGS for taker, name in each.options]
KINDS = {
    Kind.INTEGER: click.types.IntParamType,
    Kind.NUMBER: click.types.FloatParamType,
    Kind.BOOLEAN: click.types.BoolParamType,
    Kind.PATH: click.Path,
    Kind.STRING: (click.types.StringParamType, click.Choice),
}


def _option(taker: str, name: str) -> click.Option:
    command = trunkline.get_command(ROOT, taker) if taker else trunkline
    assert command is not None
    return next(each for each in command.params if each.name == name)


def test_a_name_stands_once_and_a_variable_too():
    names = [each.name for each in SETTINGS]
    variables = [each.env for each in SETTINGS if each.env]
    assert len(set(names)) == len(names)
    assert len(set(variables)) == len(variables)


@pytest.mark.parametrize(("setting", "taker", "name"), OPTIONS, ids=lambda each: str(each)[:40])
def test_each_row_has_the_type_the_default_and_the_words_of_its_options(setting, taker, name):
    option = _option(taker, name)
    assert isinstance(option.type, KINDS[setting.kind])
    assert setting.flag in option.opts
    # The group's own colour is settled where none is said.
    if setting.name != "color":
        assert option.to_info_dict()["default"] == setting.default
    for choice in option.type.choices if isinstance(option.type, click.Choice) else ():
        assert f"`{choice}`" in setting.about or setting.name == "simulate.profile"


@pytest.mark.parametrize(("setting", "taker", "name"), OPTIONS, ids=lambda each: str(each)[:40])
def test_each_option_says_its_variable_in_its_help(setting, taker, name):
    record = _option(taker, name).get_help_record(ROOT)
    assert record is not None
    assert setting.env in record[1]


def test_what_concerns_the_key_the_ears_and_the_eyes_of_others_is_one_s_own_to_say():
    own = {each.name for each in SETTINGS if each.is_own}
    assert {"api_key_file", "api_key_cmd", "trusted_base_urls", "log.file"} <= own
    assert {each.name for each in SETTINGS if each.table in ("telemetry", "sound")} <= own
    assert "model" not in own


def test_nothing_is_a_key():
    assert setting_of("api_key") is None
    assert all(option != "api_key" for each in SETTINGS for _, option in each.options)


def test_settings_are_found_by_the_parameter_they_are_the_default_of():
    assert settings_for("translate")["target"].name == "translate.to"
    assert settings_for("")["log_format"].name == "log.format"
    assert settings_for("tail") == {}
