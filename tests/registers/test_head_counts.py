from __future__ import annotations

from datetime import datetime

import pytest

from core.models import AuditEntry
from core.refusals import Refused
from registers.models import Attendance, HeadCount
from registers.operations import add_head_count, remove_head_count
from registers.queries import register_summary
from tests.factories.people import OrganisationFactory, PersonFactory, officer
from tests.factories.registers import event_with_people, teaches

pytestmark = pytest.mark.django_db


def test_a_head_count_stands_beside_the_names_and_reaches_nobody(morning: datetime) -> None:
    event, _ = event_with_people(2)
    school, trainer = OrganisationFactory(), teaches(event)

    row = add_head_count(event=event, count=24, organisation=school, note="Return\nfrom the school", by=trainer, at=morning)

    assert (row.count, row.organisation, row.note, row.entered_by) == (24, school, "Return from the school", trainer)
    summary = register_summary([event])[event.pk]
    assert (summary.expected, summary.head_count, Attendance.objects.count()) == (2, 24, 0)


def test_a_head_count_is_taken_away_and_the_trail_keeps_the_number(morning: datetime) -> None:
    event, _ = event_with_people(0)
    row = add_head_count(event=event, count=24, by=None, at=morning)
    remove_head_count(head_count=row, by=officer(), at=morning)

    assert HeadCount.objects.count() == 0
    trail = AuditEntry.objects.filter(action__startswith="head count").order_by("action")
    assert [entry.changes for entry in trail] == [{"count": [0, 24]}, {"count": [24, 0]}]


@pytest.mark.parametrize("count", [0, -3, 5001])
def test_a_head_count_counts_somebody_but_not_a_town(count: int, morning: datetime) -> None:
    event, _ = event_with_people(0)
    with pytest.raises(Refused) as refused:
        add_head_count(event=event, count=count, by=None, at=morning)
    assert (refused.value.code, refused.value.field) == ("count_out_of_range", "count")


def test_strangers_do_not_count_and_trainers_not_before_the_day(at: datetime, morning: datetime) -> None:
    event, _ = event_with_people(0)
    for by, when, code in [(PersonFactory(), morning, "not_yours"), (teaches(event), at, "too_early")]:
        with pytest.raises(Refused) as refused:
            add_head_count(event=event, count=5, by=by, at=when)
        assert refused.value.code == code
