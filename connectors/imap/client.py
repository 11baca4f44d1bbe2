"""A read-only IMAP client (RFC 3501): commands out, responses in. It keeps nothing but what the connection says."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from typing import NamedTuple

from connectors.imap.channel import Channel
from connectors.imap.commands import Argument, Literal, check
from connectors.imap.refusals import ServerSaidNo, Status, later, status
from connectors.imap.tokens import Token, Unreadable, number, parse, quoted
from connectors.imap.uids import read, size
from events.errors import AmityError

_LITERAL = re.compile(rb"~?\{(\d{1,20})\+?\}\Z")
_LITERALS = 5_000  # in one response
_STATES = frozenset({b"OK", b"NO", b"BAD", b"BYE", b"PREAUTH"})
_FLOOD = 100_000  # untagged responses to one command, beside two for each message of the folder
_MOST_MESSAGES = 5_000_000  # that a folder is believed to have
_IDLE_SECONDS = 28 * 60  # RFC 2177: servers may hang up after 30 minutes
_NEWS = frozenset({b"EXISTS", b"EXPUNGE", b"VANISHED", b"FETCH"})


class Untagged(NamedTuple):
    """What a server says between: `* 7 FETCH (…)` as kind `FETCH`, number 7 and the rest; `* OK …` has a status."""

    kind: bytes
    number: int = 0
    tokens: list[Token] = []  # noqa: RUF012  never changed
    status: Status | None = None


class Client:
    """A connection beyond its greeting. Commands may be sent ahead; the server answers them in their order."""

    def __init__(self, channel: Channel, ignored: frozenset[str] = frozenset()) -> None:
        self.channel = channel
        self.who = f"{channel.name}: the mail server {channel.host}"
        self.capabilities: frozenset[str] = frozenset()
        self.exists = 0
        self.opened = False
        self._ignored = ignored
        self._number = 0
        self._open: list[bytes] = []
        self._ended: dict[bytes, Status] = {}
        channel.begin()
        self.greeting = self._greeting()

    def send(self, command: bytes, *arguments: Argument) -> bytes:
        """Send a command; its tag. Raises NotAllowed before anything leaves."""
        check(command, arguments)
        self._number += 1
        tag = b"A%d" % self._number
        self._open.append(tag)
        line = tag + b" " + command
        for argument in arguments:
            if isinstance(argument, Literal):
                self.channel.send(line + b" {%d}\r\n" % len(argument.data))
                if self.challenge(tag) is None:
                    return tag
                line = argument.data
            else:
                line += b" " + argument
        self.channel.send(line + b"\r\n")
        return tag

    def run(self, command: bytes, *arguments: Argument) -> list[Untagged]:
        """Send a command and wait for its end; what the server said until then. Raises ServerSaidNo."""
        return list(self.answers(self.send(command, *arguments)))

    def answers(self, tag: bytes) -> Iterator[Untagged]:
        """What the server says until the command has ended. Raises ServerSaidNo where it ended with NO or BAD."""
        self.channel.begin()
        most = _FLOOD + 2 * min(self.exists, _MOST_MESSAGES)
        while tag not in self._ended:
            most -= 1
            if most < 0:
                self.channel.fail("it sends without end what nobody asked for; it will be asked again later")
            found = self._next()
            if found is not None:
                yield found
        answer = self._ended.pop(tag)
        self._open.remove(tag)
        if answer.kind != "OK":
            raise ServerSaidNo(answer)
        self._learn(answer)

    def drain(self) -> None:
        """Hear out what was asked for and is no longer wanted."""
        for tag in list(self._open):
            with contextlib.suppress(ServerSaidNo):
                for _ in self.answers(tag):
                    pass

    def challenge(self, tag: bytes) -> bytes | None:
        """Wait until the server asks for more: what stands behind its `+`. None: the command has ended (`answers`)."""
        self.channel.begin()
        while tag not in self._ended:
            parts = self._response()
            if parts[0].startswith(b"+"):
                return parts[0][1:].strip()
            self._take(parts)
        return None

    def respond(self, line: bytes) -> None:
        """The answer to a challenge: base64, or `DONE`."""
        self.channel.send(line + b"\r\n")

    def idle(self, seconds: float) -> bool:
        """Wait so many seconds at most for news of the opened folder; whether there were any (RFC 2177)."""
        while seconds > 0:
            turn = min(seconds, _IDLE_SECONDS)
            if self._idle_once(turn):
                return True
            seconds -= turn
        return False

    def _idle_once(self, seconds: float) -> bool:
        tag = self.send(b"IDLE")
        news = False
        if self.challenge(tag) is None:
            self.drain()
            return False
        while not news and self.channel.ready(seconds):
            self.channel.begin()
            found = self._next()
            news = found is not None and found.kind in _NEWS
            if tag in self._ended:
                break
        self.respond(b"DONE")
        rest = [answer.kind for answer in self.answers(tag)]
        return news or not _NEWS.isdisjoint(rest)

    def has(self, *names: str) -> bool:
        """Whether the server offers one of these capabilities."""
        return any(name in self.capabilities for name in names)

    def forget_capabilities(self) -> None:
        """What was said before the encryption may come from anybody."""
        self.capabilities = frozenset()

    def know_capabilities(self) -> None:
        """Ask, where the server has not said them by itself."""
        if not self.capabilities:
            self.run(b"CAPABILITY")

    def close(self) -> None:
        """Say goodbye without waiting for an answer."""
        with contextlib.suppress(AmityError):
            self.send(b"LOGOUT")
        self.channel.close()

    def _greeting(self) -> Status:
        found = self._next()
        if found is None or found.status is None or found.kind not in {b"OK", b"PREAUTH"}:
            self.channel.fail("this does not speak as a mail server (IMAP) does; check its name and port")
        return found.status

    def _next(self) -> Untagged | None:
        return self._take(self._response())

    def _take(self, parts: list[bytes]) -> Untagged | None:
        """Sort a response: an untagged one is returned, the end of a command remembered."""
        first = parts[0]
        if first.startswith(b"* "):
            found = self._untagged(parts)
            if found is not None:
                self._note(found)
            return found
        tag, _, rest = first.partition(b" ")
        kind, _, text = rest.partition(b" ")
        if tag not in self._open or kind.upper() not in _STATES:
            self.channel.fail("it says what no mail server (IMAP) says; check its name and port")
        self._ended[tag] = status(kind, text)
        return None

    def _untagged(self, parts: list[bytes]) -> Untagged | None:
        kind, _, text = parts[0][2:].partition(b" ")
        kind = kind.upper()
        if kind in _STATES:
            return Untagged(kind, status=status(kind, text))
        try:
            tokens = parse([parts[0][2:], *parts[1:]])
        except Unreadable:
            return None  # whatever it was about is missing then, and asked for once more
        count = number(tokens[0]) if tokens else None
        if count is None:
            return Untagged(kind, tokens=tokens[1:])
        name = tokens[1] if len(tokens) > 1 else None
        return Untagged(name.upper(), count, tokens[2:]) if isinstance(name, bytes) else None

    def _note(self, found: Untagged) -> None:
        if found.kind == b"EXISTS":
            self.exists = found.number
        elif found.kind == b"EXPUNGE":
            self.exists -= 1
        elif found.kind == b"VANISHED" and len(found.tokens) == 1 and isinstance(found.tokens[0], bytes):
            self.exists -= size(read(found.tokens[0]))
        elif found.kind == b"CAPABILITY":
            self._set_capabilities([token for token in found.tokens if isinstance(token, bytes)])
        elif found.kind == b"BYE" and found.status:
            self.channel.close()
            raise later(found.status, self.who)
        elif found.status:
            self._learn(found.status)

    def _learn(self, answer: Status) -> None:
        if answer.code == "CAPABILITY":
            self._set_capabilities(answer.value.split())

    def _set_capabilities(self, names: list[bytes]) -> None:
        self.capabilities = frozenset(name.decode("ascii", "replace").upper() for name in names) - self._ignored

    def _response(self) -> list[bytes]:
        """One response as text, literal, text, …; a literal's length is judged before a byte of it is read."""
        channel = self.channel
        parts = [channel.line()]
        if parts[0][2:6].upper().startswith((b"OK ", b"NO ", b"BAD ", b"BYE ")):
            return parts
        room = channel.limits.literal_bytes
        while found := _LITERAL.search(parts[-1][-24:]):
            count = int(found[1])
            if count > room or len(parts) > _LITERALS:
                channel.fail(f"it announces {count:,} bytes at once, more than any mail has; nothing of it was read")
            room -= count
            parts += [channel.exactly(count), channel.line()]
        return parts


def mailbox(name: bytes) -> Argument:
    """The name of a mailbox as an argument, whatever stands in it."""
    return quoted(name) or Literal(name)
