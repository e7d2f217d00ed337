"""Reads a page as a browser does: the values its forms would send, and the ids it has."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any


class Page(HTMLParser):
    def __init__(self, response: Any) -> None:
        super().__init__()
        self.values: dict[str, list[str]] = {}
        self.ids: list[str] = []
        self.labels_for: list[str] = []
        self.method, self.select, self.textarea = "", "", ""
        self.first_option: str | None = None
        self.feed(response.content.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        got = {name: value or "" for name, value in attrs}
        if "id" in got:
            self.ids.append(got["id"])
        if tag == "form":
            self.method = got.get("method", "get")
        if tag == "label":
            self.labels_for.append(got.get("for", ""))
        name = got.get("name", "")
        if tag == "textarea":
            self.textarea = name
            self._add(name, "")
        elif tag == "select":
            self.select, self.first_option = name, None
        elif tag == "option" and self.select:
            self._option(got)
        elif tag == "input" and (got.get("type") not in ("checkbox", "radio") or "checked" in got):
            self._add(name, got.get("value", "on" if "checked" in got else ""))

    def handle_data(self, data: str) -> None:
        if self.textarea:
            self.values[self.textarea][-1] += data.removeprefix("\n") if not self.values[self.textarea][-1] else data

    def handle_endtag(self, tag: str) -> None:
        if tag == "select" and self.select:
            if self.select not in self.values and self.first_option is not None:
                self._add(self.select, self.first_option)
            self.select = ""
        elif tag == "textarea":
            self.textarea = ""
        elif tag == "form":
            self.method = ""

    def _option(self, got: dict[str, str]) -> None:
        if self.first_option is None:
            self.first_option = got.get("value", "")
        if "selected" in got:
            self._add(self.select, got.get("value", ""))

    def _add(self, name: str, value: str) -> None:
        if self.method == "post" and name:
            self.values.setdefault(name, []).append(value)


def sent_by(response: Any, **changed: Any) -> dict[str, Any]:
    """What the page's POST form would send, with these fields typed over (``sessions_0_day`` for ``sessions-0-day``)."""
    values: dict[str, Any] = dict(Page(response).values)
    for name, value in changed.items():
        real = name.replace("sessions_0_", "sessions-0-").replace("sessions_1_", "sessions-1-")
        if value is None:
            values.pop(real, None)
        else:
            values[real] = value
    return values
