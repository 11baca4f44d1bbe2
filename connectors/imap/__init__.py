"""IMAP (RFC 3501 and 9051): mail of any provider, read and never changed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

from msgspec import Meta

from connectors.credentials.secret import Secret
from connectors.errors import Refused
from connectors.sync.provider import Config, Provider

if TYPE_CHECKING:
    from connectors.imap.account import ImapAccount
    from connectors.imap.sign_in import Address

_TLS_PORT, _PLAIN_PORT = 993, 143  # RFC 8314, section 3.2; RFC 3501, section 2.1
_SHOWN = 12  # folders that are named


class ImapConfig(Config, frozen=True, kw_only=True):
    """Where the mailbox is and whose it is."""

    host: Annotated[str, Meta(description="the mail server, such as imap.example.org")]
    user: Annotated[str, Meta(description="the user name, mostly the whole mail address")]
    port: Annotated[int, Meta(description="the server's port; 0: 993, or 143 without TLS", ge=0, le=65_535)] = 0
    tls: Annotated[bool, Meta(description="encrypt (port 143: STARTTLS); without it anybody can read along")] = True
    token: Annotated[bool, Meta(description="sign in with an access token (OAuth 2.0) instead of a password")] = False

    def __post_init__(self) -> None:
        if not self.host or any(letter.isspace() or letter in "/@" for letter in self.host):
            raise ValueError("--host is the name of a mail server, such as imap.example.org")
        if not self.user or any(ord(letter) < 32 for letter in self.user):  # noqa: PLR2004  ASCII controls
            raise ValueError("--user is the name with which you sign in at the mail server")

    def secret(self) -> str:
        return "access token" if self.token else "password"


def _address(config: ImapConfig) -> Address:
    from connectors.imap.sign_in import Address  # noqa: PLC0415  the module is loaded with every list of kinds

    port = config.port or (_TLS_PORT if config.tls else _PLAIN_PORT)
    encryption = ("starttls" if port == _PLAIN_PORT else "tls") if config.tls else "none"
    return Address(config.host, port, config.user, encryption, config.token)


def _open(config: ImapConfig, secret: Secret | None, *, source: str, name: str) -> ImapAccount:
    from connectors.imap.account import ImapAccount  # noqa: PLC0415  likewise

    if secret is None:
        raise Refused(f"{name}: there is no {config.secret()} for this mailbox; connect the account again")
    return ImapAccount(_address(config), secret, source=source, name=name)


def _check(config: ImapConfig, secret: Secret | None) -> Sequence[str]:
    account = _open(config, secret, source="imap:", name=config.user)
    try:
        titles = [stream.title for stream in account.streams()]
    finally:
        account.close()
    named = ", ".join(titles[:_SHOWN]) + (", …" if len(titles) > _SHOWN else "")
    return [
        f"signed in at {config.host} as {config.user}",
        f"{len(titles)} folders will be read: {named}" if titles else "there is no folder that could be read",
        "of each mail its header and its text are read, never its attachments; only counts are kept of the text",
        "nothing is ever changed, marked as read, moved, deleted or sent",
    ]


PROVIDER: Provider[ImapConfig] = Provider("imap", "a mailbox at any IMAP server", ImapConfig, _open, _check)
