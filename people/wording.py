"""How names and addresses are written before they are kept or compared."""

from __future__ import annotations

import unicodedata

from core.text import one_line

APOSTROPHES = str.maketrans({"’": "'", "‘": "'", "ʼ": "'", "`": "'", "´": "'"})


def clean_address(text: str) -> str:
    """An e-mail address as we keep and compare it: stripped, in lower case."""
    return text.strip().lower()


def organisation_key(text: str) -> str:
    """What is compared when somebody types an organisation: "St Mary’s  School" and "st mary's school" are one."""
    return one_line(unicodedata.normalize("NFKC", text).translate(APOSTROPHES)).casefold()
