"""One mail handed to the owner's own SMTP server (RFC 5321, RFC 8314)."""

from __future__ import annotations

import smtplib
import ssl
from email.message import EmailMessage
from email.policy import SMTP
from typing import NamedTuple

from connectors.net import is_loopback
from connectors.outgoing import SECONDS, Begin, NotSent


class Server(NamedTuple):
    """`tls`: "tls" from the first byte (port 465), "starttls" (587), "none" on this machine only."""

    host: str
    port: int
    tls: str = "tls"
    user: str = ""
    password: str = ""


def send(server: Server, message: EmailMessage, begin: Begin) -> None:
    """Hand over a mail to all of its recipients, or to none.

    Raises NotSent where the server surely has not taken it; any other error after `begin` leaves that open.
    """
    sender, recipients = str(message["From"].addresses[0].addr_spec), [one.addr_spec for one in message["To"].addresses]
    try:
        connection = _connected(server)
    except (OSError, smtplib.SMTPException) as error:
        where = f"{server.host}:{server.port}"
        raise NotSent(f"{where} did not let us in ({_words(error)}): check [report.mail].") from error
    try:
        _accepted(connection, connection.mail(sender), "the sender", sender)
        for recipient in recipients:
            _accepted(connection, connection.rcpt(recipient), "the recipient", recipient)
    except (OSError, smtplib.SMTPException) as error:
        connection.close()
        raise NotSent(f"{server.host} hung up ({_words(error)}): it is tried again.") from error
    begin()
    try:
        code, said = connection.data(message.as_bytes(policy=SMTP))
    except smtplib.SMTPDataError as error:
        raise NotSent(f"{server.host} refused the mail ({_words(error)}).") from error
    finally:
        connection.close()  # QUIT could fail after the mail was taken, and would say nothing more
    if code != 250:  # noqa: PLR2004  RFC 5321, 4.2.3: completed
        raise NotSent(f"{server.host} refused the mail ({code} {_text(said)}).")


def _connected(server: Server) -> smtplib.SMTP:
    context = ssl.create_default_context()
    if server.tls == "tls":
        connection: smtplib.SMTP = smtplib.SMTP_SSL(server.host, server.port, timeout=SECONDS, context=context)
    else:
        if server.tls == "none" and not is_loopback(server.host):
            raise NotSent(f'tls = "none" is for a server on this machine: {server.host} is another one.')
        connection = smtplib.SMTP(server.host, server.port, timeout=SECONDS)
    try:
        if server.tls == "starttls":
            connection.starttls(context=context)
        if server.user:
            connection.login(server.user, server.password)
        connection.ehlo_or_helo_if_needed()
    except BaseException:
        connection.close()
        raise
    return connection


def _accepted(connection: smtplib.SMTP, answer: tuple[int, bytes], what: str, address: str) -> None:
    code, said = answer
    if not 200 <= code < 300:  # noqa: PLR2004  RFC 5321, 4.2.1: positive completion
        connection.close()
        raise NotSent(f"the mail server refused {what} {address} ({code} {_text(said)}): check [report.mail].")


def _text(said: bytes) -> str:
    return said.decode(errors="replace")[:200]


def _words(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        said = error.smtp_error
        return f"{error.smtp_code} {_text(said) if isinstance(said, bytes) else said}"
    return str(error) or type(error).__name__
