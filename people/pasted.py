"""People pasted from a mail program or a spreadsheet: “Sam Lee <sam@school.example>; ana@clinic.example”."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from core.text import one_line
from people.wording import clean_address

LONGEST = 254
NAME_WORD = re.compile(r"[^\W\d_][\w.'’-]*")
DOTTED = re.compile(r"([a-z'’-]{2,})\.([a-z'’-]{2,})")


@dataclass(frozen=True)
class Pasted:
    """One entry of a pasted list. Without an ``address`` its ``text`` is none; the name is empty where none was pasted."""

    text: str
    address: str = ""
    forename: str = ""
    surname: str = ""


def read_pasted(text: str) -> list[Pasted]:
    """Every entry in the order given, each address once and in lower case. Whatever is no address stays as it was typed."""
    found: dict[str, Pasted] = {}
    for chunk in re.split(r"[;\r\n]+", text):
        for name, piece in _pieces(chunk):
            entry = _entry(piece, name)
            if entry.text:
                found.setdefault(entry.address or f"not an address: {entry.text}", entry)
    return list(found.values())


def guessed_name(address: str) -> tuple[str, str]:
    """First and last name as “sam.lee@school.example” suggests them, for somebody to check; two empty texts where it does not."""
    dotted = DOTTED.fullmatch(address.partition("@")[0])
    return (dotted[1].title(), dotted[2].title()) if dotted else ("", "")


def _pieces(chunk: str) -> Iterator[tuple[str, str]]:
    """Names with what may be their addresses, as they stand in one line."""
    if "@" not in chunk:
        yield from [("", chunk)] if chunk.strip(" \t,") else []
        return
    *named, rest = chunk.split(">")
    for part in named:
        before, opening, inner = part.rpartition("<")
        if not opening:
            yield from _plain(inner)
            continue
        parts = before.split(",")
        while parts and ("@" in parts[0] or not parts[0].strip()):
            yield from _plain(parts.pop(0))
        yield ",".join(parts), inner
    yield from _plain(rest)


def _plain(text: str) -> Iterator[tuple[str, str]]:
    """Text without angle brackets: “Sam Lee, sam@school.example” is one person, in a list of any length.

    Not where words of another stand before the two: of “Sam Lee, Social Worker, sam@school.example” the middle is no name.
    """
    parts = text.split(",")
    number = rest = 0
    while number + 1 < len(parts):
        address = parts[number + 1].strip(" \t\"'")
        if _is_full_name(parts[number]) and _is_address(address):
            before = [part for part in parts[rest:number] if part.strip()]
            is_name = not before or "@" in before[-1]
            yield from _unnamed(",".join(parts[rest : number if is_name else number + 1]))
            yield parts[number] if is_name else "", address
            number = rest = number + 2
        else:
            number += 1
    yield from _unnamed(",".join(parts[rest:]))


def _is_full_name(text: str) -> bool:
    """A word alone may be anything; two are a name."""
    words = text.split()
    return len(words) > 1 and all(NAME_WORD.fullmatch(word.strip("\"'")) for word in words)


def _unnamed(text: str) -> Iterator[tuple[str, str]]:
    words = [word.strip("<>\"'") for word in text.split()]
    if len(words) > 1 and "@" in words[-1] and all(NAME_WORD.fullmatch(word) for word in words[:-1]):
        yield " ".join(words[:-1]), words[-1].strip(",")
        return
    pieces = [piece for part in re.split(r"[,\s]+", text) if (piece := part.strip("<>\"'"))]
    if pieces and not any(_is_address(piece) for piece in pieces):
        yield "", text.strip(" \t,")  # one line to mend, not one for each of its words
        return
    yield from (("", piece) for piece in pieces)


def _is_address(text: str) -> bool:
    try:
        validate_email(clean_address(text))
    except ValidationError:
        return False
    return True


def _entry(piece: str, name: str) -> Pasted:
    piece, name = one_line(piece), one_line(name).strip(" \"'“”")
    address = clean_address(piece)
    if not _is_address(address):
        return Pasted(f"{name} <{piece}>" if name else piece)  # given back as it was typed
    if len(address) > LONGEST:
        return Pasted(piece)
    if "," in name:
        surname, _, forename = (part.strip() for part in name.partition(","))
    else:
        forename, _, surname = name.partition(" ")
    return Pasted(piece, address, forename[:80], surname[:80])
