"""What an officer would fill in after an import: the partnership's details and the texts of its catalogue."""

from __future__ import annotations

import tomllib
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import transaction

from core import audit
from core.clock import london_date
from courses.models import Course, Priority
from elearning.models import Module
from events.models import Venue
from people.models import Partnership, Sector
from podcasts.models import Episode, Series

TEXTS = Path(__file__).with_name("texts.toml")
NOT_IN_CATALOGUE = ("CONF21", "CONF22", "CONF24")  # conferences that are over
HOSTS = {
    "Riverside": ("training@riverside.example", "01632 960 100", "Learning together to keep children safe"),
    "Kingsbridge": ("learning@kingsbridge.example", "01632 960 200", "Safer together"),
    "Richford": ("training@richford.example", "01632 960 300", ""),
}


@transaction.atomic
def fill_in(riverside: Partnership, *, at: datetime) -> None:
    """Every text and detail. Messages begin today: the imported years stay silent."""
    texts = tomllib.loads(TEXTS.read_text(encoding="utf-8"))
    for short_name, (team_email, team_phone, strapline) in HOSTS.items():
        Partnership.objects.filter(short_name=short_name).update(
            team_email=team_email, team_phone=team_phone, strapline=strapline, messages_from=london_date(at)
        )
    _courses(riverside, texts["courses"])
    _modules(riverside, texts)
    series = Series.objects.filter(partnership=riverside)
    series.update(**texts["series"])
    for title, summary in texts["episodes"].items():
        Episode.objects.filter(series__partnership=riverside, title=title).update(
            summary=summary,
            notes=f"{summary}\n\nListen on the way to a visit, then ask in your team: what would we do differently?",
        )
    for name, (room_places, address) in texts["venues"].items():
        Venue.objects.filter(partnership=riverside, name=name).update(room_places=room_places, address=address)
    audit.record(action="demonstration filled in", about=riverside, by=None, at=at)


def _courses(riverside: Partnership, texts: dict[str, Any]) -> None:
    Course.objects.filter(partnership=riverside, code__in=NOT_IN_CATALOGUE).update(is_in_catalogue=False)
    for name in dict.fromkeys(text["priority"] for text in texts.values() if "priority" in text):
        Priority.objects.get_or_create(partnership=riverside, name=name)
    sectors = {sector.name: sector for sector in Sector.objects.all()}
    for code, text in texts.items():
        course = Course.objects.filter(partnership=riverside, code=code).first()
        if course is None:
            continue
        course.summary = text["summary"]
        course.description = text["description"].strip()
        course.outcomes = text["outcomes"].strip()
        course.content_note = text.get("content_note", "")
        course.save()
        course.for_sectors.set(sectors[name] for name in text["for_sectors"])


def _modules(riverside: Partnership, texts: dict[str, Any]) -> None:
    for title, (minutes, summary) in texts["modules"].items():
        note = texts["modules_with_a_note"].get(title, "")
        description = "\n\n".join(part for part in (summary, note, "Take it at any time, on a computer or a phone.") if part)
        Module.objects.filter(partnership=riverside, title=title).update(
            minutes=minutes, summary=summary, description=description
        )
