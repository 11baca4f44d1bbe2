"""Accounts at CalDAV servers."""

from __future__ import annotations

from collections.abc import Sequence

from connectors.credentials.secret import Secret
from connectors.dav.options import DavConfig
from connectors.sync.port import Connector
from connectors.sync.provider import Provider


def _open(config: DavConfig, secret: Secret | None, *, source: str, name: str) -> Connector:
    from connectors.dav.connector import opened  # noqa: PLC0415  only a run pays for HTTP and XML
    from connectors.dav.flavour import CALDAV  # noqa: PLC0415

    return opened(CALDAV, config, secret, source=source, name=name)


def _check(config: DavConfig, secret: Secret | None) -> Sequence[str]:
    from connectors.dav.connector import checked  # noqa: PLC0415  as above
    from connectors.dav.flavour import CALDAV  # noqa: PLC0415

    return checked(CALDAV, config, secret)


PROVIDER = Provider(
    kind="caldav",
    help="calendars at a CalDAV server (iCloud, Fastmail, Nextcloud, mailbox.org, your own)",
    config=DavConfig,
    open=_open,
    check=_check,
)
