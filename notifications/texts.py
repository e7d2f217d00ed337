"""Texts with named placeholders: what may stand in one, and what it says once filled. Pure.

A placeholder is ``{event}`` or ``{link:booking}``. Filling puts strings in by their names and can do nothing else: no attribute
is reached, nothing is run, and what is put in is never looked through for placeholders again.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache

from core.refusals import Refused
from core.text import many_lines, one_line

PLACEHOLDER = re.compile(r"\{((?:link:)?[a-z_]+)\}")
ANY_BRACES = re.compile(r"\{[^{}\n]*\}|[{}].{0,20}")
BETWEEN_PARAGRAPHS = re.compile(r"\n\s*\n")
NO_BRACES = str.maketrans("{}", "()")
PREFACE = "preface"  # a value that no text names: it comes first whatever the text says
SUBJECT_LENGTH = 200
BODY_LENGTH = 10_000


@dataclass(frozen=True)
class Value:
    """What a placeholder stands for. ``says`` and ``example`` are for officers; one of many lines can't stand in a subject.

    An example may name other placeholders, so that it speaks of the event that is previewed.
    """

    says: str
    example: str
    in_subject: bool = True


@dataclass(frozen=True)
class Standard:
    """The text of one kind of message as we deliver it, and what an officer's own may hold.

    ``values`` are what its recipient may see and nothing else: a text can say no more. ``required`` names what the message is
    for; a text without it is refused. ``to`` and ``when`` say who gets it and why.
    """

    kind: str
    to: str
    when: str
    subject: str
    body: str
    values: Mapping[str, Value]
    links: Mapping[str, str]
    required: Collection[str] = ()

    def examples(self, real: Mapping[str, str] | None = None) -> dict[str, str]:
        """A value for every placeholder: the ``real`` ones where they are known, examples that go with them for the rest."""
        plain = {name: value.example for name, value in self.values.items() if "{" not in value.example}
        plain |= {name: value for name, value in (real or {}).items() if name in self.values}
        return {name: plain[name] if name in plain else fill(value.example, plain) for name, value in self.values.items()}

    def in_subject(self) -> list[str]:
        return sorted(name for name, value in self.values.items() if value.in_subject)

    def in_body(self) -> list[str]:
        return sorted(self.values) + [f"link:{name}" for name in sorted(self.links)]


def paragraphs(*texts: str) -> str:
    return "\n\n".join(texts)


def placeholders(text: str) -> set[str]:
    """The names in a text, those of links with ``link:`` in front."""
    return set(PLACEHOLDER.findall(text))


def fill(text: str, values: Mapping[str, str], links: Collection[str] = ()) -> str:
    """The text with its values. Links stay as they are, to be made when the message is sent.

    An empty value takes the space before it along. A paragraph that says nothing then, or leads to a link that this message does
    not have, drops out. Raises KeyError for a name without a value.
    """
    filled = [_paragraph(lines, values, links) for lines in _parsed(text)]
    return "\n\n".join([said for said in [values.get(PREFACE, ""), *filled] if said])


def fill_subject(text: str, values: Mapping[str, str]) -> str:
    return one_line(" ".join([_paragraph(lines, values, ()) for lines in _parsed(text)]))[:SUBJECT_LENGTH]


@lru_cache(maxsize=256)
def _parsed(text: str) -> list[list[list[str]]]:
    """Paragraphs of lines, each line as what stands between its placeholders and their names, by turns."""
    found = BETWEEN_PARAGRAPHS.split(text.strip())
    return [[PLACEHOLDER.split(line.strip()) for line in paragraph.split("\n")] for paragraph in found]


def _paragraph(lines: list[list[str]], values: Mapping[str, str], links: Collection[str]) -> str:
    said = []
    for parts in lines:
        line = parts[0]
        for name, after in zip(parts[1::2], parts[2::2], strict=True):
            if name.startswith("link:"):
                if name[5:] not in links:
                    return ""
                line += f"{{{name}}}{after}"
            elif value := values[name]:
                line += value.translate(NO_BRACES) + after  # no value can open a placeholder, whatever stands beside it
            else:
                line = line.rstrip(" ") + after
        if line := line.strip():
            said.append(line)
    return "\n".join(said)


def check(text: str, allowed: Collection[str], *, required: Collection[str] = (), field: str) -> None:
    """Raise Refused unless every placeholder exists and every required one is there.

    Refused: unknown_placeholder, unbalanced, missing_placeholder.
    """
    there = ", ".join(f"{{{name}}}" for name in allowed)
    for found in ANY_BRACES.findall(text):
        if found[0] == "}" or found[-1] != "}":
            listed = f"Write placeholders as they are listed: {there}." if allowed else "Leave it out."
            sentence = f"A brace stands alone: {found} {listed}"
            raise Refused(sentence, code="unbalanced", field=field)
        if found[1:-1] not in allowed:
            what_there_is = f"There are: {there}" if allowed else "Nothing is filled in here: leave the braces out"
            raise Refused(f"There is no {found} here. {what_there_is}.", code="unknown_placeholder", field=field)
    missing = [name for name in required if name not in placeholders(text)]
    if missing:
        names = " and ".join(f"{{{name}}}" for name in missing)
        sentence = f"Put {names} back into the text: people need what {'it says' if len(missing) == 1 else 'they say'}."
        raise Refused(sentence, code="missing_placeholder", field=field)


def checked(standard: Standard, *, subject: str, body: str) -> tuple[str, str]:
    """An officer's subject and body as they are kept. Raises Refused: empty, too_long, and those of ``check``."""
    subject, body = cleaned(subject, body)
    check(subject, standard.in_subject(), field="subject")
    check(body, standard.in_body(), required=sorted(standard.required), field="body")
    return subject, body


def cleaned(subject: str, body: str) -> tuple[str, str]:
    """On one line and in paragraphs, without control characters. Raises Refused: empty, too_long."""
    subject, body = one_line(subject), BETWEEN_PARAGRAPHS.sub("\n\n", many_lines(body).strip())
    for field, text, longest in (("subject", subject, SUBJECT_LENGTH), ("body", body, BODY_LENGTH)):
        if not text:
            raise Refused(f"Write the {FIELDS[field]}.", code="empty", field=field)
        if len(text) > longest:
            raise Refused(f"The {FIELDS[field]} may have {longest:,} characters at most.", code="too_long", field=field)
    return subject, body


FIELDS = {"subject": "subject", "body": "text"}
