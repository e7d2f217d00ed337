from __future__ import annotations

import pytest
from django.core import mail
from django.core.management import CommandError, call_command

from people.models import Borough, Grant, Partnership, Sector
from people.operations.partnerships import USUAL_SECTORS

pytestmark = pytest.mark.django_db
ARGUMENTS = [
    "Riverside Safeguarding Children Partnership",
    "--short-name=Riverside",
    "--team-email=training@riverside.example",
    "--officer=Olivia@Riverside.example",
    "--borough=Riverside",
]


def test_the_first_partnership_has_an_officer_and_is_what_visitors_see() -> None:
    call_command("add_partnership", *ARGUMENTS)
    partnership = Partnership.objects.get()
    assert partnership.is_default
    assert partnership.messages_from is not None
    assert Borough.objects.get().partnership == partnership
    grant = Grant.objects.get()
    assert (grant.role, grant.partnership, grant.person.main_address()) == ("officer", partnership, "olivia@riverside.example")
    assert mail.outbox == []


def test_a_new_installation_has_the_usual_sectors_and_keeps_those_it_has() -> None:
    call_command("add_partnership", *ARGUMENTS)
    assert tuple(Sector.objects.values_list("name", flat=True)) == USUAL_SECTORS
    Sector.objects.exclude(name="Health").delete()
    call_command(
        "add_partnership",
        "Elsewhere",
        "--short-name=Elsewhere",
        "--team-email=a@b.example",
        "--officer=o@b.example",
        "--borough=Kestrel",
    )
    assert list(Sector.objects.values_list("name", flat=True)) == ["Health"]


def test_a_name_that_is_taken_is_refused_and_nothing_is_written() -> None:
    call_command("add_partnership", *ARGUMENTS)
    with pytest.raises(CommandError, match="already"):
        call_command("add_partnership", *ARGUMENTS)
    assert Partnership.objects.count() == 1
