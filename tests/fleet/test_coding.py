"""Compression of payloads: there and back, what is missing, and what is too much."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trunkline.errors import ConfigError, StreamError
from trunkline.fleet import coding
from trunkline.fleet.coding import Coding, best_coding, compress, decompress


@given(st.binary(max_size=5000), st.sampled_from(list(Coding)))
def test_every_coding_gives_back_what_it_took(payload: bytes, code: Coding):
    assert decompress(compress(payload, code), code) == payload


def test_zstandard_is_taken_where_it_is_installed_and_makes_json_small():
    assert best_coding() is Coding.ZSTD
    text = b'{"kind":"beat","line":"a"}' * 100
    assert len(compress(text, Coding.ZSTD)) < len(text) / 10


def test_without_zstandard_it_is_said_what_to_install(monkeypatch):
    packed = compress(b"x", Coding.ZSTD)
    monkeypatch.setattr(coding, "_MODULE", "trunkline.no_such_module")
    assert best_coding() is Coding.PLAIN
    with pytest.raises(ConfigError, match=r"pip install trunkline\[zstd\]"):
        compress(b"x", Coding.ZSTD)
    with pytest.raises(StreamError, match=r"pip install trunkline\[zstd\]"):
        decompress(packed, Coding.ZSTD)


def test_a_payload_that_grows_beyond_the_limit_is_refused(monkeypatch):
    monkeypatch.setattr(coding, "MOST_PAYLOAD_BYTES", 1000)
    with pytest.raises(StreamError, match="more than 1000 bytes"):
        decompress(compress(bytes(100_000), Coding.ZSTD), Coding.ZSTD)


@pytest.mark.parametrize("payload", [b"", b"no zstandard", compress(b"x" * 99, Coding.ZSTD)[:-3]])
def test_what_was_not_compressed_by_it_is_refused(payload: bytes):
    with pytest.raises(StreamError):
        decompress(payload, Coding.ZSTD)


def test_a_coding_of_a_later_version_is_refused():
    with pytest.raises(StreamError, match="not known here"):
        decompress(b"", 7)
