"""Which drafts an officer may approve or excuse. Each answer says why not, and is empty where nothing is against it."""

from __future__ import annotations

from bookings.models import Charge, ChargeState, ChargingSettings
from core.refusals import Refused
from people.models import Person

OWN = "This charge is your own, so another officer deals with it."


def check_is_not_own(charge: Charge, *, by: Person | None) -> None:
    """Raises Refused for an officer's own charge."""
    if _is_own(charge, by):
        raise Refused(OWN, code="own_charge")


def why_not_excused(charge: Charge, *, by: Person | None) -> str:
    if charge.state != ChargeState.DRAFT:
        return "This is no draft any more."
    return OWN if _is_own(charge, by) else ""


def why_not_approved(charge: Charge, *, by: Person | None, settings: ChargingSettings | None) -> str:
    """The partnership's ``settings`` say whether whoever raised a charge may approve it."""
    needs_another = settings is not None and settings.needs_second_person and by is not None and charge.raised_by_id == by.pk
    raised = "You raised this charge, so another officer approves it." if needs_another else ""
    return why_not_excused(charge, by=by) or raised


def _is_own(charge: Charge, by: Person | None) -> bool:
    return by is not None and charge.person_id == by.pk
