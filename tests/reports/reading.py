"""Reading back what a page, a file and the command print, so that tests compare what a person sees."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlencode

from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from reports.measures import MEASURES

RATES = {key for key, measure in MEASURES.items() if measure.is_rate}
PARTED = {key for key, measure in MEASURES.items() if measure.parts is not None}


@dataclass
class Row:
    attributes: dict[str, str | None]
    cells: list[str] = field(default_factory=list)
    classes: list[str] = field(default_factory=list)

    def under(self, name: str) -> str:
        """The text of the cell with this class; 0 where there is none."""
        return next((cell for cell, classes in zip(self.cells, self.classes, strict=True) if name in classes.split()), "0")


class Tables(HTMLParser):
    """Every table row of a page with the text of its cells, and the text of every element with an id."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.rows: list[Row] = []
        self.by_id: dict[str, str] = {}
        self.text: list[str] = []
        self._open: list[tuple[str, str | None]] = []
        self._in_cell = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "tr":
            self.rows.append(Row(dict(attrs)))
        if tag in ("td", "th") and self.rows:
            self.rows[-1].cells.append("")
            self.rows[-1].classes.append(dict(attrs).get("class") or "")
            self._in_cell = True
        if tag not in ("br", "input", "meta", "link", "img", "hr", "rect"):
            self._open.append((tag, dict(attrs).get("id")))

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th"):
            self._in_cell = False
        while self._open and self._open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        self.text.append(data)
        if self._in_cell:
            self.rows[-1].cells[-1] += data
        for _, name in self._open:
            if name:
                self.by_id[name] = self.by_id.get(name, "") + data


def number(text: str) -> int | float | None:
    """1,481 or 9.0% as a number; a dash or nothing as None."""
    plain = text.strip().replace(",", "").replace("−", "-").replace("+", "")
    if plain in ("", "–"):
        return None
    return float(plain[:-1]) if plain.endswith("%") else int(plain)


def whole(text: str) -> int:
    return int(number(text) or 0)


def page_of(client: Client, asked: list[tuple[str, str]]) -> Tables:
    response = client.get(f"{reverse('reach_report')}?{urlencode(asked)}")
    assert response.status_code == 200
    return Tables(response.content.decode())


def on_page(client: Client, asked: list[tuple[str, str]]) -> dict[str, Any]:
    """Every figure of the report's page by key: numbers, and {part: number} for a breakdown."""
    rows = page_of(client, asked).rows
    figures: dict[str, Any] = {key: {} for key in PARTED}
    for row in rows:
        if (key := row.attributes.get("data-measure")) is not None:
            if number(row.cells[1]):
                figures[key][row.cells[0].strip()] = number(row.cells[1])
        elif (key := row.attributes.get("id")) in MEASURES and key not in PARTED:
            figures[str(key)] = number(row.cells[1])
    return figures


def in_file(client: Client, asked: list[tuple[str, str]]) -> dict[str, Any]:
    """Every figure of the CSV by key, in the same form."""
    response = client.get(f"{reverse('reach_csv')}?{urlencode(asked)}")
    assert response.status_code == 200
    figures: dict[str, Any] = {key: {} for key in PARTED}
    for row in csv.DictReader(io.StringIO(response.content.decode("utf-8-sig"), newline="")):
        key, figure = row["Key"], row["Figure"]
        if key in PARTED:
            if row["Part"] and int(figure):
                figures[key][row["Part"]] = int(figure)
        elif figure == "":
            figures[key] = None
        else:
            figures[key] = float(figure) if key in RATES else int(figure)
    return figures


def by_command(*options: str) -> dict[str, Any]:
    """Every figure that the command prints by key, in the same form."""
    out = io.StringIO()
    call_command("measures", *options, "--json", stdout=out)
    printed = json.loads(out.getvalue())
    return {key: printed[key] for key in MEASURES}


@dataclass
class Behind:
    """A measure's page: its figure, and the sums of the rows over all its pages."""

    figure: int | float | None
    n: int = 0
    of: int = 0
    foot_n: int = 0
    foot_of: int = 0


def measure_page(client: Client, key: str, asked: list[tuple[str, str]]) -> Behind:
    found, page = Behind(None), 1
    while True:
        response = client.get(f"{reverse('measure', args=[key])}?{urlencode([*asked, ('page', str(page))])}")
        assert response.status_code == 200
        read = Tables(response.content.decode())
        found.figure = number(read.by_id["figure"])
        for row in read.rows:
            if row.attributes.get("class") == "t-behind":
                found.n += whole(row.under("t-n"))
                found.of += whole(row.under("t-of"))
        if "rows-n" in read.by_id:
            found.foot_n = whole(read.by_id["rows-n"])
            found.foot_of = whole(read.by_id.get("rows-of", "0"))
        if not response.context["page"].has_next():
            return found
        page += 1
