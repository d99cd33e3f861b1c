"""The checks that nothing turns off."""

from __future__ import annotations

import os
import ssl
from pathlib import Path

import pytest
import trustme

from transports.misbehaving import answering, run, server
from trunkline.errors import ConfigError
from trunkline.simulator.certificate import Certificate
from trunkline.transports import trust
from trunkline.transports.http import HttpClient
from trunkline.transports.trust import checked_context, client_context, default_context
from trunkline.transports.websocket import WebSocketTransport

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"


def test_ours_checks_certificates_and_names_and_speaks_nothing_old():
    context = client_context()
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname
    assert context.minimum_version >= ssl.TLSVersion.TLSv1_2
    assert context.verify_flags == ssl.create_default_context().verify_flags
    assert len(context.get_ca_certs()) == len(ssl.create_default_context().get_ca_certs())
    assert checked_context(context) is context
    assert checked_context(None) is None


def _blind() -> ssl.SSLContext:
    context = client_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _nameless() -> ssl.SSLContext:
    context = client_context()
    context.check_hostname = False
    return context


def _old() -> ssl.SSLContext:
    context = client_context()
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    return context


@pytest.mark.parametrize("make", [_blind, _nameless, _old])
@pytest.mark.parametrize("user", [WebSocketTransport, HttpClient])
def test_a_context_that_leaves_out_a_check_is_refused_with_what_to_do_instead(make, user):
    with pytest.raises(ConfigError, match=r"tls: .*(load_verify_locations|minimum_version)"):
        user(tls=make())


def test_a_variable_of_the_environment_does_not_get_the_secrets_of_our_connections(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    keys = tmp_path / "keys"
    monkeypatch.setenv("SSLKEYLOGFILE", str(keys))
    certificate = Certificate()

    async def scenario() -> int:
        async with server(answering(OK), certificate.context) as port:
            ours = client_context()
            ours.load_verify_locations(cadata=certificate.authority_pem)
            client = HttpClient(tls=ours)
            answer = await client.post(f"https://127.0.0.1:{port}/v1", headers=[], body=b"{}")
            return answer.status

    assert run(scenario()) == 200
    assert not keys.exists()
    # The library's own does, so the variable is known here.
    assert ssl.create_default_context().keylog_filename == str(keys)


def test_the_system_s_certificates_are_read_once_and_again_when_they_change(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    trusted = tmp_path / "certificates.pem"
    trustme.CA().cert_pem.write_to_path(trusted)
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
    trust._context.cache_clear()
    first = default_context()
    assert default_context() is first
    assert len(first.get_ca_certs()) == 1
    os.utime(trusted, ns=(1, 1))
    second = default_context()
    assert second is not first
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "none.pem"))
    assert default_context() is not second
    trust._context.cache_clear()
