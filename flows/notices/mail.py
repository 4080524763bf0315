"""A notice by e-mail: the line is the subject. Nothing is sent openly that has a password."""

from __future__ import annotations

from flows.notices.notice import NotDelivered, Notice, variable
from schemas.settings import Mail

SECONDARY = 400
"""SMTP: from here to 499 a refusal is for now, from 500 on for good (RFC 5321, section 4.2.1)."""


def send(notice: Notice, channel: Mail) -> None:
    """Hand the mail to the server. Raises NotDelivered."""
    import smtplib

    password = variable(channel.password_env) if channel.password_env else ""
    try:
        _hand_over(notice, channel, password)
    except smtplib.SMTPRecipientsRefused as error:
        code, answer = next(iter(error.recipients.values()))
        raise NotDelivered(_said(code, answer), _for_now(code)) from error
    except smtplib.SMTPResponseException as error:
        raise NotDelivered(_said(error.smtp_code, error.smtp_error), _for_now(error.smtp_code)) from error
    except smtplib.SMTPServerDisconnected as error:
        raise NotDelivered(f"the mail server ended the connection ({error})", heals=True) from error
    except smtplib.SMTPException as error:
        raise NotDelivered(f"the mail server cannot do it ({error})") from error


def _hand_over(notice: Notice, channel: Mail, password: str) -> None:
    import smtplib
    import ssl

    host, port = channel.address
    safe = ssl.create_default_context() if channel.security != "none" else None
    if channel.security == "tls":
        server: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=channel.timeout_seconds, context=safe)
    else:
        server = smtplib.SMTP(host, port, timeout=channel.timeout_seconds)
    with server:
        if channel.security == "starttls":
            server.starttls(context=safe)
        if channel.user:
            server.login(channel.user, password)
        refused = server.send_message(_message(notice, channel))
    if refused:
        raise NotDelivered(f"the mail server did not take {', '.join(sorted(refused))}; the others have it")


def _message(notice: Notice, channel: Mail):  # type: ignore[no-untyped-def]  # email is loaded when a mail is sent
    from email.message import EmailMessage
    from email.utils import formatdate

    message = EmailMessage()
    message["Subject"] = notice.line
    message["From"] = channel.sender
    message["To"] = ", ".join(channel.to)
    message["Date"] = formatdate()
    message["Message-ID"] = f"<{notice.name}@{channel.sender.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"  # no out-of-office answer, please (RFC 3834)
    message.set_content(f"{notice.line}\n\n{notice.body}\n")
    return message


def _for_now(code: int) -> bool:
    return SECONDARY <= code < 500


def _said(code: int, answer: bytes | str) -> str:
    text = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
    return f"the mail server answered {code} {' '.join(text.split())[:200]}"
