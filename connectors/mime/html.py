"""HTML mail to the text that its writer wrote: quoted mail is dropped by the marks mail programs set on it."""

from __future__ import annotations

import html
import re

# Gmail, Apple Mail and others, Outlook on the web, Outlook, Thunderbird, Yahoo, Proton.
_NOT_WRITTEN = (
    "script,style,head,title,template,noscript,.gmail_quote,.gmail_attr,blockquote[type=cite],#appendonsend,#divRplyFwdMsg,"
    ".moz-cite-prefix,.yahoo_quoted,.protonmail_quote,.gmail_signature,.moz-signature,.gmail_extra>.gmail_quote"
)
_OUTLOOK = "#appendonsend,#divRplyFwdMsg"  # what follows these is the old mail
_SPACE = re.compile(r"[\r\n\t ]+")
_BLOCK = re.compile(
    r"<(?=(?:br|hr|/?p|/?div|/?tr|/?li|/?ul|/?ol|/?h[1-6]|/?table|/?blockquote|/?pre)\b)", re.IGNORECASE | re.ASCII
)
_CELL = re.compile(r"<(?=/?t[dh]\b)", re.IGNORECASE | re.ASCII)


# The parser's time grows with the square of the depth, and with every formatting element that is left open.
_MOST_OPEN = 2_000
_MOST_TAGS = 40_000
_SMALL = 32 * 1024  # bytes that are read of markup beyond that
_OPENING = re.compile(r"<(?!/|br\b|img\b|hr\b|p\b|li\b|t[drh]\b|meta\b|link\b|input\b|!|col\b|\?)", re.IGNORECASE)
_HIDDEN = re.compile(r"<(script|style|head|title)\b.*?(?:</\1\s*>|\Z)", re.IGNORECASE | re.DOTALL)
_TAG = re.compile(r"<[^<>]*+>?")


def html_text(markup: str) -> str:
    """Visible text, one line per block."""
    if markup.count("<") > _MOST_TAGS:
        markup = markup[:_SMALL]
    markup = _CELL.sub(" <", _BLOCK.sub("\n<", _SPACE.sub(" ", markup.replace("\0", ""))))
    tags = markup.count("<")
    if tags > _MOST_OPEN and len(_OPENING.findall(markup)) - markup.count("</") > _MOST_OPEN:
        return html.unescape(_TAG.sub(" ", _HIDDEN.sub(" ", markup)))
    return _parsed(markup)


def _parsed(markup: str) -> str:
    from selectolax.lexbor import LexborHTMLParser  # noqa: PLC0415  few mails need it, and it costs start-up time

    tree = LexborHTMLParser(markup.encode("utf-8", "replace").decode())
    for mark in tree.css(_OUTLOOK):
        node = mark.next
        while node is not None:
            following = node.next
            node.decompose()
            node = following
    for node in tree.css(_NOT_WRITTEN):
        node.decompose()
    return (tree.body.text() if tree.body else "").replace("\xa0", " ")
