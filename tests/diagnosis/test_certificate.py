"""TLS: what a server shows, and why it is not trusted; with real handshakes."""

from __future__ import annotations

import asyncio
import datetime as dt
import ssl

import pytest
import trustme

from diagnosis.places import served_with, subject, trusting
from transports.misbehaving import keep_silent, run, server
from trunkline.diagnosis import certificate
from trunkline.diagnosis.certificate import (
    Shown,
    check_certificate,
    check_trust,
    interceptor_of,
    judge_failure,
    judge_shown,
    judge_trust,
)
from trunkline.diagnosis.finding import Cause, Finding, Outcome
from trunkline.protocol.closure import Closure, Fault
from trunkline.transports.dialing import DialLimits

NOW = 1_800_000_000.0
DAY = 86_400.0


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA(organization_name="Good Authority")


def shaken(
    served: ssl.SSLContext | None, ours: ssl.SSLContext, handler=keep_silent, *, limit: float = 3.0
) -> Finding:
    async def scenario():
        async with server(handler, served) as port:
            where = subject(port, tls=ours, limits=DialLimits(tls=limit))
            return await check_certificate(where)

    return run(scenario())


def test_a_good_certificate_is_told_with_version_issuer_and_chain(authority: trustme.CA):
    ours = trusting(authority)
    finding = shaken(served_with(authority.issue_cert("127.0.0.1")), ours)
    assert finding.outcome is Outcome.OK, finding
    assert finding.fact.startswith("TLSv1.3, 127.0.0.1 by Good Authority")
    assert "chain of 2" in finding.fact
    assert finding.details["days_left"] > 1000
    assert len(finding.details["chain"]) == 2


def test_one_that_ends_this_week_is_a_warning(authority: trustme.CA):
    soon = dt.datetime.now(dt.UTC) + dt.timedelta(days=3)
    leaf = authority.issue_cert("127.0.0.1", not_after=soon)
    finding = shaken(served_with(leaf), trusting(authority))
    assert finding.outcome is Outcome.WARNING
    assert "3 days more" in finding.fact
    assert "operator" in finding.advice


def test_an_expired_certificate_is_told_with_its_end_and_this_machine_s_clock(
    authority: trustme.CA,
):
    ended = dt.datetime.now(dt.UTC) - dt.timedelta(days=2)
    leaf = authority.issue_cert("127.0.0.1", not_after=ended)
    finding = shaken(served_with(leaf), trusting(authority))
    assert (finding.outcome, finding.cause) == (Outcome.FAILURE, Cause.NETWORK)
    assert "it ended 2 days ago by this machine's clock (" in finding.fact
    assert "clock" in finding.advice


def test_a_certificate_for_another_host_names_whom_it_is_for(authority: trustme.CA):
    finding = shaken(served_with(authority.issue_cert("other.test")), trusting(authority))
    assert "the certificate is for another host: other.test" in finding.fact
    assert finding.advice == "check the host in the base URL"


def test_one_of_an_unknown_issuer_says_who_that_is(authority: trustme.CA):
    stranger = trustme.CA(organization_name="Zscaler Inc.")
    finding = shaken(served_with(stranger.issue_cert("127.0.0.1")), trusting(authority))
    assert finding.outcome is Outcome.FAILURE
    assert "issued by Zscaler Inc." in finding.fact
    assert finding.advice.startswith("zscaler opens TLS here: add its authority")


def test_one_that_signed_itself_is_told_as_that(authority: trustme.CA):
    # An authority's own certificate, shown by a server.
    alone = trustme.CA(organization_name="Myself")
    served = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    both = trustme.Blob(alone.private_key_pem.bytes() + alone.cert_pem.bytes())
    with both.tempfile() as path:
        served.load_cert_chain(path)
    finding = shaken(served, trusting(authority))
    assert finding.outcome is Outcome.FAILURE
    assert "it signed itself" in finding.advice


def test_not_one_byte_is_sent_over_a_handshake_that_verifies_nothing(authority: trustme.CA):
    heard: list[bytes] = []

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(await reader.read())

    stranger = trustme.CA()
    finding = shaken(served_with(stranger.issue_cert("127.0.0.1")), trusting(authority), listen)
    assert finding.details["issuer"]
    assert b"".join(heard) == b""


def test_a_port_that_speaks_no_tls_is_told_and_not_looked_at_twice(authority: trustme.CA):
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mail.test ESMTP\r\n")
        await reader.read(4096)

    finding = shaken(None, trusting(authority), talk)
    assert (finding.outcome, finding.cause) == (Outcome.FAILURE, Cause.PROTOCOL)
    assert finding.advice == "check the port in the base URL"


def test_a_server_that_says_nothing_in_the_handshake_is_left_in_time(authority: trustme.CA):
    finding = shaken(None, trusting(authority), limit=0.1)
    assert "timed out" in finding.fact
    assert "firewall" in finding.advice


def test_without_tls_there_is_nothing_to_check():
    assert run(check_certificate(subject(1))).outcome is Outcome.NOT_APPLICABLE


def shown(**facts) -> Shown:
    known = {"version": "TLSv1.3", "subject": "api.test", "issuer": "Good / R1"}
    return Shown(**known | {"ends_at": NOW + 60 * DAY} | facts)


def test_a_product_that_opens_tls_is_a_warning_although_it_is_trusted_here():
    finding = judge_shown(shown(chain=("api.test", "Netskope CA")), now=NOW)
    assert finding.outcome is Outcome.WARNING
    assert finding.advice.startswith("netskope opens TLS here and sees the key")


def test_a_date_that_cannot_be_read_is_unknown_and_no_fault():
    finding = judge_shown(shown(ends_at=None), now=NOW)
    assert finding.outcome is Outcome.OK
    assert "valid for" not in finding.fact
    assert finding.details["days_left"] is None


def test_a_failure_about_which_nothing_more_is_known_says_what_was_met():
    closure = Closure(fault=Fault.CERTIFICATE_ISSUER, detail="self-signed certificate")
    finding = judge_failure(closure, None, now=NOW)
    assert "self-signed certificate" in finding.fact
    tomorrow = Closure(fault=Fault.CERTIFICATE_DATE)
    assert "not valid yet" in judge_failure(tomorrow, shown(), now=NOW).fact


@pytest.mark.parametrize("name", ["Zscaler Root CA", "O=Fortinet", "mitmproxy", "PortSwigger CA"])
def test_products_that_open_tls_are_known_by_their_issuers(name: str):
    assert interceptor_of(name)


@pytest.mark.parametrize("name", ["Google Trust Services / WE1", "Let's Encrypt / R11", "DigiCert"])
def test_public_authorities_are_none_of_them(name: str):
    assert interceptor_of(name) is None


# Whom this machine trusts.


def test_the_store_of_this_machine_is_counted(authority: trustme.CA, monkeypatch):
    for name in certificate._CERTIFICATE_FILES:
        monkeypatch.delenv(name, raising=False)
    finding = run(check_trust(subject(1, tls=trusting(authority))))
    assert finding.details["authorities"] == 1


def test_an_empty_store_is_a_failure_and_a_folder_that_is_read_when_needed_is_none(tmp_path):
    assert judge_trust(0, None, None, {}).outcome is Outcome.FAILURE
    assert "ca-certificates" in judge_trust(0, None, str(tmp_path), {}).advice
    (tmp_path / "a.0").write_text("")
    assert judge_trust(0, None, str(tmp_path), {}).outcome is Outcome.OK


def test_a_variable_that_names_nothing_is_a_failure(tmp_path):
    path = str(tmp_path / "gone.pem")
    finding = judge_trust(0, None, None, {"SSL_CERT_FILE": path})
    assert finding.outcome is Outcome.FAILURE
    assert finding.advice == "correct or unset SSL_CERT_FILE"
