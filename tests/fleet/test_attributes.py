from __future__ import annotations

import pytest

from trunkline.fleet.attributes import attributes_of, server_attributes, wants_drafts
from trunkline.telemetry import families as of

NAMES = ("model", "server_address")


def test_labels_have_the_words_that_opentelemetry_has_for_them():
    names, values = (*NAMES, *of.CONNECT_ATTEMPTS.labels), ("m", "h:443", "error", "refused")
    assert attributes_of(of.CONNECT_ATTEMPTS, names, values) == {
        "network.protocol.name": "websocket",
        "gen_ai.response.model": "m",
        "server.address": "h",
        "server.port": 443,
        "trunkline.result": "error",
        "error.type": "refused",
    }


@pytest.mark.parametrize(("way", "word"), [("up", "transmit"), ("down", "receive")])
def test_directions_are_theirs(way, word):
    told = attributes_of(of.NETWORK, (*NAMES, "direction"), ("", "", way))
    assert told == {"network.protocol.name": "websocket", "network.io.direction": word}


def test_metrics_of_gen_ai_have_what_its_conventions_require():
    told = attributes_of(of.TOKENS, (*NAMES, *of.TOKENS.labels), ("", "", "input", "text", "true"))
    assert told["gen_ai.operation.name"] == "realtime_inference"
    assert told["gen_ai.provider.name"] == "openai"
    assert told["gen_ai.token.type"] == "input"


@pytest.mark.parametrize(
    ("server", "told"),
    [
        ("", {}),
        ("host", {"server.address": "host"}),
        ("host:80", {"server.address": "host", "server.port": 80}),
        ("::1", {"server.address": ":", "server.port": 1}),
        ("host:x", {"server.address": "host:x"}),
    ],
)
def test_a_server_is_host_and_port(server, told):
    assert server_attributes(server) == told


@pytest.mark.parametrize(
    ("value", "wanted"),
    [("", False), ("http", False), ("gen_ai_latest_experimental", True), ("http, gen_ai_latest_experimental", True)],
)  # fmt: skip
def test_drafts_are_for_those_who_opt_in(value, wanted, monkeypatch):
    monkeypatch.setenv("OTEL_SEMCONV_STABILITY_OPT_IN", value)
    assert wants_drafts() is wanted
