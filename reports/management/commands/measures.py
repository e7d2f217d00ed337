from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.http import QueryDict

from core.clock import london_date, now
from people.models import Partnership
from reports.forms import CutForm
from reports.periods import HOW
from reports.questions import KINDS, Question
from reports.report import Report, ask


class Command(BaseCommand):
    help = "Print every measure of the reach report, with its numerator and denominator."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--period", required=True, help=HOW)
        parser.add_argument("--kind", action="append", default=[], help="Course, Conference… May be given more than once.")
        parser.add_argument("--sector", default="", help="A sector's name, “Not matched” or “No organisation”.")
        parser.add_argument("--course", default="", help="A title as in attendances by course.")
        parser.add_argument("--theme", default="")
        parser.add_argument("--partnership", default="", help="Its slug. Without: the default partnership.")
        parser.add_argument("--json", action="store_true", help="As JSON, by key.")

    def handle(self, *args: Any, **options: Any) -> None:
        report = ask(self._question(options))
        self.stdout.write(json.dumps(as_json(report), indent=1, ensure_ascii=False) if options["json"] else as_text(report))

    def _question(self, options: dict[str, Any]) -> Question:
        partnerships = Partnership.objects.order_by("-is_default", "name")
        if options["partnership"]:
            partnerships = partnerships.filter(slug=options["partnership"])
        partnership = partnerships.first()
        if partnership is None:
            raise CommandError(f"There is no partnership {options['partnership']}".rstrip() + ".")
        asked = QueryDict(mutable=True)
        asked.update({name: options[name] for name in ("period", "sector", "course", "theme")})
        asked.setlist("kind", [_kind(text) for text in options["kind"]])
        form = CutForm(asked, partnership=partnership, today=london_date(now()))
        if not options["period"].strip() or not form.is_valid():
            raise CommandError(" ".join(str(error) for errors in form.errors.values() for error in errors) or "Say which period.")
        return form.question


def _kind(text: str) -> str:
    """The kind by its name or its value, however it is written."""
    plain = " ".join(text.split()).casefold()
    for value, label in KINDS:
        if plain in (value, label.casefold()):
            return value
    known = ", ".join(label for _, label in KINDS)
    raise CommandError(f"There is no kind of event “{text}”. There are: {known}. Forums are counted apart.")


def as_json(report: Report) -> dict[str, Any]:
    """The figures by key; beside them, under ``sums``, each with its numerator and denominator."""
    figures: dict[str, Any] = {key: figure.plain for key, figure in report.figures.items()}
    sums = {key: {"n": f.now.n, "of": f.now.of} for key, f in report.figures.items() if f.now is not None}
    question = report.question
    asked = {
        "partnership": question.partnership.slug,
        "period": question.period.text,
        "from": question.period.starts_on.isoformat(),
        "to": question.period.ends_on.isoformat(),
        **{name: getattr(question, name) for name in sorted(question.cuts)},
    }
    return {"question": asked, **figures, "sums": sums}


def as_text(report: Report) -> str:
    question = report.question
    lines = [f"{question.partnership.name}, {question.period.name} ({question.period.days})"]
    section = ""
    for figure in report.figures.values():
        if figure.measure.section != section:
            section = figure.measure.section
            lines += ["", section]
        about = figure.sum or figure.why_not
        lines.append(f"  {figure.measure.name:<46} {figure.value:>8}" + (f"  {about}" if about else ""))
        lines += [f"    {part.label:<48} {part.value:>6}" for part in figure.parts if part.now and part.now.n]
    return "\n".join(lines)
