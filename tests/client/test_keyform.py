"""Where a key is put on the wire, and where it is not."""

from __future__ import annotations

import pytest

from trunkline.client import keyform
from trunkline.client.credentials import Secret
from trunkline.client.keyform import KeyForm, show_key, warn_of
from trunkline.errors import ConfigError

KEY = "sk-test-canary-0123456789"
EPHEMERAL = "ek_test_canary_0123456789"
NAMES = (
    ("OpenAI-Organization", "org-1"),
    ("OpenAI-Project", "proj_1"),
    ("OpenAI-Safety-Identifier", "hash1"),
)


def test_a_standard_key_goes_into_the_header_unless_asked_otherwise():
    shown = show_key(Secret(KEY), KeyForm.AUTO, names=NAMES)
    assert shown.headers == (*NAMES, ("Authorization", f"Bearer {KEY}"))
    assert shown.subprotocols == shown.query == ()


def test_an_ephemeral_key_goes_into_a_subprotocol_by_itself():
    shown = show_key(Secret(EPHEMERAL), KeyForm.AUTO, names=NAMES)
    assert shown.subprotocols == (
        "realtime",
        f"openai-insecure-api-key.{EPHEMERAL}",
        "openai-organization.org-1",
        "openai-project.proj_1",
    )
    # It has no form for this one.
    assert shown.headers == (("OpenAI-Safety-Identifier", "hash1"),)


def test_a_standard_key_goes_into_a_subprotocol_when_that_is_asked_for():
    shown = show_key(Secret(KEY), KeyForm.SUBPROTOCOL)
    assert shown.subprotocols == ("realtime", f"openai-insecure-api-key.{KEY}")
    assert shown.headers == ()


def test_an_ephemeral_key_goes_into_the_header_when_that_is_asked_for():
    shown = show_key(Secret(EPHEMERAL), KeyForm.BEARER)
    assert shown.headers == (("Authorization", f"Bearer {EPHEMERAL}"),)


@pytest.mark.parametrize(("is_azure", "name"), [(False, "api_key"), (True, "api-key")])
def test_the_query_has_the_key_alone(is_azure: bool, name: str):
    shown = show_key(Secret(KEY), KeyForm.QUERY, is_azure=is_azure)
    assert shown.query == ((name, KEY),)
    assert shown.headers == shown.subprotocols == ()


@pytest.mark.parametrize("form", list(KeyForm))
def test_no_form_is_shown_by_a_repr(form: KeyForm):
    assert "canary" not in repr(show_key(Secret(KEY), form))


@pytest.mark.parametrize("key", ["sk-canary/1", "sk-canary,realtime", "sk-canary=="])
def test_a_key_that_would_break_the_header_apart_is_refused_without_repeating_it(key: str):
    with pytest.raises(ConfigError, match="subprotocol") as caught:
        show_key(Secret(key), KeyForm.SUBPROTOCOL)
    assert "canary" not in str(caught.value)


def test_an_organisation_that_would_break_the_header_apart_is_named():
    with pytest.raises(ConfigError, match="OpenAI-Organization"):
        show_key(Secret(KEY), KeyForm.SUBPROTOCOL, names=(("OpenAI-Organization", "a, b"),))


def test_the_query_form_warns_once_and_no_other_form_does(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(keyform, "_warned", set())
    with pytest.warns(UserWarning, match="goes into the address"):
        warn_of(KeyForm.QUERY)
    for form in KeyForm:
        warn_of(form)
