"""From the address that a person gave to the collections below it (RFC 6764, 6; RFC 5397; RFC 4791, 6.2.1).

The address may be that of a collection, of the home they lie in, of a principal, or of the server.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from connectors.dav import names
from connectors.dav.client import Answered, Client
from connectors.dav.flavour import Flavour
from connectors.dav.found import PROPS, Found, found
from connectors.dav.hrefs import normal, path_of, resolved
from connectors.dav.multistatus import Multistatus, Row
from connectors.errors import Refused, TryLater
from connectors.net import shown

_NO_SUCH = frozenset({301, 302, 307, 308, 400, 403, 404, 405, 410, 501, 507})  # asked in the wrong place, or too deep


def collections(client: Client, flavour: Flavour, url: str) -> list[Found]:
    """What can be read below an address, in the server's order. Raises Refused, with what to do, where nothing can."""
    path = urlsplit(url).path
    starts = [url] if path not in {"", "/"} else []
    starts += [resolved(flavour.well_known, url), resolved("/", url)]
    refusals: list[Answered] = []
    for start in starts:
        try:
            here = _below(client, flavour, start, deep=start == url)
        except Answered as error:
            refusals.append(error)
            continue
        if here:
            return here
    advice = f"give the address of your {flavour.protocol} account, or of one {flavour.noun}"
    if len(refusals) == len(starts):
        raise Refused(f"{refusals[0].sentence}; {advice}")
    raise Refused(f"{client.at(url)}: no {flavour.noun} was found there; {advice}")


def _below(client: Client, flavour: Flavour, start: str, *, deep: bool) -> list[Found]:
    """The collections at an address, directly below it, or in the homes that it leads to."""
    answer, base = _asked(client, flavour, start, deep=deep)
    here = _found(answer, base, flavour)
    if here:
        itself = [one for one in here if _same_place(one.url, base)]
        return itself or here
    row = _self(answer, base)
    homes = row.hrefs(flavour.home) if row else []
    if row and not homes:
        homes, base = _homes(client, flavour, row, base)
    return [one for home in dict.fromkeys(homes) for one in _in_home(client, flavour, _led(client, home, base))]


def _asked(client: Client, flavour: Flavour, start: str, *, deep: bool) -> tuple[Multistatus, str]:
    """What lies at an address, and below it where it is likely to be a home; some servers never show what is below."""
    props = (*PROPS, flavour.home, names.PRINCIPAL, names.PRINCIPAL_URL)
    if deep:
        try:
            return client.propfind(start, 1, props)
        except Answered as error:
            if error.status not in _NO_SUCH:
                raise
    return client.propfind(start, 0, props)


def _homes(client: Client, flavour: Flavour, row: Row, base: str) -> tuple[list[str], str]:
    """The homes of the principal that a row names, and the address that they are relative to."""
    principals = row.hrefs(names.PRINCIPAL) or row.hrefs(names.PRINCIPAL_URL)
    if not principals:
        return [], base
    answer, base = client.propfind(_led(client, principals[0], base), 0, (flavour.home,))
    itself = _self(answer, base)
    return (itself.hrefs(flavour.home) if itself else []), base


def _in_home(client: Client, flavour: Flavour, home: str) -> list[Found]:
    answer, base = client.propfind(home, 1, PROPS)
    return _found(answer, base, flavour)


def _found(answer: Multistatus, base: str, flavour: Flavour) -> list[Found]:
    """The collections among the rows, each once."""
    here: dict[str, Found] = {}
    for row in answer.rows:
        if flavour.holds(row):
            try:
                path = path_of(row.href, base)
            except ValueError:
                continue
            here.setdefault(path, found(row, resolved(path, base), path))
    return list(here.values())


def _self(answer: Multistatus, base: str) -> Row | None:
    """The row of the address itself, which may be spelled otherwise; where there is one row, it is that."""
    mine = normal(urlsplit(base).path).rstrip("/")
    for row in answer.rows:
        if path_of(row.href, base).rstrip("/") == mine:
            return row
    return answer.rows[0] if len(answer.rows) == 1 else None


def _same_place(one: str, other: str) -> bool:
    return one.rstrip("/") == resolved(other, other).rstrip("/")


def _led(client: Client, href: str, base: str) -> str:
    """Where an answer leads; never to another server, which would ask for the password of this one."""
    try:
        url = resolved(href, base)
        followed = client.leads(base, url)
    except ValueError as error:
        raise TryLater(f"{client.at(base)}: the server's answer cannot be used: it names no address") from error
    if not followed:
        raise Refused(
            f"{client.at(base)}: this server leads to another one, {shown(url)}, which gets no password from here; "
            "connect that address if you trust it"
        )
    return url
