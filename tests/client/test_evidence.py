from __future__ import annotations

from trunkline.client.credentials import Secret
from trunkline.client.evidence import no_credential, shown
from trunkline.errors import ConfigError
from trunkline.protocol.closure import Closure, Fault, Phase

KEY = "sk-test-0123456789abcdef"


def test_a_key_that_a_server_repeats_is_not_shown():
    closure = Closure(code=1008, reason=f"bad {KEY}", detail=KEY)
    told = shown(closure, Secret(KEY))
    assert KEY not in repr(told)
    assert told.code == 1008
    assert not told.ephemeral_key


def test_the_evidence_says_of_which_kind_the_key_was():
    assert shown(Closure(), Secret("ek_0123456789abcdef")).ephemeral_key
    assert shown(Closure(code=1000), None) == Closure(code=1000)


def test_what_a_provider_of_keys_raises_is_told_by_its_kind_unless_it_is_ours():
    closure = no_credential(ValueError(f"asked with {KEY}"))
    assert (closure.fault, closure.phase) == (Fault.CREDENTIAL, Phase.CREDENTIAL)
    assert closure.detail == "ValueError in the credential provider"
    assert "none at all" in no_credential(ConfigError("api_key", "none at all")).detail
