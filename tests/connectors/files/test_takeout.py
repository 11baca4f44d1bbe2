"""Archives: localised folders, several parts, nested ones, and those that were made to hurt."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from connectors.files import takeout
from connectors.files.registry import reader_of
from connectors.files.sniff import Kind
from connectors.items import Item, Problem, Skipped
from events.envelope import NewEvent

CARD = b"BEGIN:VCARD\r\nFN:%s\r\nEND:VCARD\r\n"
MEETING = (
    b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTART:20260105T100000Z\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)


def packed(*members: tuple[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return stream.getvalue()


def _read(kind: Kind, stream: BinaryIO, where: str, folder: str) -> Iterator[Item]:
    return reader_of(kind)(stream, source="files:t", where=where, folder=folder)


def items(data: bytes) -> list[Item]:
    return list(takeout.members(io.BytesIO(data), "t.zip", _read))


def names(found: list[Item]) -> list[str]:
    return [getattr(item.payload, "name", "meeting") for item in found if isinstance(item, NewEvent)]


def test_folders_in_any_language_are_known_by_what_they_hold() -> None:
    found = items(
        packed(
            ("Takeout/Kontakte/Alle Kontakte/Alle Kontakte.vcf", CARD % b"Ana"),
            ("Takeout/Kalender/Familie", MEETING),
            ("Takeout/archive_browser.html", b"<html>"),
            ("Takeout/Kontakte/Ana.jpg", b"\xff\xd8\xff"),
            ("Takeout/leer.txt", b""),
        )
    )
    assert sorted(names(found)) == ["Ana", "meeting"]
    skipped = [item.reason for item in found if isinstance(item, Skipped)]
    assert sorted(skipped) == ["empty", "not_recognised", "not_recognised"]
    assert len(found) == 5


def test_mail_gets_the_folder_that_its_mbox_is() -> None:
    seen: list[tuple[Kind, str, str]] = []

    def note(kind: Kind, stream: BinaryIO, where: str, folder: str) -> Iterator[Item]:
        seen.append((kind, where, folder))
        assert stream.read(5) == b"From "
        return iter(())

    mail = b"From 123@xxx Thu Jan 01 10:00:00 +0000 2026\r\nFrom: a@x.org\r\nSubject: one\r\n\r\nx\r\n"
    list(takeout.members(io.BytesIO(packed(("Takeout/E-Mail/Alle Nachrichten.mbox", mail))), "t.zip", note))
    assert seen == [(Kind.MBOX, "t.zip/Takeout/E-Mail/Alle Nachrichten.mbox", "E-Mail")]


def test_a_path_in_a_member_is_only_a_name(tmp_path: Path) -> None:
    found = items(packed(("../../../etc/evil.vcf", CARD % b"Ana"), ("/abs/b.vcf", CARD % b"Bo")))
    assert names(found) == ["Ana", "Bo"]
    assert not list(tmp_path.iterdir())


def test_an_archive_in_an_archive_is_not_followed() -> None:
    assert items(packed(("inner.zip", packed(("a.vcf", CARD % b"A"))))) == [Skipped("nested_zip")]


def test_a_document_is_one_file_and_not_many() -> None:
    found = items(packed(("[Content_Types].xml", b"<x/>"), ("word/document.xml", b"<x/>")))
    assert found == [Skipped("not_recognised")]


def test_hidden_members_are_left() -> None:
    assert items(packed(("__MACOSX/._a.vcf", b"x"), (".DS_Store", b"x"))) == [
        Skipped("hidden"),
        Skipped("hidden"),
    ]


def test_a_member_that_unpacks_to_far_too_much_is_refused_unread() -> None:
    bomb = b"BEGIN:VCARD\r\nNOTE:" + b" " * (takeout.RATIO_MATTERS_BYTES + 1)
    found = items(packed(("a.vcf", bomb), ("b.vcf", CARD % b"Bo")))
    assert names(found) == ["Bo"]
    (problem,) = [item for item in found if isinstance(item, Problem)]
    assert problem.where == "t.zip/a.vcf"
    assert "unpacks to" in problem.why


def test_members_that_share_their_bytes_are_refused() -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name in ("a.vcf", "b.vcf", "c.vcf"):
            archive.writestr(name, CARD % name[:1].encode())
        archive.filelist[1].header_offset = archive.filelist[0].header_offset
    found = items(stream.getvalue())
    assert names(found) == ["c"]
    problems = [item for item in found if isinstance(item, Problem)]
    assert [problem.where for problem in problems] == ["t.zip/a.vcf", "t.zip/b.vcf"]
    assert "shares its bytes" in problems[0].why


def test_an_encrypted_member_is_a_problem_and_the_others_are_read() -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("a.vcf", CARD % b"A")
        archive.writestr("b.vcf", CARD % b"B")
        archive.filelist[0].flag_bits |= 1
    found = items(stream.getvalue())
    assert names(found) == ["B"]
    (problem,) = [item for item in found if isinstance(item, Problem)]
    assert problem.where == "t.zip/a.vcf"
    assert "unpack the archive" in problem.why


def test_a_damaged_member_gives_what_stood_before_the_damage() -> None:
    many = b"".join(CARD % b"N%d" % number for number in range(15_000))
    data = bytearray(packed(("a.vcf", many), ("b.vcf", CARD % b"B")))
    middle = len(data) // 2
    data[middle : middle + 4] = bytes(byte ^ 0xFF for byte in data[middle : middle + 4])
    found = items(bytes(data))
    assert names(found)[-1] == "B"
    assert len(names(found)) > 1_000
    assert [item.where for item in found if isinstance(item, Problem)][-1] == "t.zip/a.vcf"


def test_an_archive_that_is_cut_off_is_one_problem() -> None:
    data = packed(("a.vcf", CARD % b"A"))
    (problem,) = items(data[:-30])
    assert isinstance(problem, Problem)
    assert problem.where == "t.zip"


def test_any_cut_and_any_flipped_byte_ends_in_items_and_not_in_a_crash() -> None:
    data = packed(("a.vcf", CARD % b"A"), ("b.csv", b"Name,E-mail\nA,a@x.org\n"))
    for at in range(len(data)):
        items(data[:at])
        items(data[:at] + struct.pack("B", data[at] ^ 0x55) + data[at + 1 :])
