from __future__ import annotations

import pytest

from trunkline.protocol.dialect import BETA_NAMES, ga_name


@pytest.mark.parametrize(("beta", "name"), BETA_NAMES.items())
def test_a_beta_name_is_mapped_once_and_for_all(beta: str, name: str):
    assert ga_name(beta) == name
    assert ga_name(name) == name


def test_any_other_name_is_left_alone():
    assert ga_name("response.done") == "response.done"
    assert ga_name("") == ""
