"""A server that lies, floods, stalls and breaks off: nothing is lost, nothing withdrawn, and a sentence says why."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from connectors.errors import Refused, SignInNeeded, StreamEnded, TryLater
from connectors.imap.account import ImapAccount
from connectors.sync.loop import sync
from connectors.sync.port import Page, Poison, Position
from events.errors import AmityError
from events.log import Log, open_log
from tests.connectors.imap.scripted import GREETING, QUICK, Answer, Box, Last, account, serving
from tests.connectors.imap.test_same_as_files import Nothing
from tests.connectors.imap.worlds import mail
from tests.contracts.living import living

BOX = Box({uid: mail(f"m{uid}@x.example") for uid in range(1, 13)})
SENTENCE = re.compile(r"test: .{10,}", re.DOTALL)


def instead(command: bytes, answer: Callable[[bytes], bytes | None], box: Box = BOX) -> Answer:
    """An honest server but for one command."""
    return lambda tag, rest: answer(tag) if rest.upper().startswith(command) else box.answer(tag, rest)


def pulled(connector: ImapAccount) -> list[Page]:
    try:
        (stream,) = connector.streams()
        return list(connector.pull(stream, Position(None), Nothing()))
    finally:
        connector.close()


def refusal(answer: Answer, error: type[AmityError], greeting: bytes = GREETING, **options: str) -> str:
    """The sentence of the error that must come of it."""
    with serving(answer, greeting) as server, pytest.raises(error) as raised:
        pulled(account(server, **options))  # type: ignore[arg-type]
    assert SENTENCE.fullmatch(str(raised.value))
    assert "sesame" not in str(raised.value)
    return str(raised.value)


def test_the_honest_server_is_read() -> None:
    with serving(BOX.answer) as server:
        pages = pulled(account(server))
    assert [len(page.changes) for page in pages] == [5, 5, 2]


def test_a_length_that_no_mail_has_is_not_read() -> None:
    huge = b"* 1 FETCH (UID 1 FLAGS () RFC822.SIZE 10 BODY[] {9999999999}\r\n"
    assert "9,999,999,999" in refusal(instead(b"UID FETCH", lambda tag: huge + tag + b" OK\r\n"), TryLater)


@pytest.mark.parametrize(
    "nonsense",
    [b"* 1 EXISTS\r\n", b"* OK still here\r\n", b"* 1 FETCH (UID 1 FLAGS ())\r\n", b"* LIST ((((\r\n"],
    ids=["exists", "ok", "fetch", "broken"],
)
def test_a_flood_ends(nonsense: bytes) -> None:
    flood = nonsense * 110_000
    assert "without end" in refusal(instead(b"EXAMINE", lambda tag: flood + tag + b" OK\r\n"), TryLater)


def test_a_line_without_end_is_not_waited_for() -> None:
    endless = instead(b"UID SEARCH", lambda _: b"* SEARCH" + b" 1" * 600_000)
    with serving(endless) as server, pytest.raises(TryLater, match="line of more than"):
        pulled(account(server, limits=QUICK._replace(line_bytes=1 << 20)))


def test_a_server_that_sends_byte_by_byte_is_given_up() -> None:
    with serving(BOX.answer, pause=0.05) as server, pytest.raises(TryLater, match=r"slow|stopped"):
        pulled(account(server))


def test_a_server_that_falls_silent_is_given_up() -> None:
    assert "stopped" in refusal(instead(b"EXAMINE", lambda _: b""), TryLater)


@pytest.mark.parametrize("said", [b"HTTP/1.1 400 Bad Request\r\n\r\n<html>", b"220 smtp ready\r\n", b"* BYE full\r\n"])
def test_what_is_no_mail_server(said: bytes) -> None:
    refusal(BOX.answer, TryLater, said)


def test_goodbye_in_the_middle_of_a_page() -> None:
    first = BOX.fetched(12, text=True)
    answer = instead(b"UID FETCH 8:12 (UID FLAGS BODY", lambda _: first + b"* BYE shutting down\r\n")
    assert "shutting down" in refusal(answer, TryLater)


def test_a_folder_that_shrinks_while_it_is_read() -> None:
    shrunk = b"* 3 EXISTS\r\n" + BOX.fetched(8, text=False)
    answer = instead(b"UID FETCH 8:12 (UID FLAGS RFC", lambda tag: shrunk + tag + b" OK\r\n")
    with serving(answer) as server:
        pages = pulled(account(server))
    assert sum(len(page.changes) for page in pages) == 12  # those that were left out are still listed


def test_a_listing_that_is_shorter_than_the_folder_is_not_believed() -> None:
    sentence = refusal(instead(b"UID SEARCH ALL", lambda tag: b"* SEARCH 1 2\r\n" + tag + b" OK\r\n"), TryLater)
    assert "12 messages" in sentence


def test_answers_about_other_messages_are_nobodys_business() -> None:
    other = BOX.fetched(12, text=True).replace(b"UID 12", b"UID 99") + BOX.fetched(1, text=True) * 3
    other += b"".join(BOX.fetched(uid, text=True) for uid in range(8, 13))
    answer = instead(b"UID FETCH 8:12 (UID FLAGS BODY", lambda tag: other + tag + b" OK\r\n")
    with serving(answer) as server:
        items = [change.item for page in pulled(account(server)) for change in page.changes]
    assert items == [f"7.{uid}" for uid in range(12, 0, -1)]


def test_one_message_that_the_server_cannot_give_costs_no_other() -> None:
    def answer(tag: bytes, rest: bytes) -> bytes | None:
        if b"BODY.PEEK" in rest and 9 in BOX.asked(rest.split()[2]):
            return tag + b" NO [SERVERBUG] cannot read\r\n"
        return BOX.answer(tag, rest)

    with serving(answer) as server:
        changes = [change for page in pulled(account(server)) for change in page.changes]
    assert len(changes) == 12
    assert [change.item for change in changes if isinstance(change, Poison)] == ["7.9"]


def test_a_server_that_gives_no_message_at_all_is_out_of_order() -> None:
    answer = instead(b"UID FETCH", lambda tag: tag + b" NO [SERVERBUG] cannot read\r\n")
    with serving(answer) as server:
        connector = account(server)
        connector._page = 50
        with pytest.raises(TryLater):
            pulled(connector)


def test_names_of_folders_are_only_text() -> None:
    names = b'* LIST () "/" "../../etc/passwd"\r\n* LIST () "/" {5}\r\na\x1b[\r\n\r\n* LIST () "/" "&Jjo-&-&"\r\n'

    def answer(tag: bytes, rest: bytes) -> bytes | None:
        if rest.startswith(b"LIST"):
            return names + tag + b" OK\r\n"
        if rest.endswith(b"}"):
            return b"+ go on\r\n"
        return b"A" + tag[1:] + b" NO no\r\n" if not tag.startswith(b"A") else BOX.answer(tag, rest)

    with serving(answer) as server:
        connector = account(server)
        streams = connector.streams()
        connector.close()
    assert sorted(stream.name for stream in streams) == ["&Jjo-&-&", "../../etc/passwd", "a%1B[%0D%0A"]
    assert all(stream.title.isprintable() for stream in streams)


@pytest.mark.parametrize("second", [b"\xfe!#", b"F1"], ids=["garbage", "twice"])
def test_ids_of_folders_that_are_none_are_not_used(second: bytes) -> None:
    listed = b'* LIST () "/" INBOX\r\n* LIST () "/" B\r\n'
    status = b"* STATUS %s (MESSAGES 1 UIDNEXT 2 UIDVALIDITY 1 MAILBOXID (%s))\r\n"

    def answer(tag: bytes, rest: bytes) -> bytes | None:
        if rest == b"CAPABILITY":
            return b"* CAPABILITY IMAP4rev1 OBJECTID LIST-STATUS LIST-EXTENDED\r\n" + tag + b" OK\r\n"
        if rest.startswith(b"LIST"):
            return listed + status % (b"INBOX", b"F1") + status % (b"B", second) + tag + b" OK\r\n"
        return BOX.answer(tag, rest)

    with serving(answer) as server:
        connector = account(server)
        assert [stream.name for stream in connector.streams()] == ["INBOX", "B"]
        connector.close()


def test_cyrus_is_not_asked_for_ids() -> None:
    """They are pieces of its memory: a line may end within one."""

    def answer(tag: bytes, rest: bytes) -> bytes | None:
        if rest == b"CAPABILITY":
            return b"* CAPABILITY IMAP4rev1 OBJECTID LIST-STATUS LIST-EXTENDED X-REPLICATION\r\n" + tag + b" OK\r\n"
        if rest.startswith(b"LIST"):
            torn = b" MAILBOXID (\xfe\r\nU)" if b"MAILBOXID" in rest else b""
            status = b"* STATUS INBOX (MESSAGES 1 UIDNEXT 2 UIDVALIDITY 1%s)\r\n" % torn
            return b'* LIST () "/" INBOX\r\n' + status + tag + b" OK\r\n"
        return BOX.answer(tag, rest)

    with serving(answer) as server:
        connector = account(server)
        assert [stream.name for stream in connector.streams()] == ["INBOX"]
        connector.close()


def test_more_before_the_encryption_than_a_server_says() -> None:
    def answer(tag: bytes, rest: bytes) -> bytes | None:
        if rest == b"STARTTLS":
            return tag + b" OK begin\r\n* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] injected\r\n"
        return b"* CAPABILITY IMAP4rev1 STARTTLS\r\n" + tag + b" OK\r\n"

    assert "nothing was sent" in refusal(answer, Refused, b"* OK hello\r\n", encryption="starttls")


def test_signed_in_before_the_encryption() -> None:
    with serving(BOX.answer, b"* PREAUTH welcome\r\n") as server:
        with pytest.raises(Refused, match="before any encryption"):
            account(server, encryption="starttls").streams()
        assert server.heard == []


def test_no_encryption_no_password() -> None:
    with serving(BOX.answer) as server:
        with pytest.raises(Refused, match="offers no encryption"):
            account(server, encryption="starttls").streams()
        assert not any(b"AUTH" in line or b"LOGIN" in line for line in server.heard)


@pytest.mark.parametrize(
    ("said", "error"),
    [
        (b"NO [AUTHENTICATIONFAILED] wrong", SignInNeeded),
        (b"NO [EXPIRED] old", SignInNeeded),
        (b"NO no such user, you said open sesame", SignInNeeded),
        (b"NO [ALERT] Application-specific password required", SignInNeeded),
        (b"NO [ALERT] Too many simultaneous connections. (Failure)", TryLater),
        (b"NO [UNAVAILABLE] database is away", TryLater),
        (b"BAD what?", Refused),
    ],
)
def test_what_a_refusal_at_the_door_means(said: bytes, error: type[AmityError]) -> None:
    refusal(instead(b"AUTHENTICATE", lambda tag: tag + b" " + said + b"\r\n"), error)


@pytest.mark.parametrize(
    ("said", "error"),
    [
        (b"NO [NONEXISTENT] gone", StreamEnded),
        (b"NO [NOPERM] not yours", StreamEnded),
        (b"NO [INUSE] locked", TryLater),
        (b"NO [OVERQUOTA] full", TryLater),
        (b"NO something went wrong", TryLater),
        (b"NO [AUTHORIZATIONFAILED] not any more", SignInNeeded),
    ],
)
def test_what_a_refusal_of_a_folder_means(said: bytes, error: type[AmityError]) -> None:
    refusal(instead(b"EXAMINE", lambda tag: tag + b" " + said + b"\r\n"), error)


def test_a_server_may_say_when_it_wants_to_be_asked_again() -> None:
    said = b" NO Request is throttled. Suggested Backoff Time: 12000 milliseconds\r\n"
    with serving(instead(b"EXAMINE", lambda tag: tag + said)) as server, pytest.raises(TryLater) as raised:
        pulled(account(server))
    assert raised.value.after_seconds == 12


class Cut:
    """An honest server whose answers, of all connections together, break off after so many bytes."""

    def __init__(self, box: Box, most: int) -> None:
        self._box, self._left = box, most

    def answer(self, tag: bytes, rest: bytes) -> bytes | None:
        said = self._box.answer(tag, rest)
        if said is None or self._left <= 0:
            return None
        said, self._left = said[: self._left], self._left - len(said)
        return said if self._left > 0 else Last(said)


OLD = Box({uid: mail(f"m{uid}@x.example") for uid in (1, 2, 3)})
NEW = Box({2: OLD.messages[2], 3: OLD.messages[3], 4: mail("m4@x.example")}, {2: b"\\Seen"})
AFTER = {"m2@x.example", "m3@x.example", "m4@x.example"}


def test_cut_at_every_byte_what_was_told_is_true() -> None:
    with serving(NEW.answer) as server:
        (whole,) = pulled(account(server))
    for size in range(10_000):
        with serving(Cut(NEW, size).answer) as server:
            told, sentence = until_cut(account(server))
        assert told in ([], [whole])
        if not sentence:
            break
        assert SENTENCE.fullmatch(sentence)
    assert (told, size > 1_000) == ([whole], True)


def until_cut(connector: ImapAccount) -> tuple[list[Page], str]:
    """The pages until the connection broke, and the sentence that says so."""
    pages: list[Page] = []
    try:
        (stream,) = connector.streams()
        pages.extend(connector.pull(stream, Position(None), Nothing()))
    except TryLater as error:
        return pages, str(error)
    finally:
        connector.close()
    return pages, ""


def test_cut_anywhere_nothing_is_lost_or_withdrawn_wrongly(tmp_path: Path) -> None:
    """A second run, of a folder that has changed, is cut; a third one goes on."""
    for size in range(0, 10_000, 61):
        log = open_log(f"sqlite:///{tmp_path}/{size}.db")
        assert synced(log, OLD.answer) == ("ok", "")
        state, error = synced(log, Cut(NEW, size).answer)
        keys = {one.key for one in living(log, "imap:test").values()}
        if state != "ok":
            assert error
            assert {f"m{uid}@x.example" for uid in OLD.messages} <= keys
            assert synced(log, NEW.answer) == ("ok", "")
        assert {one.key for one in living(log, "imap:test").values()} == AFTER
        log.close()
        if state == "ok":
            break
    assert size > 1_000


def synced(log: Log, answer: Answer) -> tuple[str, str]:
    now = [1.0]

    def sleep(seconds: float) -> None:
        now[0] += seconds

    with serving(answer) as server:
        connector = account(server)
        try:
            result = sync(connector, log, clock=lambda: now[0], sleep=sleep)
        finally:
            connector.close()
    return result.state, result.error
