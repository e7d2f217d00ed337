"""Tables that leave as CSV: what a spreadsheet opens as UTF-8 and never runs.

UTF-8 with a byte-order mark, Windows line ends, and a quote before every text that a spreadsheet would take for a formula
(OWASP's list, with the full-width forms that some programs turn into plain ones).
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence

from django.http import HttpResponse
from django.utils.http import content_disposition_header

PLAIN_NUMBER = re.compile(r"-[0-9][0-9,]*(\.[0-9]+)?%?", re.ASCII)
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def neutral(cell: object) -> object:
    """The cell as it may stand in a file: numbers as they are, None as an empty cell, text with ``'`` before a formula's start.

    Blanks before the formula do not hide it; a negative number written as text ("-87", "-3.5%") is no formula.
    """
    if cell is None:
        return ""
    if not isinstance(cell, str):
        return cell
    text = cell.replace("\x00", "")
    if PLAIN_NUMBER.fullmatch(text):
        return text
    return f"'{text}" if text.startswith(FORMULA_STARTS) or text.lstrip().startswith(FORMULA_STARTS) else text


def csv_text(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """The whole table as text, byte-order mark included."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([neutral(name) for name in header])
    for row in rows:
        writer.writerow([neutral(cell) for cell in row])
    return "\ufeff" + out.getvalue()


def csv_response(filename: str, header: Sequence[str], rows: Iterable[Sequence[object]]) -> HttpResponse:
    """An answer that a browser saves as ``filename``."""
    response = HttpResponse(csv_text(header, rows), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = content_disposition_header(True, filename) or "attachment"
    return response
