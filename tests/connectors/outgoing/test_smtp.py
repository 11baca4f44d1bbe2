"""One mail at a real SMTP server: taken once, refused in a sentence, and never a header of somebody else's."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from email.message import EmailMessage

import pytest

from connectors.outgoing import NotSent
from connectors.outgoing.smtp import Server, send
from tests.peers.mailbox import SECRET, Mailbox, mailbox


@pytest.fixture
def box() -> Iterator[Mailbox]:
    with mailbox() as box:
        yield box


def a_mail(to: str = "me@x.org") -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "amity@x.org", to, "Week"
    mail.set_content("Hällo\n.\nafter a dot\n")
    return mail


def server(box: Mailbox, password: str = SECRET, user: str = "me") -> Server:
    return Server("127.0.0.1", box.port, "none", user, password)


def test_a_mail_arrives_whole_and_begins_just_before(box: Mailbox) -> None:
    seen: list[int] = []
    send(server(box), a_mail("me@x.org, other@x.org"), lambda: seen.append(len(box.mails)))
    assert seen == [0]
    assert box.recipients == [["me@x.org", "other@x.org"]]
    assert box.mails[0].get_content().splitlines() == ["Hällo", ".", "after a dot"]


def test_a_wrong_password_begins_nothing(box: Mailbox) -> None:
    with pytest.raises(NotSent, match=r"did not let us in \(535"):
        send(server(box, "wrong"), a_mail(), lambda: pytest.fail("it was begun"))


def test_a_refused_mail_was_surely_not_sent(box: Mailbox) -> None:
    box.refuse = "554 no\nthanks"
    with pytest.raises(NotSent, match="refused the mail"):
        send(server(box), a_mail(), lambda: None)


def test_a_server_that_hangs_up_after_the_mail_leaves_it_open(box: Mailbox) -> None:
    box.hang_up = True
    with pytest.raises(OSError, match="unexpectedly closed"):
        send(server(box), a_mail(), lambda: None)
    assert len(box.mails) == 1


def test_nobody_there_is_one_sentence() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(NotSent, match="did not let us in"):
        send(Server("127.0.0.1", port, "none"), a_mail(), lambda: pytest.fail("it was begun"))


def test_no_mail_goes_in_the_clear_to_another_machine() -> None:
    with pytest.raises(NotSent, match="another one"):
        send(Server("mail.example.org", 25, "none"), a_mail(), lambda: pytest.fail("it was begun"))


def test_a_server_without_tls_is_not_spoken_to_as_if_it_had(box: Mailbox) -> None:
    for tls in ("starttls", "tls"):
        with pytest.raises(NotSent, match="did not let us in"):
            send(server(box)._replace(tls=tls), a_mail(), lambda: pytest.fail("it was begun"))
