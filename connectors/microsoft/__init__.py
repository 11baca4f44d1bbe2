"""Microsoft 365 and Outlook.com: mail, calendars and contacts of one account, with the person's own client."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Annotated

from msgspec import Meta

from connectors.credentials.secret import Secret
from connectors.errors import SignInNeeded
from connectors.microsoft.clouds import CLOUDS, GLOBAL, authority_of, base
from connectors.microsoft.scopes import Feature, asked, granted
from connectors.sync.provider import Config, Keeper, OAuth, Provider, SignedIn, Talk

if TYPE_CHECKING:
    from connectors.microsoft.account import Maker, MicrosoftAccount
    from connectors.microsoft.graph import Graph
    from connectors.microsoft.renewing import Renewing
    from connectors.microsoft.subscribing import GraphSubscriber

_MAIL = {"words": (Feature.WORDS,), "metadata": (Feature.METADATA,), "no": ()}
_SHARED_MAIL = {"words": Feature.SHARED_WORDS, "metadata": Feature.SHARED_METADATA}
_EARLIEST = date(1990, 1, 1)
_NAME = re.compile(r"[0-9A-Za-z][0-9A-Za-z.-]{0,252}")  # an id, or a domain


class MicrosoftConfig(Config, frozen=True, kw_only=True):
    """What is read of the account, and by whose client."""

    client_id: Annotated[str, Meta(description="the id of your own app registration: ten minutes, docs/microsoft.md")]
    tenant: Annotated[str, Meta(description="your organisation (its id or domain), or consumers")] = "common"
    mail: Annotated[str, Meta(description="words: headers and counts of words; metadata: headers alone; no")] = "words"
    user: Annotated[str, Meta(description="whom you sign in as; else whoever you choose there")] = ""
    calendar: Annotated[bool, Meta(description="read the calendars")] = True
    shared: Annotated[
        str,
        Meta(
            description="calendars of others that are your time too: names or addresses, with commas between",
            extra={"unasked": True},
        ),
    ] = ""
    shared_mail: Annotated[
        str,
        Meta(
            description="other mailboxes whose mail is read too: addresses, with commas between",
            extra={"unasked": True},
        ),
    ] = ""
    contacts: Annotated[bool, Meta(description="read the contacts")] = True
    since: Annotated[str, Meta(description="the first day of calendars that is read, 2015-01-01; else 3 years")] = ""
    device: Annotated[bool, Meta(description="sign in with a code, in a browser on another machine")] = False
    cloud: Annotated[str, Meta(description=f"Microsoft's cloud: {', '.join(CLOUDS)}")] = GLOBAL
    endpoint: Annotated[str, Meta(description="another server that speaks Microsoft's protocols")] = ""

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.client_id):
            raise ValueError("--client-id is the application (client) id of your registration: see docs/microsoft.md")
        if not _NAME.fullmatch(self.tenant):
            raise ValueError("--tenant is an id or a domain of your organisation, common, organizations or consumers")
        if self.cloud not in CLOUDS:
            raise ValueError(f"--cloud is {', '.join(CLOUDS)}")
        if self.mail not in _MAIL:
            raise ValueError("--mail is words, metadata or no")
        if self.since and self.first_day() is None:
            raise ValueError("--since is a day: 2015-01-01")
        self._check_others()
        if not self.features():
            raise ValueError("--mail no --no-calendar --no-contacts leaves nothing to read")
        if self.endpoint and not self.endpoint.startswith(("https://", "http://127.0.0.1:", "http://localhost:")):
            raise ValueError("--endpoint is an address that begins with https://")

    def _check_others(self) -> None:
        if self.shared and not self.calendar:
            raise ValueError("--shared names calendars, and --no-calendar says that none are read")
        if not all("@" in one for one in self.mailboxes()):
            raise ValueError("--shared-mail is addresses, with commas between: office@example.com")
        if self.mailboxes() and self.mail == "no":
            raise ValueError("--shared-mail names mailboxes, and --mail no says that no mail is read")

    def budget(self) -> str:
        """The application in one organisation: its limits are counted for both together."""
        return f"{self.client_id} {self.tenant} {self.endpoint}".strip()

    def secret(self) -> str:
        return "sign-in"

    def first_day(self) -> date | None:
        """`since` as a day; None where it is none."""
        try:
            return max(date.fromisoformat(self.since), _EARLIEST)
        except ValueError:
            return None

    def features(self) -> tuple[Feature, ...]:
        """What the person wants to be read."""
        asked = (
            (Feature.CALENDAR, self.calendar), (Feature.SHARED, bool(self.chosen())), (Feature.CONTACTS, self.contacts),
        )  # fmt: skip
        others = (_SHARED_MAIL[self.mail],) if self.mailboxes() else ()
        return (*_MAIL[self.mail], *others, *(feature for feature, wanted in asked if wanted))

    def chosen(self) -> tuple[str, ...]:
        """`shared`, one by one."""
        return _one_by_one(self.shared)

    def mailboxes(self) -> tuple[str, ...]:
        """`shared_mail`, one by one."""
        return _one_by_one(self.shared_mail)


def _one_by_one(text: str) -> tuple[str, ...]:
    return tuple(filter(None, (one.strip() for one in text.split(","))))


def _open(
    config: MicrosoftConfig, secret: Secret | None, *, source: str, name: str, keeper: Keeper | None = None
) -> MicrosoftAccount:
    from connectors.microsoft.account import MicrosoftAccount  # noqa: PLC0415  loaded with all kinds

    graph = _graph(config, secret, name, keeper)
    return MicrosoftAccount(graph, config.features(), source=source, parts=_parts(config))


def _parts(config: MicrosoftConfig) -> Mapping[Feature, Maker]:
    from connectors.microsoft.account import parts_of  # noqa: PLC0415  likewise

    return parts_of(config.first_day(), config.chosen(), config.mailboxes())


def _graph(config: MicrosoftConfig, secret: Secret | None, name: str, keeper: Keeper | None = None) -> Graph:
    from connectors.microsoft.graph import Graph  # noqa: PLC0415  likewise

    return Graph(_auth(config, secret, name, keeper), name, base=base(config.cloud, config.endpoint))


def _auth(config: MicrosoftConfig, secret: Secret | None, name: str, keeper: Keeper | None) -> Renewing:
    from connectors.microsoft.grant import again  # noqa: PLC0415  likewise
    from connectors.microsoft.renewing import Renewing  # noqa: PLC0415  likewise
    from connectors.sync.provider import InMemory  # noqa: PLC0415  likewise

    if secret is None:
        raise SignInNeeded(f"{name}: nobody has signed in yet; {again(name)}")
    return Renewing(keeper or InMemory(secret), name, endpoint=config.endpoint)


def _push(config: MicrosoftConfig, secret: Secret | None, *, name: str, keeper: Keeper) -> GraphSubscriber:
    from connectors.microsoft.subscribing import GraphSubscriber  # noqa: PLC0415  likewise

    auth = _auth(config, secret, name, keeper)
    given = granted(config.features(), auth.grant.scopes)
    return GraphSubscriber(auth, name, given, base=base(config.cloud, config.endpoint))


def _check(config: MicrosoftConfig, secret: Secret | None) -> Sequence[str]:
    from connectors.microsoft.account import MicrosoftAccount  # noqa: PLC0415  likewise
    from connectors.microsoft.check import check  # noqa: PLC0415  likewise
    from connectors.microsoft.grant import NEW  # noqa: PLC0415  likewise

    graph = _graph(config, secret, NEW)
    account = MicrosoftAccount(graph, config.features(), source="microsoft:", parts=_parts(config))
    return check(account, graph, config.features())


def _sign_in(config: MicrosoftConfig, talk: Talk) -> SignedIn:
    from connectors.microsoft.sign_in import Client, sign_in  # noqa: PLC0415  likewise

    wanted = config.features()
    client = Client(
        config.client_id, authority_of(config.cloud, config.tenant), asked(wanted, config.cloud), config.user,
        config.endpoint,
    )  # fmt: skip
    found = sign_in(client, wanted, talk, device=config.device)
    return SignedIn(found.secret, found.user, {**_without(wanted, found.given), "user": found.user or config.user})


def _without(wanted: Sequence[Feature], given: Sequence[Feature]) -> dict[str, str | bool]:
    """The options of what was not allowed, so that nobody waits for it."""
    options: dict[str, str | bool] = {}
    for feature in set(wanted) - set(given):
        if feature is Feature.CALENDAR:
            options["calendar"] = False
        elif feature is Feature.SHARED:
            options["shared"] = ""
        elif feature in _SHARED_MAIL.values():
            options["shared_mail"] = ""
        elif feature is Feature.CONTACTS:
            options["contacts"] = False
        else:
            options["mail"] = "no"
    return options


def _revoke(config: MicrosoftConfig, secret: Secret) -> Sequence[str]:  # noqa: ARG001  one shape
    """Microsoft has no way to take back one program's sign-in but its own pages."""
    where = "https://account.live.com/consent/Manage (personal accounts) or https://myapps.microsoft.com (at work)"
    return [f"what was kept is deleted; Microsoft forgets the sign-in after 90 days, or at once at {where}"]


PROVIDER = Provider(
    kind="microsoft",
    help="Outlook mail, calendars and contacts of one account at Microsoft 365 or Outlook.com",
    config=MicrosoftConfig,
    open=_open,
    check=_check,
    oauth=OAuth(sign_in=_sign_in, open=_open, revoke=_revoke),
    push=_push,
)
