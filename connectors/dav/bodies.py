"""Questions to WebDAV servers: what stands in the bodies of PROPFIND and REPORT. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from html import escape as escaped

from connectors.dav import names

escape = partial(escaped, quote=False)  # that of xml.sax.saxutils loads all of urllib
_HEAD = '<?xml version="1.0" encoding="utf-8"?>'


def propfind(*props: str) -> bytes:
    """PROPFIND of some properties (RFC 4918, 9.1)."""
    return _document("{DAV:}propfind", _prop(*props))


def sync_collection(token: str, *props: str) -> bytes:
    """What changed since `token`, everything where it is "" (RFC 6578, 3.2).

    Never with a limit: a server exists that cuts the answer short and gives the final token all the same.
    """
    inner = f"<d:sync-token>{escape(token)}</d:sync-token><d:sync-level>1</d:sync-level>{_prop(*props)}"
    return _document(names.SYNC_COLLECTION, inner)


def multiget(report: str, data: str, hrefs: Iterable[str]) -> bytes:
    """Several resources at once: etag and content of each (RFC 4791, 7.9; RFC 6352, 8.7)."""
    listed = "".join(f"<d:href>{escape(href)}</d:href>" for href in hrefs)
    return _document(report, _prop(names.ETAG, data) + listed)


def groups_query() -> bytes:
    """The cards of an address book that are groups, in either spelling (RFC 6352, 8.6; Apple's before RFC 6350)."""
    filters = "".join(
        f'<c:prop-filter name="{name}"><c:text-match match-type="equals">group</c:text-match></c:prop-filter>'
        for name in ("KIND", "X-ADDRESSBOOKSERVER-KIND")
    )
    inner = _prop(names.ETAG, names.CARD_DATA) + f'<c:filter test="anyof">{filters}</c:filter>'
    return _document(f"{{{names.CARDDAV}}}addressbook-query", inner, f' xmlns:c="{names.CARDDAV}"')


def _document(name: str, inner: str, more: str = "") -> bytes:
    namespace, local = name[1:].split("}")
    text = f'{_HEAD}<x:{local} xmlns:x="{namespace}" xmlns:d="DAV:"{more}>{inner}</x:{local}>'
    return text.encode("utf-8", "replace")


def _prop(*props: str) -> str:
    return "<d:prop>" + "".join(map(_empty, props)) + "</d:prop>"


def _empty(name: str) -> str:
    namespace, local = name[1:].split("}")
    return f'<x:{local} xmlns:x="{namespace}"/>'
