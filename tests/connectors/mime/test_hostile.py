"""Mail made to hurt: every item in bounded time and memory, with nothing in it that a store refuses."""

from __future__ import annotations

import random
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest

from connectors.errors import ItemMalformed
from connectors.files.mbox import messages
from connectors.mime.asking import asks
from connectors.mime.charsets import header_text
from connectors.mime.counting import count_words
from connectors.mime.dates import to_ms
from connectors.mime.html import html_text
from connectors.mime.message import MessageItem, base_subject, translate
from connectors.mime.quotes import new_text
from events.codec import encode
from tests.cliffs import no_cliff

HEAD = b"From: a@b.c\nTo: d@e.f\nDate: Mon, 1 Jan 2018 10:00:00 +0000\nSubject: hi\n"
MIXED = HEAD + b"Content-Type: multipart/mixed; boundary=b\n\n"
HTML = HEAD + b"Content-Type: text/html\n\n"
MEGABYTE = 1_000_000

HOSTILE: dict[str, Callable[[], bytes]] = {
    "a subject of a megabyte of encoded words": lambda: (
        b"From: a@b.c\nSubject:" + b" =?utf-8?B?w6TDtsO8?=" * 50_000 + b"\n\nhi"
    ),
    "one encoded word of a megabyte": lambda: b"From: a@b.c\nSubject: =?utf-8?Q?" + b"=C3=A4" * 170_000 + b"?=\n\nhi",
    "half encoded words": lambda: b"From: a@b.c\nSubject: " + b"=?a?q?" * 11_000 + b"\n\nhi",
    "a quadratic codec": lambda: b"From: a@b.c\nSubject: =?punycode?Q?" + b"abc-" * 15_000 + b"?=\n\nhi",
    "a million recipients": lambda: (
        b"From: a@b.c\nTo: " + b",\n ".join(b"u%d@x.org" % n for n in range(MEGABYTE)) + b"\nSubject: x\n\n"
    ),
    "100,000 recipient fields": lambda: b"From: a@b.c\n" + b"To: u@x.org\n" * 100_000 + b"\nhi",
    "10,000 nested multiparts": lambda: (
        MIXED.replace(b"=b", b"=b0")
        + b"".join(b"--b%d\nContent-Type: multipart/mixed; boundary=b%d\n\n" % (n, n + 1) for n in range(10_000))
    ),
    "200,000 parts": lambda: MIXED + b"--b\n\nx\n" * 200_000 + b"--b--\n",
    "100,000 header fields": lambda: HEAD + b"".join(b"X-Foo-%d: bar\n" % n for n in range(100_000)) + b"\nhi",
    "100,000 references": lambda: HEAD + b"References: <a@b>\n" * 100_000 + b"\nhi",
    "50 MB of text": lambda: HEAD + b"\n" + b"hello world and all\n" * 2_500_000,
    "quotes without end": lambda: HEAD + b"\n" + b"> a\nb\n" * MEGABYTE,
    "attributions without end": lambda: HEAD + b"\n" + b"x wrote:\n" * 100_000,
    "header blocks without end": lambda: HEAD + b"\n" + b"From: x\n\n" * 100_000,
    "dividers without end": lambda: HEAD + b"\n" + b"----- a -----\n" * 70_000,
    "signatures without end": lambda: HEAD + b"\n" + b"-----BEGIN PGP SIGNED MESSAGE-----\n" * 30_000,
    "deep HTML": lambda: HTML + b"<div>" * 200_000,
    "open formatting": lambda: HTML + b"<a><b><p>" * 110_000,
    "HTML of less-than signs": lambda: HTML + b"<" * MEGABYTE,
    "brackets": lambda: b"From: " + b"(" * 60_000 + b"\nTo: " + b"(\\" * 30_000 + b",\n\nhi",
    "quotation marks": lambda: b"From: " + b'"' * 60_001 + b",\nTo: " + b'"\\' * 30_000 + b",\n\nhi",
    "delimiters that are none": lambda: MIXED.replace(b"=b", b'="------"') + b"------------a" * MEGABYTE,
    "base64 of junk": lambda: HEAD + b"Content-Transfer-Encoding: base64\n\n" + b"!@# " * 500_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_mail_takes_bounded_time_and_memory(name: str) -> None:
    raw = HOSTILE[name]()
    tracemalloc.start()
    translate(raw, source="s", where="w")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 100 * MEGABYTE
    with no_cliff():
        translate(raw, source="s", where="w")


def best_seconds(action: Callable[[], object], rounds: int = 4) -> float:
    """The best of some rounds of CPU time, so that a busy machine does not count."""
    best = float("inf")
    for _ in range(rounds):
        started = time.process_time()
        action()
        best = min(best, time.process_time() - started)
    return best


def test_all_recipients_of_a_million_are_counted_and_2000_are_kept() -> None:
    payload = translate(HOSTILE["a million recipients"](), source="s", where="w").payload
    assert payload is not None
    assert (len(payload.to), payload.unlisted, payload.subject) == (2_000, 998_000, "x")


@pytest.mark.parametrize(
    "raw",
    [
        b"From: a\0b@b.c\nSubject: a\0b\n\n\0\0hi",
        b"From: =?utf-7?Q?+2AA-?= <a@b.c>\nSubject: =?utf-16?B?ANg=?= \xed\xa0\x80\n\nhi",
        b"From: a@b.c\nList-Id: \0\x9b<\xff>\nMessage-ID: <\0\xff>\nReferences: <\0>\nX-Gmail-Labels: \0,\xed\xb0\x80\n\nhi",  # noqa: E501  one mail, one line
        b'From: a@b.c\nContent-Type: text/plain; charset="\xff\0"; boundary=\0\n\n\xff\xfehi',
        b"From: {0.__class__} <__proto__@x.org>\nSubject: %s {0} ${jndi:x}\n\nhi",
    ],
)
def test_no_nul_and_no_surrogate_reaches_the_log(raw: bytes) -> None:
    payload = translate(raw, source="s", where="w").payload
    assert payload is not None
    data = encode(payload)
    assert b"\\u0000" not in data
    assert b"\\ud" not in data.lower()
    data.decode("utf-8")


# The worst inputs for a backtracking pattern are long runs of what its repeated parts match.
PROBES = [" ", "\t\n", ">", "> ", "\n>", "-", "- ", "_", "a", "a ", "a:", "A: b\n", "\n: ", "1:1", "1 ", "Re:", "Re[1]", "=?", "=?a?q?",  # noqa: E501  one mail, one line
          "(", "(a", '"', "\\", "<", "<a", "<a>", "@", "a@", "a.", "To: x\n", "cc", "On 1:00 ", "x wrote:\n", "http://", "?", "please ", "日",  # noqa: E501  one mail, one line
          "=", "&", "<p", "</", ";", "; a=", ",", "\r"]  # fmt: skip
READERS: dict[str, Callable[[str], object]] = {
    "new_text": new_text,
    "count_words": count_words,
    "asks": asks,
    "html_text": html_text,
    "base_subject": base_subject,
    "header_text": lambda text: header_text(text.encode()),
    "to_ms": lambda text: to_ms(text.encode()),
    "addresses": lambda text: translate(b"From: " + text.replace("\n", "").encode() + b",\n\n", source="s", where="w"),
    "parameters": lambda text: translate(
        b"From: a\nContent-Type: x" + text.replace("\n", "").encode() + b"\n\n", source="s", where="w"
    ),
}


@pytest.mark.parametrize("name", READERS)
def test_ten_times_the_length_takes_at_most_fifteen_times_the_time(name: str) -> None:
    read = READERS[name]
    for probe in PROBES:
        short, long = (probe * (length // len(probe)) for length in (6_000, 60_000))
        assert any(grows_in_step(read, short, long) for _ in range(5)), probe


def grows_in_step(read: Callable[[str], object], short: str, long: str) -> bool:
    """A pattern that backtracks takes a hundred times as long; a busy machine may look like that once, not always."""
    small = max(best_seconds(lambda: read(short), 2), 0.0004)  # below it the clock decides
    return best_seconds(lambda: read(long), 2) <= 15 * small


TOKENS = [b"\n", b"\r\n", b"\0", b'"', b"<", b">", b"(", b")", b":", b";", b",", b"=?", b"?=", b"\\", b"\xff", b"\xed\xa0\x80", b"--", b"@",  # noqa: E501  one mail, one line
          b" ", b"\t", b"From ", b"Content-Type: multipart/mixed; boundary=x\n", b"charset=utf-16", b"base64", b"Date: ", b"9" * 11]  # fmt: skip  # noqa: E501  one mail, one line


def mutated(raw: bytes, chance: random.Random) -> bytes:
    """A copy with a few cuts, doubled pieces and tokens of the grammar, most of them in the header."""
    data = bytearray(raw)
    for _ in range(chance.randint(1, 8)):
        place = chance.randrange(min(len(data), 1500) + 1) if chance.random() < 0.6 else chance.randrange(len(data) + 1)
        kind = chance.random()
        if kind < 0.5:
            data[place:place] = chance.choice(TOKENS) * chance.choice((1, 1, 3, 40))
        elif kind < 0.7:
            del data[place : place + chance.randint(1, 30)]
        elif kind < 0.95:
            source = chance.randrange(len(data) + 1)
            data[place:place] = data[source : source + chance.randint(1, 200)]
        else:
            del data[place:]
    return bytes(data)


def test_real_mail_and_its_mutants_never_crash(shared_data: Path) -> None:
    chance = random.Random(20)  # noqa: S311  a seed, not a secret
    files = sorted(path for path in (shared_data / "email-eml-suites").rglob("*") if path.is_file())
    raws = [
        path.read_bytes()
        for path in files + sorted((shared_data / "email-spamassassin").rglob("*"))[::9]
        if path.is_file()
    ]
    with (shared_data / "email-enron-owners" / "lavorato-j" / "sent.mbox").open("rb") as stream:
        raws += [message.raw for message in messages(stream, "sent.mbox")]
    for raw in raws:
        survive(raw)
    for _ in range(6_000):
        survive(mutated(chance.choice(raws)[:60_000], chance))


def survive(raw: bytes) -> MessageItem | None:
    try:
        item = translate(raw, source="s", where="w", folder="f")
    except ItemMalformed:
        return None
    if item.payload is not None:
        encode(item.payload).decode()
    return item
