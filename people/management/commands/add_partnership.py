"""The first step on a new installation."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils.text import slugify

from core.clock import now
from core.refusals import Refused
from people.models import Role
from people.operations import add_partnership, ensure_person, give_role


class Command(BaseCommand):
    help = "Add a partnership and its first officer, who can then sign in with a code sent by e-mail and do the rest on pages."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="Riverside Safeguarding Children Partnership")
        parser.add_argument("--short-name", required=True, help="Riverside")
        parser.add_argument("--team-email", required=True, help="where replies to our messages go")
        parser.add_argument("--officer", required=True, help="the first officer's e-mail address")
        parser.add_argument("--borough", action="append", default=[], help="may be given several times")

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        at = now()
        try:
            partnership = add_partnership(
                name=options["name"],
                short_name=options["short_name"],
                slug=slugify(options["short_name"]),
                team_email=options["team_email"],
                boroughs=options["borough"],
                by=None,
                at=at,
            )
            officer = ensure_person(address=options["officer"], at=at)
            give_role(person=officer, role=Role.OFFICER, partnership=partnership, reason="First officer", by=None, at=at)
        except Refused as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(f"{partnership} is set up. {options['officer']} can sign in.")
