"""The search finds a key in every form it looks for, wherever it stands."""

from __future__ import annotations

import base64
import json
from urllib.parse import quote

import pytest

from scenarios.canary import forms, found, shown, split, word

SECRET = word("sk-test-CANARY-")
KEY = SECRET.whole
PLANTED = {
    "plain": KEY,
    "in a line of others": f"x{KEY}y",
    "split by ten": "\n".join(KEY[at : at + 10] for at in range(5, len(KEY), 10)),
    "the second half alone": SECRET.body[16:],
    "reversed": KEY[::-1],
    "hex": KEY.encode().hex(),
    "hex in capitals": KEY.encode().hex().upper(),
    "quoted": "".join(f"%{byte:02X}" for byte in KEY.encode()),
    "JSON": "".join(f"\\u{byte:04x}" for byte in KEY.encode()),
    "capitals": KEY.upper(),
    "one by one": " ".join(KEY),
    **{
        f"base64 behind {before}": base64.b64encode(b"~" * before + KEY.encode() + b"~").decode()
        for before in range(3)
    },
    "base64 of a header": base64.urlsafe_b64encode(f"Bearer {KEY}\r\n".encode()).decode(),
}


@pytest.mark.parametrize("text", PLANTED.values(), ids=PLANTED)
def test_a_planted_key_is_found(text: str):
    haystack = b"before " * 50 + text.encode() + b" after" * 50
    assert found(haystack, SECRET)
    assert shown(haystack, SECRET)


def test_every_form_is_found_by_itself():
    for name, pieces in forms(SECRET).items():
        for piece in pieces:
            assert name in found(b"<" + piece + b">", SECRET), name


@pytest.mark.parametrize(
    "text",
    ["", "sk-test-CANARY-", f"Secret(…{KEY[-4:]})", word("sk-test-CANARY-").whole, quote("a b")],
)
def test_what_is_no_key_is_not_found(text: str):
    assert found(json.dumps(text).encode(), SECRET) == []


def test_a_key_that_somebody_else_made_is_split_into_kind_and_body():
    assert split("ek_0123456789abcdef").body == "0123456789abcdef"
