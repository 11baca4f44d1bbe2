"""A real SMTP server that keeps what it takes, and refuses when it is told to."""

from __future__ import annotations

from asyncio import BaseTransport
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword

from tests.peers.daemon import free_port

SECRET = "correct horse"  # noqa: S105  of a server that lives as long as a test


class Mailbox:
    """What arrived; `refuse` answers the end of a mail, `hang_up` drops the connection there instead."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.recipients: list[list[str]] = []
        self.refuse = ""
        self.hang_up = False
        self.port = 0
        self.open = 0  # connections: what a client that is gone has sent is taken, or dropped, before it is closed

    async def handle_DATA(self, server: SMTP, _: Any, envelope: Envelope) -> str:  # noqa: N802  aiosmtpd's name
        if self.refuse:
            return self.refuse
        self.mails.append(BytesParser(policy=default).parsebytes(envelope.original_content or b""))
        self.recipients.append(list(envelope.rcpt_tos))
        if self.hang_up and server.transport:
            server.transport.close()
        return "250 taken"

    @staticmethod
    def login(_server: Any, _session: Any, _envelope: Any, _mechanism: str, given: Any) -> AuthResult:
        said = isinstance(given, LoginPassword) and given.password == SECRET.encode()
        return AuthResult(success=said, handled=False)


class _Session(SMTP):
    """Counts itself."""

    def connection_made(self, transport: BaseTransport) -> None:
        self.event_handler.open += 1
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        super().connection_lost(error)
        self.event_handler.open -= 1


class _Controller(Controller):
    def factory(self) -> SMTP:
        return _Session(self.handler, **self.SMTP_kwargs)


@contextmanager
def mailbox() -> Iterator[Mailbox]:
    box = Mailbox()
    box.port = free_port()
    controller = _Controller(
        box, hostname="127.0.0.1", port=box.port, authenticator=box.login, auth_require_tls=False
    )  # fmt: skip
    controller.start()
    try:
        yield box
    finally:
        controller.stop()
