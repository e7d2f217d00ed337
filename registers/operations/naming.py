"""A certificate in the person's right name."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from events.models import Event
from people.models import Person
from records.models import Certificate, Earned, SourceKind
from records.operations import issue_certificates, withdraw_certificates
from records.policies import check_name_may_be_corrected
from registers.operations.attendance import lock_event
from registers.operations.taking_back import tell_anew
from registers.queries import printed_of

OTHER_NAME = "The name was corrected."


@transaction.atomic
def correct_certificate_name(*, certificate: Certificate, by: Person, at: datetime) -> Certificate:
    """Put one in the name that the person has today in the place of this one, with another code; the person is told of it.

    The rest is as it was printed, also while a register is open again. Raises Refused: withdrawn, same_name.
    """
    event = lock_event(Event.objects.get(pk=certificate.source_uuid))
    held = Certificate.objects.select_related("person", "partnership").get(pk=certificate.pk)
    check_name_may_be_corrected(held)
    withdraw_certificates(source=event, people=[held.person_id], reason=OTHER_NAME, by=by, at=at)
    tell_anew(event, [held.person_id], at=at)
    again = Earned(held.person_id, held.course_id, held.title, held.hours, held.awarded_on, held.ended_on)
    issue_certificates(
        source_kind=SourceKind.ATTENDANCE,
        source=event,
        partnership=held.partnership,
        earned=printed_of(event, [again]),
        by=by,
        at=at,
    )
    return Certificate.objects.standing().get(source_uuid=event.pk, person=held.person_id)
