"""Zip archives, such as Google Takeout's parts: members are read as streams, nothing is unpacked onto the disk.

What a member is says its content: Takeout translates its folders (`Takeout/Mail/All mail Including Spam and
Trash.mbox`, `Takeout/E-Mail/Alle Nachrichten …`). Names are data and are never opened as paths. Archives inside are
not followed.
"""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import PurePosixPath
from typing import BinaryIO, TypeAlias, cast

from connectors.files.sniff import HEAD_BYTES, Kind, kind_of
from connectors.files.streams import rejoined
from connectors.files.walk import MAILDIR, maildir_folder
from connectors.items import Item, Problem, Skipped

# Deflate cannot do better than 1:1032; mail does 1:3 to 1:10, a calendar of one repeated meeting 1:50.
RATIO = 200
RATIO_MATTERS_BYTES = 64 << 20  # a small file may be as repetitive as it likes
MEMBERS = 1_000_000
_ENCRYPTED = 0x1
_LOCAL_HEADER_BYTES = 30  # without its name
# Documents and programs are zips too; these members tell them (OOXML, OpenDocument and EPUB, Java, Android).
_DOCUMENTS = frozenset({"[Content_Types].xml", "mimetype", "META-INF/MANIFEST.MF", "AndroidManifest.xml"})
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError, OSError)

ReadMember: TypeAlias = Callable[[Kind, BinaryIO, str, str], Iterator[Item]]


def members(archive: BinaryIO, where: str, read: ReadMember) -> Iterator[Item]:
    """The items of all members in the order in which they lie in it, through `read(kind, stream, where, folder)`.

    `where` of a member is `takeout.zip/Takeout/Mail/All mail.mbox`. A damaged or oversized member is one problem.
    """
    try:
        opened = zipfile.ZipFile(archive)
    except _BROKEN as error:
        yield Problem(where, f"this zip archive is damaged or cut off ({error}); download or copy it again")
        return
    with opened:
        listed = sorted(opened.infolist(), key=lambda member: member.header_offset)
        if len(listed) > MEMBERS:
            yield Problem(
                where, f"this zip archive has more than {MEMBERS} members; unpack it and import the folder"
            )
            return
        if any(member.filename in _DOCUMENTS for member in listed):
            yield Skipped("not_recognised")
            return
        shared = _overlapping(listed)
        for member in listed:
            if member.is_dir():
                continue
            place = f"{where}/{member.filename}"
            refused = _refused(member, shared)
            if refused:
                yield Problem(place, f"this member of the archive is not read: {refused}")
            else:
                yield from _member(opened, member, place, read)


def _overlapping(listed: list[zipfile.ZipInfo]) -> set[int]:
    """Offsets of members that begin before the one in front of them ends: how small bombs become large ones."""
    found: set[int] = set()
    end = 0
    for member in listed:
        if member.header_offset < end:
            found.add(member.header_offset)
        end = max(end, member.header_offset + _LOCAL_HEADER_BYTES + member.compress_size)
    return found


def _refused(member: zipfile.ZipInfo, shared: set[int]) -> str:
    """Why a member is not read; "" where it is. More than it declares is never unpacked."""
    if member.flag_bits & _ENCRYPTED:
        return "it is encrypted; unpack the archive and import the folder"
    if member.header_offset in shared:
        return "it shares its bytes with another one"
    if member.file_size > RATIO_MATTERS_BYTES and member.file_size > RATIO * max(member.compress_size, 1):
        return f"it unpacks to {member.file_size >> 20} MB, more than {RATIO} times its size"
    return ""


def _member(
    archive: zipfile.ZipFile, member: zipfile.ZipInfo, where: str, read: ReadMember
) -> Iterator[Item]:
    path = PurePosixPath(member.filename)
    if path.name.startswith(".") or "__MACOSX" in path.parts:
        yield Skipped("hidden")
        return
    try:
        with archive.open(member) as stream:
            head = stream.read(HEAD_BYTES)
            in_maildir = path.parent.name in MAILDIR
            kind = Kind.MAILDIR if in_maildir else kind_of(head, path.name)
            if kind is None or kind is Kind.ZIP or path.parent.name == "tmp":
                yield Skipped("nested_zip" if kind is Kind.ZIP else "not_recognised" if head else "empty")
                return
            folder = maildir_folder(path.parent.parent.name) if in_maildir else path.parent.name
            whole = rejoined(head, cast("BinaryIO", stream))
            yield from read(kind, whole, where, folder)
            whole.read(1)  # a reader may have taken the place of the damage for the end
    except OSError:  # the disk failed and not the archive: the whole file is read again the next time
        raise
    except Exception as error:  # noqa: BLE001  whatever one member does, the others are read
        yield Problem(where, f"this member of the archive is damaged ({error!r}); what stood before was read")
