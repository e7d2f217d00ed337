"""Tables that leave as a workbook: text stays text, whatever it begins with, and dates and amounts are real ones."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal

from django.http import HttpResponse
from django.utils.http import content_disposition_header

from core.clock import LONDON
from core.text import many_lines

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LONGEST_CELL = 32_767
WIDEST = 60


def xlsx_bytes(sheet: str, header: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """The table as one sheet with a frozen, filterable header. Instants are written as London times.

    Every text is written as text: a cell that begins with = or is an address on the web is neither run nor linked.
    """
    import xlsxwriter

    out = io.BytesIO()
    plain = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(out, plain)
    book.set_properties({"created": datetime(2000, 1, 1, tzinfo=UTC).replace(tzinfo=None)})  # the same rows, the same file
    page = book.add_worksheet(sheet[:31])
    bold, day, moment, money = (
        book.add_format(how)
        for how in (
            {"bold": True},
            {"num_format": "dd/mm/yyyy"},
            {"num_format": "dd/mm/yyyy hh:mm"},
            {"num_format": "#,##0.00"},
        )
    )
    widths = [len(name) for name in header]
    for column, name in enumerate(header):
        page.write_string(0, column, name, bold)
    last = 0
    for last, row in enumerate(rows, start=1):
        for column, cell in enumerate(row):
            if cell is None or cell == "":
                continue
            if isinstance(cell, bool):
                page.write_string(last, column, "Yes" if cell else "No")
            elif isinstance(cell, datetime):
                page.write_datetime(last, column, cell.astimezone(LONDON).replace(tzinfo=None), moment)
            elif isinstance(cell, date):
                page.write_datetime(last, column, datetime(cell.year, cell.month, cell.day), day)  # noqa: DTZ001 - a day has no zone
            elif isinstance(cell, Decimal):
                page.write_number(last, column, float(cell), money)
            elif isinstance(cell, int | float):
                page.write_number(last, column, cell)
            else:
                page.write_string(last, column, many_lines(str(cell))[:LONGEST_CELL])
            widths[column] = max(widths[column], min(len(str(cell)), WIDEST))
    for column, width in enumerate(widths):
        page.set_column(column, column, width + 2)
    page.freeze_panes(1, 0)
    page.autofilter(0, 0, last, len(header) - 1)
    book.close()
    return out.getvalue()


def xlsx_response(filename: str, sheet: str, header: Sequence[str], rows: Iterable[Sequence[object]]) -> HttpResponse:
    """An answer that a browser saves as ``filename``."""
    response = HttpResponse(xlsx_bytes(sheet, header, rows), content_type=MEDIA_TYPE)
    response.headers["Content-Disposition"] = content_disposition_header(True, filename) or "attachment"
    return response
