"""Mailboxes at real servers as the contract's worlds: another client changes them behind the connector's back."""

from __future__ import annotations

import imaplib
import re
import shutil
import socket
import subprocess
import time
from contextlib import suppress
from itertools import count
from pathlib import Path

from connectors.credentials.secret import Secret
from connectors.imap.account import ImapAccount
from connectors.imap.sign_in import Address
from tests.contracts.connector import World
from tests.peers.dovecot import PASSWORD, Dovecot
from tests.peers.proxy import Tap

PAGE = 5
_NUMBERS = count(1)


def mail(name: str, words: str = "", header: str = "") -> bytes:
    """A small message that says something of its own."""
    number = int(re.sub(r"\D", "", name) or 0)
    return (
        f"From: Ann <ann@example.org>\r\nTo: Bob <bob@example.org>\r\nSubject: About {name}\r\nMessage-ID: <{name}>\r\n"
        f"Date: Thu, 01 Jan 2026 {number // 3600 % 24:02}:{number // 60 % 60:02}:{number % 60:02} +0000\r\n{header}\r\n"
        f"Shall we talk about {name}? {words}\r\n"
    ).encode()


class MailWorld(World):
    """An account with INBOX and a second folder. `tap` counts what the connector says."""

    def __init__(self, port: int, user: str, password: str, tap: Tap, ignored: frozenset[str] = frozenset()) -> None:
        self.user, self.tap = user, tap
        self._port, self._password, self._ignored = port, password, ignored
        self._where: dict[str, str] = {}
        self._seen: set[str] = set()
        self.admin = self._sign_in()
        self.admin.create("Archive")

    def _sign_in(self) -> imaplib.IMAP4:
        client = imaplib.IMAP4("127.0.0.1", self._port)
        client.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        client.login(self.user, self._password)
        return client

    def connector(self) -> ImapAccount:
        address = Address("127.0.0.1", self.tap.port, self.user, "none")
        return ImapAccount(
            address, Secret(self._password), source="imap:test", name="test", ignored=self._ignored, page=PAGE
        )

    def add(self, count: int = 1) -> list[str]:
        return [self.append(mail(name), name) for name in (f"m{next(_NUMBERS)}@x.example" for _ in range(count))]

    def append(self, raw: bytes, name: str, folder: str = "INBOX", flags: str | None = None) -> str:
        kind, said = self.admin.append(_quoted(folder), flags or "", "", raw)
        assert kind == "OK", said
        self._where[name] = folder
        return name

    def change(self, item: str) -> None:
        uid = self.uid(item)
        sign = "-" if item in self._seen else "+"
        self._seen ^= {item}
        assert self.admin.uid("STORE", uid, f"{sign}FLAGS", "(\\Seen)")[0] == "OK"
        self.leave()

    def remove(self, item: str) -> None:
        self.admin.uid("STORE", self.uid(item), "+FLAGS", "(\\Deleted)")
        self.admin.expunge()
        self.leave()
        del self._where[item]

    def move(self, item: str) -> None:
        target = "Archive" if self._where[item] == "INBOX" else "INBOX"
        assert self.admin.uid("MOVE", self.uid(item), target)[0] == "OK"
        self.leave()
        self._where[item] = target

    def living(self) -> set[str]:
        return set(self._where)

    def requests(self) -> int | None:
        return len(self.tap.commands())

    def wire(self) -> str:
        return "\n".join(repr(bytes(session.received[-3_000:])) for session in self.tap.sessions[-2:])

    def close(self) -> None:
        with suppress(OSError, imaplib.IMAP4.error):
            self.admin.logout()

    def uid(self, item: str) -> str:
        self.admin.select(_quoted(self._where[item]))
        _, found = self.admin.uid("SEARCH", "HEADER", "Message-ID", f'"<{item}>"')
        return str(found[0].decode())

    def leave(self) -> None:
        """So that the next command sees what others did."""
        self.admin._simple_command("UNSELECT") if "UNSELECT" in self.admin.capabilities else self.admin.noop()
        self.admin.state = "AUTH"

    def moved_everything(self, old: str, new: str) -> None:
        """A folder has another name now."""
        self._where = {item: new if folder == old else folder for item, folder in self._where.items()}


class DovecotWorld(MailWorld):
    """An account at Dovecot, whose files the test may touch."""

    def __init__(self, server: Dovecot, tap: Tap, ignored: frozenset[str] = frozenset()) -> None:
        self._maildir = server.folder / "home" / (user := server.new_user()) / "Maildir"
        super().__init__(server.port, user, PASSWORD, tap, ignored)

    def expire(self) -> None:
        """The server loses its indexes, and with them every modseq; the numbers of the messages stay."""
        self._without_clients(self._files("dovecot.index*"))

    def recreate(self) -> None:
        """INBOX under a new UIDVALIDITY, which Dovecot takes from the clock, and the other folder made again."""
        time.sleep(1.1)
        self._without_clients([*self._files("dovecot.index*"), *self._files("dovecot-uid*")])

    def _files(self, pattern: str) -> list[Path]:
        return [*self._maildir.rglob(pattern)]

    def _without_clients(self, files: list[Path]) -> None:
        self.admin.logout()
        time.sleep(0.05)
        for path in files:
            shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
        self.admin = self._sign_in()


class Cyrus:
    """A running Cyrus, to which accounts are added. `home`: where its configuration lies."""

    def __init__(self, home: Path) -> None:
        self._home = home
        found = re.search(r'imapd .* listen="127.0.0.1:(\d+)"', (home / "cyrus.conf").read_text())
        assert found
        self.port = int(found[1])

    def new_user(self) -> str:
        user = f"user{next(_NUMBERS)}"
        command: list[str | Path] = ["saslpasswd2", "-p", "-c", "-f", self._home / "sasldb2", "-u", "localhost", user]
        subprocess.run(command, input=PASSWORD.encode(), check=True, capture_output=True)
        with imaplib.IMAP4("127.0.0.1", self.port) as admin:
            admin.login("admin", "secret")
            assert admin.create(f"user/{user}")[0] == "OK"
        return user


class CyrusWorld(MailWorld):
    """An account at Cyrus."""

    def __init__(self, server: Cyrus, tap: Tap) -> None:
        super().__init__(server.port, server.new_user(), PASSWORD, tap)

    def recreate(self) -> None:
        """The second folder made again, with the messages it had."""
        recreate_archive(self)


class PymapWorld(MailWorld):
    """An account at pymap."""

    def expire(self) -> None:
        """There are no cursors that it could forget: each run compares all."""

    def recreate(self) -> None:
        """The second folder made again, with the messages it had."""
        recreate_archive(self)


def recreate_archive(world: MailWorld) -> None:
    """Some messages lie in a folder, which is deleted and made again with them between two looks at it."""
    items = sorted(world.living())[:3]
    for item in items:
        world.move(item)
    world.admin.select("INBOX")  # a server may hang up on whoever has opened what is deleted
    for item in items:
        world.move(item)
    world.admin.select("INBOX")
    world.admin.delete("Archive")
    world.admin.create("Archive")
    for item in items:
        world.move(item)


def _quoted(name: str) -> str:
    return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'
