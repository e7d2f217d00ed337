"""Reading a page as a person would: its words, without the markup."""

from __future__ import annotations

import html
import re

from django.http import HttpResponse


def words(response: HttpResponse) -> str:
    """The page's text between the start of its content and its end, spaces folded."""
    assert response.status_code == 200
    main = response.content.decode().split("<main", 1)[1].split("</main>", 1)[0]
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", main.split(">", 1)[1])).split())


def titles(response: HttpResponse) -> list[str]:
    """The titles of the cards on the page, in order."""
    found = re.findall(r'class="t-event__title"><a[^>]*>(.*?)</a>', response.content.decode())
    return [html.unescape(title) for title in found]
