"""How long our mail translator takes beside the standard library's parser, on the same messages in one run.

    python benchmarks/parse.py FILE.mbox…

The peer parses with `email` (compat32) and counts the words of the text parts with `str.split`; we do all that the
import does before the log: addresses, dates, threads, kinds, new words, hashes. Printed: CPU seconds and the ratio.
"""

from __future__ import annotations

import email
import sys
import time
from pathlib import Path

from connectors.files.mbox import messages
from connectors.mime.message import translate


def peer_words(raw: bytes) -> int:
    words = 0
    for part in email.message_from_bytes(raw).walk():
        if part.get_content_maintype() == "text":
            data = part.get_payload(decode=True)
            if isinstance(data, bytes):
                try:
                    words += len(data.decode(part.get_content_charset() or "utf-8", "replace").split())
                except LookupError:
                    words += len(data.split())
    return words


def our_words(raw: bytes) -> int:
    item = translate(raw, source="files:benchmark", where="benchmark")
    return item.payload.words if item.payload else 0


def main(paths: list[str], rounds: int = 3) -> None:
    raws = []
    started = time.process_time()
    for path in paths:
        with Path(path).open("rb") as stream:
            raws += [message.raw for message in messages(stream, path)]
    print(f"split   {time.process_time() - started:7.3f} s  {len(raws)} messages, {sum(map(len, raws)) / 1e6:.1f} MB")
    best: dict[str, float] = {}
    for _ in range(rounds):
        for name, words_of in (("email", peer_words), ("amity", our_words)):
            started = time.process_time()
            words = sum(map(words_of, raws))
            took = time.process_time() - started
            best[name] = min(best.get(name, took), took)
            print(f"{name:7} {took:7.3f} s  {words} words")
    print(f"ratio   {best['amity'] / best['email']:7.3f}")


if __name__ == "__main__":
    main(sys.argv[1:])
