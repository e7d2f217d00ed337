"""Making people and changing what we know of them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from allauth.account.models import EmailAddress
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction

from core import audit
from core.refusals import Refused
from core.text import one_line
from people.models import Organisation, OrganisationState, Partnership, Person, PersonChange
from people.policies import check_may_be_deactivated, check_may_decide_on_sign_in
from people.queries import affiliation_with, match_organisation, person_by_address
from people.wording import clean_address

# The audit trail outlives the person: of these it keeps that they changed, never what they were.
PERSONAL = frozenset({"forename", "surname", "manager_email", "job_role", "organisation_text"})
NOT_KEPT = "not kept"

Changes = dict[str, list[Any]]


@transaction.atomic
def ensure_person(*, address: str, at: datetime) -> Person:
    """The person with this address; somebody new if nobody has it.

    Called when a sign-in code is asked for, so the new person has not proved anything yet: people.due forgets those who never do.
    """
    address = _checked_address(address)
    found = person_by_address(address)
    if found:
        return found
    try:
        with transaction.atomic():
            person = _new_person(joined_at=at, made_by_sign_in=True)
            _keep_address(person, address)
    except IntegrityError:  # somebody else asked for the same address at the same moment, and the database let one of us through
        winner = person_by_address(address)
        if winner is None:
            raise
        return winner
    audit.record(action="person made by sign-in", about=person, by=None, at=at)
    return person


@transaction.atomic
def add_person(
    *,
    partnership: Partnership,
    forename: str,
    surname: str,
    address: str,
    organisation_text: str,
    job_role: str,
    manager_email: str,
    organisation: Organisation | None = None,
    by: Person | None,
    at: datetime,
) -> Person:
    """Somebody an officer, a training lead or a trainer names. ``address`` is empty for people without a mailbox of their own.

    ``organisation`` where that is known: then the text is not matched, but kept as it is.

    Raises Refused where the name is missing or somebody has the address already ("address_taken").
    """
    address = _checked_address(address) if address.strip() else ""
    if address and person_by_address(address):
        raise _address_taken()
    person = _new_person(joined_at=at, made_by_sign_in=False)
    if organisation is not None:
        for name, value in affiliation_with(one_line(organisation_text), OrganisationState.MATCHED, organisation).items():
            setattr(person, name, value)
    _set_details(person, partnership, forename, surname, organisation_text, job_role, manager_email)
    person.save()
    person.partnerships.add(partnership)
    if address:
        try:
            with transaction.atomic():
                _keep_address(person, address)
        except IntegrityError as error:
            raise _address_taken() from error
    PersonChange.objects.create(person=person, at=at, by=by, what=PersonChange.What.ADDED)
    audit.record(action="person added", about=person, by=by, at=at, changes={"has_address": [None, bool(address)]})
    return person


@transaction.atomic
def complete_profile(
    *,
    person: Person,
    partnership: Partnership,
    forename: str,
    surname: str,
    organisation_text: str,
    has_no_organisation: bool,
    job_role: str,
    manager_email: str,
    hears_of_places: bool | None = None,
    at: datetime,
) -> Person:
    """The person's own answers, at the first sign-in and whenever they change them. ``hears_of_places`` None: as it is.

    Foster carers, residents and volunteers have no organisation, and no manager to name even where the partnership asks for one.
    """
    if not has_no_organisation and not organisation_text.strip():
        raise Refused(
            "Enter where you work, or choose that you have no organisation",
            code="organisation_missing",
            field="organisation_text",
        )
    if partnership.asks_for_manager and not has_no_organisation and not manager_email.strip():
        raise Refused("Enter your line manager's e-mail address", code="manager_missing", field="manager_email")
    person = Person.objects.select_for_update().get(pk=person.pk)
    is_first = person.profile_done_at is None
    changes = _set_details(
        person, partnership, forename, surname, "" if has_no_organisation else organisation_text, job_role, manager_email
    )
    if is_first:
        person.profile_done_at = at
        person.partnerships.add(partnership)
    person.save()
    if hears_of_places is not None:
        person = set_hearing(person=person, agrees=hears_of_places, by=person, at=at)
    if is_first or changes:
        audit.record(
            action="profile completed" if is_first else "profile changed", about=person, by=person, at=at, changes=changes
        )
    return person


@transaction.atomic
def change_person(
    *,
    person: Person,
    partnership: Partnership,
    forename: str,
    surname: str,
    organisation_text: str,
    job_role: str,
    manager_email: str,
    by: Person | None,
    at: datetime,
) -> Person:
    """An officer's correction. An empty organisation means that the person has none."""
    person = Person.objects.select_for_update().get(pk=person.pk)
    changes = _set_details(person, partnership, forename, surname, organisation_text, job_role, manager_email)
    person.save()
    if changes:
        audit.record(action="person changed", about=person, by=by, at=at, changes=changes)
    return person


@transaction.atomic
def change_address(*, person: Person, address: str, reason: str, by: Person | None, at: datetime) -> None:
    """Give the person this address in place of every one they had; an empty one leaves them without a mailbox.

    Whoever reads the old mailbox must not stay signed in, so the person is signed out everywhere. Raises Refused where the person
    has a role that ``by`` could then take on ("role_elsewhere"), for the address they have ("same_address") and for one that
    somebody else has ("address_taken").
    """
    reason = _checked_reason(reason)
    check_may_decide_on_sign_in(person, by)
    address = _checked_address(address) if address.strip() else ""
    person = Person.objects.select_for_update().get(pk=person.pk)
    owner = person_by_address(address) if address else None
    if owner and owner.pk != person.pk:
        raise _address_taken()
    theirs = EmailAddress.objects.filter(user=person)
    if [one.email for one in theirs] == [address]:
        raise Refused("This is the address they have.", code="same_address", field="address")
    theirs.delete()
    if address:
        try:
            with transaction.atomic():
                _keep_address(person, address)
        except IntegrityError as error:
            raise _address_taken() from error
    _sign_out_everywhere(person)
    PersonChange.objects.create(person=person, at=at, by=by, what=PersonChange.What.ADDRESS, reason=reason)
    audit.record(action="person's address changed", about=person, by=by, at=at, changes={"address": [NOT_KEPT, NOT_KEPT]})


@transaction.atomic
def deactivate_person(*, person: Person, reason: str, by: Person | None, at: datetime) -> None:
    """Stop the person from signing in, at once and on every device. Their bookings and their record stay."""
    reason = _checked_reason(reason)
    check_may_be_deactivated(person, by)
    if person.is_active:
        _set_active(person, False, PersonChange.What.DEACTIVATED, reason, by, at)


@transaction.atomic
def reactivate_person(*, person: Person, reason: str, by: Person | None, at: datetime) -> None:
    """Let the person sign in again."""
    reason = _checked_reason(reason)
    check_may_decide_on_sign_in(person, by)
    if not person.is_active:
        _set_active(person, True, PersonChange.What.REACTIVATED, reason, by, at)


@transaction.atomic
def set_hearing(*, person: Person, agrees: bool, by: Person | None, at: datetime) -> Person:
    """Whether we may write to the person about places they have not asked for. ``by`` None: from the link in such a letter."""
    person = Person.objects.select_for_update().get(pk=person.pk)
    if (person.agreed_to_hear_at is not None) != agrees:
        person.agreed_to_hear_at = at if agrees else None
        person.save(update_fields=["agreed_to_hear_at"])
        audit.record(action="hearing of places changed", about=person, by=by, at=at, changes={"agrees": [not agrees, agrees]})
    return person


@transaction.atomic
def look_after(*, person: Person, partnership: Partnership, by: Person | None, at: datetime) -> None:
    """Let the partnership's officers see the person, whom one of them found by the exact address."""
    if not person.partnerships.filter(pk=partnership.pk).exists():
        person.partnerships.add(partnership)
        audit.record(
            action="person looked after", about=person, by=by, at=at, changes={"partnership": [None, str(partnership.pk)]}
        )


def _new_person(*, joined_at: datetime, made_by_sign_in: bool) -> Person:
    person = Person(joined_at=joined_at, made_by_sign_in=made_by_sign_in)
    person.set_unusable_password()
    person.save()
    return person


def _keep_address(person: Person, address: str) -> None:
    EmailAddress.objects.create(user=person, email=address, primary=True, verified=False)


def _set_active(person: Person, is_active: bool, what: PersonChange.What, reason: str, by: Person | None, at: datetime) -> None:
    person.is_active = is_active
    person.save(update_fields=["is_active"])
    if not is_active:
        _sign_out_everywhere(person)
    PersonChange.objects.create(person=person, at=at, by=by, what=what, reason=reason)
    audit.record(action=f"person {what.value}", about=person, by=by, at=at, changes={"is_active": [not is_active, is_active]})


def _sign_out_everywhere(person: Person) -> None:
    """A session holds a digest of the password; nobody has one, and another unusable one ends every session."""
    person.set_unusable_password()
    person.save(update_fields=["password"])


def _set_details(
    person: Person,
    partnership: Partnership,
    forename: str,
    surname: str,
    organisation_text: str,
    job_role: str,
    manager_email: str,
) -> Changes:
    """Puts the details on the person, unsaved; returns what changed, as the audit trail may keep it."""
    forename, surname, organisation_text = one_line(forename), one_line(surname), one_line(organisation_text)
    if not forename:
        raise Refused("Enter a first name", code="forename_missing", field="forename")
    if not surname:
        raise Refused("Enter a last name", code="surname_missing", field="surname")
    details: dict[str, Any] = {
        "forename": forename[:80],
        "surname": surname[:80],
        "job_role": one_line(job_role)[:120],
        "manager_email": _checked_address(manager_email, field="manager_email") if manager_email.strip() else "",
    }
    # What an officer settled by hand stays settled while the person's words are the same.
    if organisation_text != person.organisation_text or person.organisation_state == OrganisationState.UNMATCHED:
        details |= match_organisation(partnership=partnership, text=organisation_text)
    changes = {}
    for field, value in details.items():
        before = getattr(person, field)
        if before != value:
            setattr(person, field, value)
            changes[field] = [NOT_KEPT, NOT_KEPT] if field in PERSONAL else [_plain(before), _plain(value)]
    return changes


def _plain(value: Any) -> Any:
    return str(value) if value is not None else None


def _checked_reason(reason: str) -> str:
    reason = one_line(reason)
    if not reason:
        raise Refused("Say why, in a few words", code="reason_missing", field="reason")
    return reason[:300]


def _checked_address(address: str, field: str = "address") -> str:
    address = clean_address(address)
    try:
        validate_email(address)
    except ValidationError as error:
        raise Refused("Enter an e-mail address like name@school.example", code="address_not_valid", field=field) from error
    return address


def _address_taken() -> Refused:
    return Refused(
        "Somebody with this e-mail address is here already. Search for the address to find them.",
        code="address_taken",
        field="address",
    )
