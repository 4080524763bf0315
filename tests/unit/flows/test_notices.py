"""Notices against a mail server and an HTTP receiver of this machine: delivered, signed, retried, given up."""

from __future__ import annotations

import base64
import datetime
import ipaddress
import json
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from flows.notices import deliver
from flows.notices.compose import trial
from flows.notices.notice import Notice
from schemas.settings import Mail, Webhook
from tests import receivers
from tests.receivers import MailReceiver, WebReceiver

NOTICE = Notice("n1", "kinscale s: published s-2009-r2, 11,384 rows read", "Release  releases/s", {"line": "ü", "n": 1})


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deliver, "PAUSE_SECONDS", (0.01, 0.01))


@pytest.fixture
def web() -> Iterator[WebReceiver]:
    with receivers.web() as running:
        yield running


@pytest.fixture
def post() -> Iterator[MailReceiver]:
    with receivers.mail() as running:
        yield running


def hook(address: str, **more: object) -> Webhook:
    return Webhook.model_validate({"kind": "webhook", "url": address, **more})


def mail(port: int, **more: object) -> Mail:
    place = {"host": "127.0.0.1", "port": port, "security": "none"}
    people = {"to": ["office@example.org", "night@example.org"], "from": "kinscale@example.org"}
    return Mail.model_validate({"kind": "mail", **place, **people, **more})


def nobody() -> int:
    """A port on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
    return port


def test_a_mail_has_the_line_as_its_subject(post: MailReceiver) -> None:
    (delivery,) = deliver.deliver(NOTICE, [mail(post.port)])
    assert (delivery.sent, delivery.tries) == (True, 1)
    (message,) = post.mails
    assert message["Subject"] == NOTICE.line
    assert message["To"] == "office@example.org, night@example.org"
    assert message["From"] == "kinscale@example.org"
    assert message["Message-ID"] == "<n1@example.org>"
    assert message.get_content().splitlines() == [NOTICE.line, "", NOTICE.body]


def test_a_mail_server_that_is_busy_is_asked_again(post: MailReceiver) -> None:
    post.refusals = [b"451 later", b"451 later", b"451 later", b"451 later"]  # both recipients, twice
    (delivery,) = deliver.deliver(NOTICE, [mail(post.port)])
    assert (delivery.sent, delivery.tries, len(post.mails)) == (True, 3, 1)


def test_an_address_that_is_refused_for_good_is_not_tried_again(post: MailReceiver) -> None:
    post.refusals = [b"550 no such person", b"550 no such person"]
    (delivery,) = deliver.deliver(NOTICE, [mail(post.port)])
    assert (delivery.sent, delivery.tries) == (False, 1)
    assert "550 no such person" in delivery.why


def test_an_address_of_several_that_is_refused_is_named(post: MailReceiver) -> None:
    post.refusals = [b"550 no such person"]
    (delivery,) = deliver.deliver(NOTICE, [mail(post.port)])
    assert (delivery.sent, len(post.mails)) == (False, 1)
    assert "office@example.org" in delivery.why
    assert "night@example.org" not in delivery.why


def test_a_mail_server_without_encryption_is_given_no_mail(post: MailReceiver) -> None:
    (delivery,) = deliver.deliver(NOTICE, [mail(post.port, security="starttls")])
    assert (delivery.sent, delivery.tries, post.mails) == (False, 1, [])
    assert "STARTTLS" in delivery.why


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate for 127.0.0.1 that signs itself, with its key, of one day."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.UTC)
    built = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    built = built.serial_number(1).not_valid_before(now - datetime.timedelta(hours=1))
    built = built.not_valid_after(now + datetime.timedelta(days=1))
    alternative = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    signed = built.add_extension(alternative, critical=False).sign(key, hashes.SHA256())
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file = tmp_path / "certificate.pem"
    file.write_bytes(signed.public_bytes(serialization.Encoding.PEM) + private)
    return file


LOGIN = {"security": "starttls", "user": "kinscale", "password_env": "MAIL_PASSWORD"}


def test_a_login_travels_encrypted(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAIL_PASSWORD", "sesame")
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with receivers.mail(certificate) as post:
        (delivery,) = deliver.deliver(NOTICE, [mail(post.port, **LOGIN)])
    assert delivery.sent, delivery.why
    assert [base64.b64decode(login) for login in post.logins] == [b"\0kinscale\0sesame"]  # RFC 4616


def test_a_mail_server_that_cannot_be_trusted_is_given_no_password(
    certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAIL_PASSWORD", "sesame")
    with receivers.mail(certificate) as post:
        (delivery,) = deliver.deliver(NOTICE, [mail(post.port, **LOGIN)])
    assert (delivery.sent, delivery.tries, post.logins, post.mails) == (False, 1, [], [])
    assert "CERTIFICATE_VERIFY_FAILED" in delivery.why


def test_a_variable_that_is_not_set_is_named_and_nothing_is_sent() -> None:
    with receivers.mail() as post:
        (delivery,) = deliver.deliver(NOTICE, [mail(post.port, **LOGIN)])
    assert (delivery.sent, post.connections) == (False, 0)
    assert "MAIL_PASSWORD" in delivery.why


def test_a_webhook_is_posted_as_json_and_signed(web: WebReceiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOOK_KEY", "key")
    monkeypatch.setenv("HOOK_TOKEN", "Bearer sesame")
    notice = Notice("n2", "l", "b", {"line": "The quick brown fox jumps over the lazy dog"})
    channel = hook(web.address, secret_env="HOOK_KEY", headers_env={"Authorization": "HOOK_TOKEN"})
    assert [d.sent for d in deliver.deliver(notice, [channel])] == [True]
    (sent,) = web.sent
    assert sent.content == notice.content
    assert sent.headers["Authorization"] == "Bearer sesame"
    assert sent.headers["X-Kinscale-Delivery"] == "n2"
    # printf '%s' '{"line": "The quick brown fox jumps over the lazy dog"}' | openssl dgst -sha256 -hmac key
    assert sent.body == b'{"line": "The quick brown fox jumps over the lazy dog"}'
    assert (
        sent.headers["X-Kinscale-Signature"]
        == "sha256=e33425a8618d979f829df9ec6f366d884349a75979eac9522f508baf2feaa4be"
    )


def test_the_signature_is_that_of_the_standards_own_example() -> None:
    from flows.notices.webhook import signature

    # RFC 4231, test case 2
    expected = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    assert signature("Jefe", b"what do ya want for nothing?") == expected


def test_a_receiver_that_fails_is_asked_again_with_the_same_name(web: WebReceiver) -> None:
    web.answers = [500, 503]
    (delivery,) = deliver.deliver(NOTICE, [hook(web.address)])
    assert (delivery.sent, delivery.tries) == (True, 3)
    assert {sent.headers["X-Kinscale-Delivery"] for sent in web.sent} == {"n1"}


def test_a_receiver_that_always_fails_is_given_up(web: WebReceiver) -> None:
    web.answers = [500, 502, 503, 200]
    (delivery,) = deliver.deliver(NOTICE, [hook(web.address)])
    assert (delivery.sent, delivery.tries, len(web.sent)) == (False, 3, 3)
    assert "503" in delivery.why


@pytest.mark.parametrize("answer", [400, 401, 404, 410, 302])
def test_a_receiver_that_refuses_is_not_asked_again(web: WebReceiver, answer: int) -> None:
    web.answers = [answer]
    (delivery,) = deliver.deliver(NOTICE, [hook(web.address)])
    assert (delivery.sent, delivery.tries, len(web.sent)) == (False, 1, 1)  # and no redirection is followed
    assert str(answer) in delivery.why


def test_nobody_listens() -> None:
    found = deliver.deliver(NOTICE, [hook(f"http://127.0.0.1:{nobody()}/secret-path"), mail(nobody())])
    assert [(d.sent, d.tries) for d in found] == [(False, 3), (False, 3)]
    assert all("refused" in d.why for d in found)
    assert "secret-path" not in "".join(f"{d.channel} {d.why}" for d in found)


def test_a_slow_receiver_is_given_up_and_asked_again(web: WebReceiver) -> None:
    web.delay = 1.0
    (delivery,) = deliver.deliver(NOTICE, [hook(web.address, timeout_seconds=0.05)])
    assert (delivery.sent, delivery.tries) == (False, 3)
    assert "in time" in delivery.why


def test_nothing_holds_a_night_for_ever_and_the_other_channels_are_told(
    web: WebReceiver, post: MailReceiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deliver, "PATIENCE_SECONDS", 0.5)
    web.delay = 3.0
    begun = time.monotonic()
    slow, well = deliver.deliver(NOTICE, [hook(web.address, timeout_seconds=60), mail(post.port)])
    assert time.monotonic() - begun < 2.5  # without a limit it would be the receiver's three seconds
    assert (slow.sent, well.sent) == (False, True)


def test_a_header_that_cannot_be_sent_is_not_shown(web: WebReceiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOOK_TOKEN", "open\nsesame")
    (delivery,) = deliver.deliver(NOTICE, [hook(web.address, headers_env={"Authorization": "HOOK_TOKEN"})])
    assert (delivery.sent, web.sent) == (False, [])
    assert "sesame" not in delivery.why


def test_an_address_that_is_secret_comes_from_a_variable(web: WebReceiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOOK_URL", f"{web.address}/T0/secret")
    channel = Webhook.model_validate({"kind": "webhook", "url_env": "HOOK_URL"})
    (delivery,) = deliver.deliver(trial(), [channel])
    assert delivery.sent
    assert web.sent[0].content["outcome"] == "trial"
    assert "secret" not in json.dumps(vars(delivery))
