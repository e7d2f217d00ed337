"""Charging is switched on, a policy has versions, and bookings keep the one they accepted."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import datetime, time, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, connections, transaction

from bookings.charging import COMMONEST, Policy, flat
from bookings.charging.reading import (
    accepted,
    cancelled_in_time,
    consequence_of_cancelling,
    payer_class_of,
    terms_of,
    terms_of_booking,
    version_in_force,
)
from bookings.models import (
    BillingDetails,
    ChargingSettings,
    OrganisationClass,
    PayerClass,
    PolicyVersion,
    Rate,
    Trigger,
)
from bookings.operations import publish_policy, record_billing_details, set_payer_class, switch_charges
from core.clock import london_date, london_instant
from core.models import AuditEntry
from core.refusals import Refused
from people.models import OrganisationState, PartnerAgency
from people.queries import affiliation_of
from tests.bookings.published_policies import PUBLISHED
from tests.factories.bookings import BookingFactory, bookable_event
from tests.factories.charging import accepted_booking, charging, priced_event
from tests.factories.people import OrganisationFactory, OtherPartnershipFactory, PartnershipFactory, PersonFactory, officer

pytestmark = pytest.mark.django_db
DEARER = replace(COMMONEST, rates=(flat(Trigger.LATE_CANCELLATION, 90, notice=2),))


def refusal(action, **kwargs) -> tuple[str, str | None]:
    with pytest.raises(Refused) as refused:
        action(**kwargs)
    return refused.value.code, refused.value.field


def test_nothing_is_charged_until_a_partnership_switches_it_on(at, django_assert_num_queries):
    event, person = bookable_event(), PersonFactory()
    publish_policy(partnership=event.lead_host, policy=COMMONEST, by=None, at=at)
    affiliation = affiliation_of(person)
    with django_assert_num_queries(1):
        assert accepted(event, affiliation, version_in_force(event.lead_host_id, at)) == {}
    assert terms_of_booking(event, person, at) is None
    booking = BookingFactory(event=event, person=person)
    assert (terms_of(booking, at), consequence_of_cancelling(booking, at)) == (None, None)
    switch_charges(partnership=event.lead_host, is_on=True, by=officer(), at=at)
    assert set(accepted(event, affiliation, version_in_force(event.lead_host_id, at))) == {"policy_version", "payer_class"}
    assert consequence_of_cancelling(booking, at) is None  # it was made before


def test_charges_cannot_be_switched_on_without_a_policy(at):
    assert refusal(switch_charges, partnership=PartnershipFactory(), is_on=True, by=None, at=at) == ("no_policy", "is_on")
    assert not ChargingSettings.objects.filter(is_on=True).exists()


def test_switching_leaves_a_trace(at):
    publish_policy(partnership=PartnershipFactory(), policy=COMMONEST, by=None, at=at)
    switch_charges(partnership=PartnershipFactory(), is_on=True, needs_second_person=True, by=officer(), at=at)
    entry = AuditEntry.objects.get(action="charges switched")
    assert entry.changes == {"is_on": [False, True], "needs_second_person": [False, True]}


@pytest.mark.both_databases
def test_saving_makes_the_next_version_and_leaves_the_last_as_it_was(at):
    first = publish_policy(partnership=PartnershipFactory(), policy=COMMONEST, by=None, at=at)
    second = publish_policy(partnership=PartnershipFactory(), policy=DEARER, by=None, at=at + timedelta(days=1))
    elsewhere = publish_policy(partnership=OtherPartnershipFactory(), policy=COMMONEST, by=None, at=at)
    assert [version.number for version in (first, second, elsewhere)] == [1, 2, 1]
    first.refresh_from_db()
    assert Policy.of(first).rates == COMMONEST.rates
    assert Policy.of(second).rates == DEARER.rates


def test_the_same_policy_again_makes_no_version(at):
    publish_policy(partnership=PartnershipFactory(), policy=COMMONEST, by=None, at=at)
    assert refusal(publish_policy, partnership=PartnershipFactory(), policy=COMMONEST, by=None, at=at)[0] == "nothing_changed"
    assert PolicyVersion.objects.count() == 1


def test_a_policy_that_cannot_hold_is_not_saved(at):
    minus_one_day = replace(COMMONEST, notice=-1)
    asked = {"partnership": PartnershipFactory(), "by": None, "at": at}
    assert refusal(publish_policy, policy=minus_one_day, **asked) == ("notice_negative", "notice")
    overlapping = replace(COMMONEST, rates=(*COMMONEST.rates, *COMMONEST.rates))
    assert refusal(publish_policy, policy=overlapping, **asked) == ("tiers_overlap", "rates")
    yesterday = at - timedelta(days=1)
    assert refusal(publish_policy, policy=COMMONEST, in_force_from=yesterday, **asked) == ("in_the_past", "in_force_from")
    assert not PolicyVersion.objects.exists()


def test_a_policy_that_is_to_begin_today_begins_now(at):
    midnight = london_instant(datetime.combine(london_date(at), time()))
    begun = publish_policy(partnership=PartnershipFactory(), policy=COMMONEST, by=None, at=at, in_force_from=midnight)
    assert begun.in_force_from == at


@pytest.mark.both_databases
def test_a_version_that_begins_later_counts_from_then_on(at):
    now = charging(at=at)
    later = publish_policy(partnership=PartnershipFactory(), policy=DEARER, by=None, at=at, in_force_from=at + timedelta(days=30))
    begins = later.in_force_from
    assert version_in_force(PartnershipFactory(), begins - timedelta(seconds=1)) == now
    assert version_in_force(PartnershipFactory(), begins) == later
    assert version_in_force(PartnershipFactory(), at - timedelta(seconds=1)) is None


@pytest.mark.both_databases
def test_a_policy_changed_after_a_booking_was_made_leaves_it_as_it_was(at):
    charging(at=at)
    booking = accepted_booking(at=at)
    publish_policy(partnership=booking.event.lead_host, policy=DEARER, by=None, at=at + timedelta(days=1))
    late = booking.event.sessions.get().starts_at - timedelta(hours=1)
    assert consequence_of_cancelling(booking, late).cost.amount == 50
    newer = accepted_booking(event=booking.event, at=at + timedelta(days=1))
    assert consequence_of_cancelling(newer, late).cost.amount == 90
    request = accepted_booking(event=booking.event, at=at, status="requested")
    assert consequence_of_cancelling(request, late) is None


@pytest.mark.both_databases
def test_the_notice_accepted_decides_what_is_in_time(at):
    charging(at=at)
    booking = accepted_booking(at=at)
    edge = consequence_of_cancelling(booking, at).deadline
    assert edge.isoformat() == "2027-01-23T00:00:00+00:00"
    second = timedelta(seconds=1)
    assert (cancelled_in_time(booking, edge - second), cancelled_in_time(booking, edge)) == (True, False)
    without = BookingFactory(event=booking.event)
    start = booking.event.sessions.get().starts_at
    assert (cancelled_in_time(without, start - second), cancelled_in_time(without, start)) == (True, False)


def test_what_booking_costs_is_said_before_it_is_done(at):
    charging(PUBLISHED["Greenwich"], at=at)
    event, person = bookable_event(), PersonFactory()
    free = terms_of_booking(event, person, at)
    assert (free.attending.amount, free.asks_for_billing, free.can_cost) == (0, False, True)
    assert (free.free_until_words, free.is_late_already) == ("the end of Sunday 24 January 2027", False)
    assert [tier.cost.words for tier in free.late] == ["Less than 2 days before: £80 for a full day"]
    assert free.absence.words == "Did not attend: £80 for a full day"
    set_payer_class(partnership=event.lead_host, organisation=person.organisation, payer_class=PayerClass.PRIVATE, by=None, at=at)
    paying = terms_of_booking(event, person, at)
    assert (paying.attending.words, paying.asks_for_billing) == ("Attending: £100 for a full day", True)
    assert terms_of_booking(event, person, event.sessions.get().starts_at - timedelta(hours=2)).is_late_already


def test_a_share_is_of_the_events_course_cost(at):
    charging(PUBLISHED["Plymouth"], at=at)
    terms = terms_of_booking(priced_event(80), PersonFactory(), at)
    assert (terms.attending.amount, terms.absence.amount) == (80, 80)
    assert terms_of_booking(priced_event(), PersonFactory(), at).asks_for_billing is False


def test_who_pays_as_what_is_said_or_worked_out(at):
    partnership = PartnershipFactory()
    partner, other, said = OrganisationFactory(), OrganisationFactory(), OrganisationFactory()
    PartnerAgency.objects.create(partnership=partnership, organisation=partner)
    set_payer_class(partnership=partnership, organisation=said, payer_class=PayerClass.SCHOOL, by=officer(), at=at)
    matched = OrganisationState.MATCHED
    assert payer_class_of(partnership, partner.pk, matched) == PayerClass.PARTNER
    assert payer_class_of(partnership, other.pk, matched) == PayerClass.OTHER
    assert payer_class_of(partnership, said.pk, matched) == PayerClass.SCHOOL
    assert payer_class_of(OtherPartnershipFactory(), said.pk, matched) == PayerClass.OTHER
    assert payer_class_of(partnership, None, OrganisationState.NONE) == PayerClass.INDIVIDUAL
    assert payer_class_of(partnership, None, OrganisationState.UNMATCHED) == PayerClass.OTHER
    set_payer_class(partnership=partnership, organisation=said, payer_class="", by=officer(), at=at)
    assert not OrganisationClass.objects.exists()
    assert AuditEntry.objects.filter(action="payer class set").count() == 2
    asked = {"partnership": partnership, "organisation": said, "by": None, "at": at}
    assert refusal(set_payer_class, payer_class="king", **asked) == ("choice_unknown", "payer_class")


def test_an_organisation_matched_later_settles_what_its_booking_pays_as(at):
    charging(PUBLISHED["Greenwich"], at=at)
    person = PersonFactory(
        organisation=None, organisation_state=OrganisationState.UNMATCHED, organisation_text="Acme", sector=None, borough=None
    )
    booking = accepted_booking(at=at, person=person)
    assert booking.payer_class == ""
    acme = OrganisationFactory()
    set_payer_class(partnership=booking.event.lead_host, organisation=acme, payer_class=PayerClass.PRIVATE, by=None, at=at)
    assert terms_of(booking, at).attending.amount == 0
    booking.organisation, booking.sector, booking.organisation_state = acme, acme.sector, OrganisationState.MATCHED
    booking.save()
    assert terms_of(booking, at).attending.amount == 100


def test_where_the_bill_goes_is_asked_once_and_can_be_put_right(at):
    booking = BookingFactory()
    asked = {"booking": booking, "by": booking.person, "at": at}
    record_billing_details(pays_by="invoice", invoice_to="Finance\nteam", invoice_email="Pay@School.example", **asked)
    record_billing_details(pays_by="internal_recharge", cost_code="C-100", purchase_order="PO 7", vat_code="S", **asked)
    details = BillingDetails.objects.get()
    assert (details.pays_by, details.cost_code, details.purchase_order, details.vat_code, details.invoice_to) == (
        "internal_recharge",
        "C-100",
        "PO 7",
        "S",
        "",
    )
    assert "C-100" not in str(list(AuditEntry.objects.values_list("changes", flat=True)))


@pytest.mark.parametrize(
    ("answers", "code"),
    [
        ({"pays_by": "cowries"}, "choice_unknown"),
        ({"pays_by": "internal_recharge"}, "cost_code_missing"),
        ({"pays_by": "invoice", "invoice_email": "a@b.example"}, "invoice_to_missing"),
        ({"pays_by": "invoice", "invoice_to": "Finance"}, "address_missing"),
    ],
)
def test_a_bill_that_cannot_arrive_is_refused(at, answers, code):
    assert refusal(record_billing_details, booking=BookingFactory(), by=None, at=at, **answers)[0] == code


RATE = {"trigger": "late_cancellation", "payer_class": "", "notice": 2, "half_day": Decimal(5), "day": Decimal(5)}


@pytest.mark.both_databases
@pytest.mark.parametrize(
    "wrong",
    [
        {"half_day": None, "day": None},
        {"half_day": None},
        {"percent_of_fee": 50},
        {"half_day": Decimal(-1)},
        {"half_day": None, "day": None, "percent_of_fee": 101},
        {"notice": None},
        {"trigger": "absence"},
        {"trigger": "sneezing", "notice": None},
        {"payer_class": "king"},
    ],
)
def test_the_database_takes_no_amount_that_is_none(at, wrong):
    version = charging(at=at)
    Rate.objects.all().delete()
    with pytest.raises(IntegrityError), transaction.atomic():
        Rate.objects.create(version=version, **{**RATE, **wrong})
    Rate.objects.create(version=version, **RATE)


@pytest.mark.both_databases
@pytest.mark.parametrize("rate", [RATE, {**RATE, "trigger": "absence", "notice": None}])
def test_the_database_takes_no_tier_twice(at, rate):
    version = charging(at=at)
    Rate.objects.all().delete()
    Rate.objects.create(version=version, **rate)
    with pytest.raises(IntegrityError), transaction.atomic():
        Rate.objects.create(version=version, **rate)


@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
def test_two_officers_who_save_at_once_make_two_versions(at):
    if connection.vendor == "sqlite":
        pytest.skip("SQLite writes one after the other from the start")
    partnership, failed = PartnershipFactory(), []

    def save(amount: int) -> None:
        policy = replace(COMMONEST, rates=(flat(Trigger.LATE_CANCELLATION, amount, notice=2),))
        try:
            publish_policy(partnership=partnership, policy=policy, by=None, at=at)
        except Exception as error:
            failed.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=save, args=(amount,)) for amount in (10, 20, 30, 40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert sorted(PolicyVersion.objects.values_list("number", flat=True)) == [1, 2, 3, 4]
