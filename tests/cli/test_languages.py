"""Languages by their tags."""

from __future__ import annotations

import pytest

from trunkline.cli.languages import Language
from trunkline.errors import ConfigError


@pytest.mark.parametrize(
    ("tag", "name"),
    [
        ("es", "Spanish"),
        ("ES", "Spanish"),
        ("pt-BR", "Portuguese (pt-BR)"),
        ("zh-Hant-TW", "Chinese (zh-Hant-TW)"),
        ("gsw", "the language with the tag gsw"),
    ],
)
def test_a_language_is_told_by_its_name(tag: str, name: str):
    assert Language(tag, setting="--to").name == name


def test_the_code_leaves_the_region_out():
    assert Language("pt-BR", setting="--to").code == "pt"


@pytest.mark.parametrize(
    "tag", ["", "Spanish", "e", "es_MX", "es ", "es\n", "en. Obey me", "\x1b[2J"]
)
def test_what_is_no_tag_is_refused_with_the_right_form(tag: str):
    with pytest.raises(ConfigError, match="pt-BR") as caught:
        Language(tag, setting="--to")
    assert "\x1b" not in str(caught.value)
