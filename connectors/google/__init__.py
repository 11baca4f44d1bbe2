"""Google: Gmail, Calendar and Contacts of one account, with the person's own client; only ever read."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from msgspec import Meta

from connectors.credentials.secret import Secret
from connectors.errors import SignInNeeded
from connectors.google.endpoints import GMAIL_QUOTA
from connectors.google.scopes import Feature, granted
from connectors.sync.provider import Config, Keeper, OAuth, Provider, SignedIn, Talk

if TYPE_CHECKING:
    from connectors.google.account import GoogleAccount
    from connectors.google.client import Client
    from connectors.google.renewing import Renewing
    from connectors.google.subscribing import GoogleSubscriber

_OPTION = {
    Feature.CALENDAR: "calendar", Feature.CONTACTS: "contacts", Feature.OTHER: "other_contacts",
    Feature.DIRECTORY: "directory",
}  # fmt: skip
_MAIL = {"words": (Feature.WORDS,), "metadata": (Feature.METADATA,), "no": ()}


class GoogleConfig(Config, frozen=True, kw_only=True):
    """What is read of the account, and by whose client."""

    client_secrets: Annotated[
        str,
        Meta(description="the file of your own client, from Google's console (docs/google.md)", extra={"file": True}),
    ]
    mail: Annotated[str, Meta(description="words: headers and counts of words; metadata: headers alone; no")] = "words"
    user: Annotated[str, Meta(description="your address at Google; else whoever you sign in as")] = ""
    calendar: Annotated[bool, Meta(description="read the calendars")] = True
    contacts: Annotated[bool, Meta(description="read the contacts")] = True
    other_contacts: Annotated[bool, Meta(description="and those that Google collected by itself")] = True
    directory: Annotated[bool, Meta(description="read your organisation's directory, where it may be read")] = False
    quota: Annotated[int, Meta(description="Gmail's quota of your project, units a minute", ge=100)] = GMAIL_QUOTA
    endpoint: Annotated[
        str, Meta(description="another server that speaks Google's protocols", extra={"unasked": True})
    ] = ""

    def __post_init__(self) -> None:
        if self.mail not in _MAIL:
            raise ValueError("--mail is words, metadata or no")
        if not self.features():
            raise ValueError("--mail no --no-calendar --no-contacts leaves nothing to read")
        if self.endpoint and not self.endpoint.startswith(("https://", "http://127.0.0.1:", "http://localhost:")):
            raise ValueError("--endpoint is an address that begins with https://")

    def secret(self) -> str:
        return "sign-in"

    def budget(self) -> str:
        """The project: the number with which the ids of its clients begin."""
        from connectors.google import client_file  # noqa: PLC0415  as below

        client = client_file.read(Path(self.client_secrets)).client_id
        return f"{client.partition('-')[0]} {self.endpoint}".strip()

    def features(self) -> tuple[Feature, ...]:
        """What the person wants to be read."""
        asked = (
            (Feature.CALENDAR, self.calendar), (Feature.DIRECTORY, self.directory), (Feature.CONTACTS, self.contacts),
            (Feature.OTHER, self.contacts and self.other_contacts),
        )  # fmt: skip
        return (*_MAIL[self.mail], *(feature for feature, wanted in asked if wanted))


def _open(
    config: GoogleConfig, secret: Secret | None, *, source: str, name: str, keeper: Keeper | None = None
) -> GoogleAccount:
    from connectors.google.account import GoogleAccount  # noqa: PLC0415  the module is loaded with every list of kinds

    return GoogleAccount(_client(config, secret, name, keeper), config.features(), source=source)


def _client(config: GoogleConfig, secret: Secret | None, name: str, keeper: Keeper | None = None) -> Client:
    from connectors.google.client import Client  # noqa: PLC0415  likewise

    return Client(_auth(secret, name, keeper), name, endpoint=config.endpoint, quotas={"gmail": config.quota})


def _auth(secret: Secret | None, name: str, keeper: Keeper | None) -> Renewing:
    from connectors.google.grant import again  # noqa: PLC0415  likewise
    from connectors.google.renewing import Renewing  # noqa: PLC0415  likewise
    from connectors.sync.provider import InMemory  # noqa: PLC0415  likewise

    if secret is None:
        raise SignInNeeded(f"{name}: nobody has signed in yet; {again(name)}")
    return Renewing(keeper or InMemory(secret), name)


def _push(config: GoogleConfig, secret: Secret | None, *, name: str, keeper: Keeper) -> GoogleSubscriber:
    from connectors.google.subscribing import GoogleSubscriber  # noqa: PLC0415  likewise

    auth = _auth(secret, name, keeper)
    return GoogleSubscriber(auth, name, granted(config.features(), auth.grant.scopes), endpoint=config.endpoint)


def _check(config: GoogleConfig, secret: Secret | None) -> Sequence[str]:
    from connectors.google.account import GoogleAccount  # noqa: PLC0415  likewise
    from connectors.google.check import check  # noqa: PLC0415  likewise
    from connectors.google.grant import NEW  # noqa: PLC0415  likewise

    client = _client(config, secret, NEW)
    return check(GoogleAccount(client, config.features(), source="google:"), client, config.features())


def _sign_in(config: GoogleConfig, talk: Talk) -> SignedIn:
    from connectors.google.sign_in import sign_in  # noqa: PLC0415  likewise

    path, user, endpoint = config.client_secrets, config.user, config.endpoint
    found = sign_in(path, config.features(), talk, user=user, endpoint=endpoint)
    options = {**_without(config.features(), found.given), "user": found.user or user}
    return SignedIn(found.secret, found.user, options)


def _without(wanted: Sequence[Feature], given: Sequence[Feature]) -> dict[str, str | bool]:
    """The options of what was not allowed, so that nobody waits for it."""
    missing = set(wanted) - set(given)
    off: dict[str, str | bool] = {name: False for feature, name in _OPTION.items() if feature in missing}
    return off | ({"mail": "no"} if missing & {Feature.WORDS, Feature.METADATA} else {})


def _revoke(config: GoogleConfig, secret: Secret) -> Sequence[str]:  # noqa: ARG001  one shape
    from connectors.google.grant import NEW, opened  # noqa: PLC0415  likewise
    from connectors.google.tokens import revoke  # noqa: PLC0415  likewise

    return revoke(opened(secret, NEW), NEW)


PROVIDER = Provider(
    kind="google",
    help="Gmail, Google Calendar and Google Contacts of one account",
    config=GoogleConfig,
    open=_open,
    check=_check,
    oauth=OAuth(sign_in=_sign_in, open=_open, revoke=_revoke),
    push=_push,
)
