"""Who wins: environment, named or project, user, default; in each file the profile first."""

from __future__ import annotations

import itertools

import pytest

from trunkline.cli.settings.values import PROFILE, Settings
from trunkline.errors import ConfigError


def _origin(name: str, **how) -> tuple[object, str]:
    value = Settings.read(**how).value(name)
    return value.value, str(value.origin)


SPEAKERS = ("env", "project", "user")


@pytest.mark.parametrize(
    "speakers",
    [each for count in range(4) for each in itertools.combinations(SPEAKERS, count)],
    ids=lambda each: "+".join(each) or "nobody",
)
def test_of_those_that_say_something_the_first_is_heard(keeper, monkeypatch, speakers):
    if "env" in speakers:
        monkeypatch.setenv("TRUNKLINE_TRANSLATE_STYLE", "env")
    for speaker, write in (("project", keeper.project), ("user", keeper.user)):
        if speaker in speakers:
            write(f"translate.style = '{speaker}'\n")
    value = Settings.read().value("translate.style")
    first = speakers[0] if speakers else "default"
    assert value.origin.kind == first
    assert value.value == (speakers[0] if speakers else "neutral")


def test_an_origin_says_the_variable_or_the_file_and_its_line(keeper, monkeypatch):
    path = keeper.user("\nmodel = 'a'\n[profile.x]\nvoice = 'b'\n")
    monkeypatch.setenv("TRUNKLINE_THEME", " t ")
    assert _origin("theme") == ("t", "env TRUNKLINE_THEME")
    assert _origin("model") == ("a", f"user {path}:2")
    assert _origin("voice", profile="x") == ("b", f"user {path}:4 [profile.x]")
    assert _origin("voice") == (None, "default")


def test_in_each_file_the_profile_comes_first_and_a_file_before_the_next(keeper):
    keeper.project("model = 'project'\n[profile.x]\nvoice = 'project x'\n")
    keeper.user("model = 'user'\ntheme = 'user'\n[profile.x]\nmodel = 'user x'\ntheme = 'user x'\n")
    settings = Settings.read(profile="x")
    said = [settings.value(name).value for name in ("model", "voice", "theme")]
    assert said == ["project", "project x", "user x"]


def test_a_named_file_is_read_instead_of_the_project_s(keeper, tmp_path):
    keeper.project("model = 'project'\nvoice = 'project'\n")
    keeper.user("voice = 'user'\n")
    named = tmp_path / "named.toml"
    named.write_text("model = 'named'\n")
    assert _origin("model", named=str(named)) == ("named", f"named {named}:1")
    assert _origin("voice", named=str(named))[0] == "user"


def test_a_profile_is_chosen_by_its_variable_too_and_one_that_is_nowhere_is_refused(
    keeper, monkeypatch
):
    keeper.user("[profile.work]\nmodel = 'w'\n")
    monkeypatch.setenv(PROFILE, "work")
    assert _origin("model")[0] == "w"
    assert _origin("model", profile="")[0] is None
    with pytest.raises(ConfigError, match=r"no file has \[profile.wrok\]; did you mean work\?"):
        Settings.read(profile="wrok")
    with pytest.raises(ConfigError, match="there are none"):
        Settings((), "work")


def test_thresholds_are_put_together_value_by_value(keeper):
    keeper.project("[thresholds.rtt_ms]\nwarning = 1\n[profile.x.thresholds.score]\nwarning = 90\n")
    keeper.user("[thresholds.rtt_ms]\nwarning = 5\nbad = 9\n[thresholds.score]\nwarning = 70\n")
    assert Settings.read().thresholds() == {
        "rtt_ms": {"warning": 1, "bad": 9},
        "score": {"warning": 70},
    }
    assert Settings.read(profile="x").thresholds()["score"] == {"warning": 90}


def test_a_wrong_file_is_refused_whatever_is_asked_of_it(keeper):
    keeper.user("[profile.x]\nmodle = 1\n")
    with pytest.raises(ConfigError, match=r"profile\.x\.modle"):
        Settings.read()


# Addresses and keys.


def test_a_project_s_address_is_doubted_until_the_user_has_listed_it(keeper):
    keeper.project("base_url = 'https://gw.example/v1'\n")
    settings = Settings.read()
    doubt = settings.untrusted_address(settings.value("base_url"))
    assert doubt.startswith("https://gw.example/v1 would be shown your key")
    assert f"trusted_base_urls in {keeper.user_folder / 'config.toml'}" in doubt
    keeper.user("trusted_base_urls = ['https://gw.example/v1/']\n")
    settings = Settings.read()
    assert settings.untrusted_address(settings.value("base_url")) == ""


def test_the_user_s_own_addresses_are_not(keeper, monkeypatch, tmp_path):
    keeper.user("base_url = 'https://u.example/v1'\n")
    settings = Settings.read()
    assert settings.untrusted_address(settings.value("base_url")) == ""
    monkeypatch.setenv("OPENAI_BASE_URL", "https://e.example/v1")
    assert settings.untrusted_address(settings.value("base_url")) == ""


def test_an_address_in_a_file_that_others_may_write_is_doubted(keeper):
    path = keeper.user("base_url = 'https://u.example/v1'\n")
    path.chmod(0o666)
    settings = Settings.read()
    assert f"others may write {path}" in settings.untrusted_address(settings.value("base_url"))


def _key(profile: str = "", address: bool = True) -> object:
    settings = Settings.read(profile=profile)
    key = settings.key(settings.value("base_url") if address else None)
    return None if key is None else key.value


def test_a_key_belongs_to_the_address_beside_it_and_to_no_other(keeper, monkeypatch):
    keeper.user(
        "api_key_cmd = 'mine'\n"
        "[profile.work]\nbase_url = 'https://w.example/v1'\napi_key_cmd = 'works'\n"
        "[profile.bare]\nvoice = 'a'\n"
    )
    assert _key() == ("mine",)
    assert _key("work") == ("works",)
    assert _key("bare") == ("mine",)
    assert _key("work", address=False) == ("mine",)
    # Somebody says another address: work's key stays at home.
    monkeypatch.setenv("OPENAI_BASE_URL", "https://e.example/v1")
    assert _key("work") == ("mine",)


def test_a_key_beside_an_address_is_known_as_such(keeper):
    keeper.user("base_url = 'https://u.example/v1'\napi_key_cmd = 'mine'\n[profile.x]\n")
    settings = Settings.read(profile="x")
    address = settings.value("base_url")
    assert settings.is_beside(settings.key(address), address)
    keeper.user("api_key_cmd = 'mine'\n[profile.x]\nbase_url = 'https://u.example/v1'\n")
    settings = Settings.read(profile="x")
    address = settings.value("base_url")
    assert not settings.is_beside(settings.key(address), address)
