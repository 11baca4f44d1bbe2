"""Line and column of every key of a TOML text: tomllib gives the values and forgets where they stood."""

from __future__ import annotations

import re
import tomllib

Path = tuple[str | int, ...]
_KEY = re.compile(r"""[ \t]*(?:("(?:[^"\\]|\\.)*")|('[^']*')|([A-Za-z0-9_-]+))[ \t]*""")
_SKIP = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_STRING = re.compile(r'"""(?:[^\\]|\\.)*?"{3,5}|\'\'\'.*?\'{3,5}|"(?:[^"\\\n]|\\.)*"|\'[^\'\n]*\'', re.DOTALL)
_SCALAR = re.compile(r"[^,\]}#\r\n]*")


def positions(text: str) -> dict[Path, tuple[int, int]]:
    """(line, column), both from 1, of each key and array element of a valid TOML text, by its path.

    A table is found at its header; an array of tables has the index in its path.
    """
    return _Scanner(text).run()


class _Scanner:
    def __init__(self, text: str) -> None:
        self.text, self.at = text, 0
        self.found: dict[Path, int] = {}
        self.tables: dict[Path, int] = {}

    def run(self) -> dict[Path, tuple[int, int]]:
        table: Path = ()
        self.skip()
        while self.at < len(self.text):
            if self.text[self.at] == "[":
                table = self.header()
            else:
                self.pair(table)
            self.skip()
        return {path: self.line_and_column(at) for path, at in self.found.items()}

    def skip(self) -> None:
        match = _SKIP.match(self.text, self.at)
        self.at = match.end() if match else self.at

    def header(self) -> Path:
        start, many = self.at, self.text.startswith("[[", self.at)
        self.at += 2 if many else 1
        keys = self.keys()
        self.at += 2 if many else 1
        path: Path = ()
        for depth, key in enumerate(keys, 1):
            path += (key,)
            last = depth == len(keys)
            if last and many:
                self.tables[path] = self.tables.get(path, -1) + 1
            self.found.setdefault(path, start)
            if path in self.tables:
                path += (self.tables[path],)
                self.found.setdefault(path, start)
        return path

    def keys(self) -> list[str]:
        names: list[str] = []
        while match := _KEY.match(self.text, self.at):
            quoted, literal, bare = match.groups()
            names.append(
                str(tomllib.loads(f"k = {quoted}")["k"]) if quoted else (literal or "")[1:-1] or bare or ""
            )
            self.at = match.end()
            if not self.text.startswith(".", self.at):
                break
            self.at += 1
        return names

    def pair(self, table: Path) -> None:
        start = self.at
        path = table
        for key in self.keys():
            path += (key,)
            self.found.setdefault(path, start)
        self.at = self.text.index("=", self.at) + 1
        self.skip()
        self.value(path)

    def value(self, path: Path) -> None:
        opening = self.text[self.at]
        if opening == "[":
            self.items(path, "]")
        elif opening == "{":
            self.items(path, "}")
        else:
            match = _STRING.match(self.text, self.at) or _SCALAR.match(self.text, self.at)
            self.at = match.end() if match else self.at + 1

    def items(self, path: Path, closing: str) -> None:
        self.at += 1
        index = 0
        self.skip()
        while self.text[self.at] != closing:
            if self.text[self.at] == ",":
                self.at += 1
            elif closing == "]":
                self.found[(*path, index)] = self.at
                self.value((*path, index))
                index += 1
            else:
                self.pair(path)
            self.skip()
        self.at += 1

    def line_and_column(self, at: int) -> tuple[int, int]:
        return self.text.count("\n", 0, at) + 1, at - self.text.rfind("\n", 0, at)
