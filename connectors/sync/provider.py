"""What a kind of account gives to the program: its options, a try before it is stored, and how it is opened.

A connector's module holds one `PROVIDER`; the entry point of the group `amity.connectors` with the kind as its name
leads to it. `amity connect KIND` makes its command line from the fields of `config`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from types import MappingProxyType
from typing import TYPE_CHECKING, Generic, NamedTuple, Protocol, TypeVar

import msgspec

from connectors.credentials.secret import Secret
from connectors.sync.port import Connector

if TYPE_CHECKING:
    from connectors.notified.port import SubscriberOpener


class Config(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The options of one account, as they stand in `accounts.toml`. No secret is among them.

    Fields are `str`, `int` or `bool`, each `Annotated[str, msgspec.Meta(description="the mail server")]`: the words
    stand in the help of `connect`, and in the question that a person is asked for a field without default. The field
    `host` is the option `--host`; a bool that is True unless told otherwise, `tls`, is `--no-tls`, one that is False,
    `allow_private`, is `--allow-private`. A field with `Meta(extra={"private": True})` is neither shown nor exported:
    who knows a feed's address can read the calendar. One with `Meta(extra={"file": True})` names a file, and is kept as
    an absolute path; one with `Meta(extra={"unasked": True})` is seldom of use, and nobody is asked for it on a
    terminal. Refuse impossible values in `__post_init__` with a ValueError that
    says what would be right.
    """

    def secret(self) -> str:
        """What people call the secret that is needed with these options: "password"; "" where none is."""
        return ""

    def budget(self) -> str:
        """What the provider counts this account's requests with: a project, an application; "" for it alone."""
        return ""


C = TypeVar("C", bound=Config)
C_contra = TypeVar("C_contra", bound=Config, contravariant=True)


class Opener(Protocol[C_contra]):
    """Makes the connector of one account; connects only when the connector is asked something.

    `source` is `imap:work` and stands in every payload; `name` is the account as sentences call it. The secret is None
    exactly where `Config.secret` said that none is needed.
    """

    def __call__(self, config: C_contra, secret: Secret | None, *, source: str, name: str) -> Connector: ...


class Checker(Protocol[C_contra]):
    """Tries the options out and says in sentences what was found, what will be read, and what is never done.

    Raises the errors of `connectors.errors` (then nothing is stored), with the sentence that tells the person why.
    """

    def __call__(self, config: C_contra, secret: Secret | None) -> Sequence[str]: ...


class Keeper(Protocol):
    """Where the secret of one account is kept while it is renewed."""

    def alone(self) -> AbstractContextManager[None]:
        """Until the end of the block no other process renews it."""

    def get(self) -> Secret:
        """The secret as it is kept now: another process may have renewed it."""

    def put(self, secret: Secret) -> None:
        """Keep a renewed secret durably; it is used only when this has returned."""


class InMemory:
    """A `Keeper` that forgets: for a secret that is only tried out."""

    def __init__(self, secret: Secret) -> None:
        self._secret = secret

    def alone(self) -> AbstractContextManager[None]:
        return nullcontext()

    def get(self) -> Secret:
        return self._secret

    def put(self, secret: Secret) -> None:
        self._secret = secret


class Talk(NamedTuple):
    """How a person is talked to while they sign in.

    `browse` shows an address and opens it in a browser; False where there is none on this machine. `ask` shows a
    question and returns what was typed; "" where nobody sits at a terminal. `say` shows a sentence.
    """

    browse: Callable[[str], bool]
    ask: Callable[[str], str]
    say: Callable[[str], None] = lambda _sentence: None


class SignedIn(NamedTuple):
    """`secret` is to be kept; `user` is how the provider calls the person, "" where it does not say.

    `options`: fields of the `Config` as they came out of it: who signed in, what they did not allow.
    """

    secret: Secret
    user: str = ""
    options: Mapping[str, str | bool] = MappingProxyType({})


class RenewingOpener(Protocol[C_contra]):
    """An `Opener` for secrets that are renewed while they are used."""

    def __call__(self, config: C_contra, secret: Secret | None, *, source: str, name: str, keeper: Keeper) -> Connector:
        """See `Opener`; `keeper` keeps this account's secret."""


class OAuth(NamedTuple, Generic[C]):
    """What a kind adds whose secret is no password but a sign-in in a browser (RFC 8252).

    `sign_in` raises SignInNeeded with the sentence that tells the person why nothing came of it; also where an account
    is signed in to again, and they are somebody else or allow less than before: what is held would seem gone. `revoke`
    makes the secret worthless at the provider, and says in sentences what could not be done; it raises nothing of its
    own.
    """

    sign_in: Callable[[C, Talk], SignedIn]
    open: RenewingOpener[C]
    revoke: Callable[[C, Secret], Sequence[str]]


class Provider(NamedTuple, Generic[C]):
    """One kind of account. `help` is one line; `open` and `check` import what is heavy, the module does not.

    `push`: how its servers are asked to tell of news; None where they cannot.
    """

    kind: str
    help: str
    config: type[C]
    open: Opener[C]
    check: Checker[C]
    oauth: OAuth[C] | None = None
    push: SubscriberOpener[C] | None = None
