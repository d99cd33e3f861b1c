"""What a child is given, and what it is not."""

from __future__ import annotations

import pytest

from trunkline.cli.environment import environment

SECRETS = (
    "OPENAI_API_KEY", "OPENAI_ORG_ID", "OPENAI_CUSTOM_HEADERS", "AZURE_OPENAI_API_KEY", "XAI_API_KEY", "GITHUB_TOKEN",
    "AWS_SECRET_ACCESS_KEY", "DATABASE_URL", "PGPASSWORD", "SSH_AUTH_SOCK", "TRUNKLINE_API_KEY", "TRUNKLINE_TOKEN",
    "XDG_SECRET", "LC_KEY", "TRUNKLINE_PUBLISH", "TEXTUAL_DRIVER", "PYTHONSTARTUP", "LD_PRELOAD", "anything",
    "trunkline_key",
)  # fmt: skip
KEPT = (
    "PATH",
    "HOME",
    "LANG",
    "LC_ALL",
    "XDG_RUNTIME_DIR",
    "TMPDIR",
    "TRUNKLINE_CONFIG",
    "NO_COLOR",
    "PYTHONPATH",
    "TZ",
)
CANARY = "sk-canary-0123456789"


@pytest.mark.parametrize("name", SECRETS)
def test_a_secret_is_not_passed_on(name):
    assert environment({name: CANARY}) == {}


@pytest.mark.parametrize("name", KEPT)
def test_what_a_console_needs_is_passed_on(name):
    assert environment({name: "value"}) == {name: "value"}
