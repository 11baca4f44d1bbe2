"""From an address to a signed-in client: greeting, STARTTLS, name and password or token."""

from __future__ import annotations

import base64
from typing import NamedTuple

from connectors.credentials.secret import Secret
from connectors.errors import Refused
from connectors.imap.channel import USUAL, Channel, Limits
from connectors.imap.client import Client
from connectors.imap.commands import Argument, Literal
from connectors.imap.refusals import ServerSaidNo, Status, at_sign_in
from connectors.imap.tokens import quoted

TLS_PORT = 993  # RFC 8314, section 3.2


class Address(NamedTuple):
    """Where an account is, and how it is spoken to. `encryption`: `tls`, `starttls`, or `none`.

    `token`: the secret is an access token (OAuth 2.0), not a password.
    """

    host: str
    port: int
    user: str
    encryption: str = "tls"
    token: bool = False


def sign_in(
    address: Address, secret: Secret, name: str, limits: Limits = USUAL, ignored: frozenset[str] = frozenset()
) -> Client:
    """A client that may read. `ignored`: capabilities that are not used though the server has them.

    Raises SignInNeeded, Refused (a certificate, no encryption, no way to sign in), or TryLater.
    """
    channel = Channel(address.host, address.port, name, limits)
    try:
        if address.encryption == "tls":
            channel.encrypt()
        client = Client(channel, ignored)
        if address.encryption == "starttls":
            _encrypt(client)
        if client.greeting.kind != "PREAUTH":
            client.know_capabilities()
            _authenticate(client, address, secret)
        client.know_capabilities()
        if client.has("ID"):  # some providers (RFC 2971; NetEase) serve only clients that say who they are
            client.run(b"ID", b'("name" "amity")')
        if client.has("QRESYNC"):
            client.run(b"ENABLE", b"QRESYNC")
    except ServerSaidNo as said:
        channel.close()
        raise at_sign_in(_without(said.answer, secret), f"{name}: the mail server {address.host}") from None
    except BaseException:
        channel.close()
        raise
    return client


def _encrypt(client: Client) -> None:
    """STARTTLS, or nothing: a password never goes over an open line unless the person says so."""
    if client.greeting.kind == "PREAUTH":
        raise Refused(
            f"{client.who} signed us in before any encryption, as somebody on the way would do; nothing was read; use "
            f"port {TLS_PORT}"
        )
    client.know_capabilities()
    if not client.has("STARTTLS"):
        raise Refused(
            f"{client.who} offers no encryption here; no password was sent; use port {TLS_PORT} (or --no-tls on a "
            "network that is yours alone)"
        )
    client.run(b"STARTTLS")
    client.channel.encrypt()
    client.forget_capabilities()


def _authenticate(client: Client, address: Address, secret: Secret) -> None:
    if address.token:
        _with_token(client, address, secret.reveal())
    elif client.has("AUTH=PLAIN"):
        _sasl(client, b"PLAIN", b"\0%s\0%s" % (address.user.encode(), secret.reveal().encode()))
    elif client.has("LOGINDISABLED"):
        raise Refused(
            f"{client.who} takes no password here; it may want encryption, or an access token instead of a password"
        )
    else:
        client.forget_capabilities()
        client.run(b"LOGIN", _string(address.user), _string(secret.reveal()))


def _with_token(client: Client, address: Address, token: str) -> None:
    """OAUTHBEARER (RFC 7628) or XOAUTH2 (Google, Microsoft)."""
    user = address.user.encode()
    if client.has("AUTH=XOAUTH2"):
        _sasl(client, b"XOAUTH2", b"user=%s\x01auth=Bearer %s\x01\x01" % (user, token.encode()))
    elif client.has("AUTH=OAUTHBEARER"):
        name = user.replace(b"=", b"=3D").replace(b",", b"=2C")
        _sasl(client, b"OAUTHBEARER", b"n,a=%s,\x01auth=Bearer %s\x01\x01" % (name, token.encode()))
    else:
        raise Refused(f"{client.who} takes no access tokens; connect the account with a password")


def _sasl(client: Client, mechanism: bytes, response: bytes) -> None:
    """AUTHENTICATE with the response in the command where that is known to work (RFC 4959)."""
    encoded = base64.b64encode(response)
    at_once = client.has("SASL-IR")
    client.forget_capabilities()  # they may differ now
    tag = client.send(b"AUTHENTICATE", mechanism, *([encoded] if at_once else []))
    if not at_once and client.challenge(tag) is not None:
        client.respond(encoded)
    if mechanism != b"PLAIN" and client.challenge(tag) is not None:
        client.respond(b"")  # a refused token is explained first; the command ends when we have heard it
    for _ in client.answers(tag):
        pass


def _string(text: str) -> Argument:
    data = text.encode()
    return quoted(data) or Literal(data)


def _without(answer: Status, secret: Secret) -> Status:
    """Some servers repeat what they did not like."""
    return answer._replace(text=answer.text.replace(secret.reveal(), "…")) if secret.reveal() else answer
