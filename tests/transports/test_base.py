"""The contract every transport keeps."""

from __future__ import annotations

from trunkline.transports.base import Headers, Progress, Target


def test_a_target_never_shows_its_credential():
    target = Target(url="wss://host/v1", headers=(("Authorization", "Bearer sk-test-secret"),))
    assert "sk-test-secret" not in repr(target)
    assert "sk-test-secret" not in str(target)


def test_a_kernel_that_does_not_tell_is_unknown_and_not_zero():
    assert Progress(acked_bytes=None, unsent_bytes=0).acked_bytes is None


def test_headers_show_their_names_alone_and_are_what_they_were():
    headers = Headers((("Authorization", "Bearer sk-test-secret"), ("OpenAI-Project", "p")))
    assert repr(headers) == str(headers) == "Headers(Authorization, OpenAI-Project)"
    assert "sk-test-secret" not in f"{headers!r} {headers} {[headers]}"
    assert list(headers) == [("Authorization", "Bearer sk-test-secret"), ("OpenAI-Project", "p")]
