"""A charge is a draft until an officer approves it, is reversed and never deleted."""

from __future__ import annotations

import ast
import threading
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django.db import IntegrityError, connection, connections, transaction

from bookings.charging import COMMONEST
from bookings.due import draft_fees, draft_late_cancellations, take_back_fees
from bookings.models import (
    Booking,
    Charge,
    ChargeChange,
    ChargeKind,
    ChargeList,
    ChargeState,
    ExcuseReason,
    InvoiceTiming,
    PayerClass,
)
from bookings.operations import (
    add_extra_charge,
    approve_charges,
    cancel_bookable_event,
    cancel_booking,
    draft_absence,
    draft_fee,
    draft_late_cancellation,
    excuse_charges,
    list_for_finance,
    restore_charge,
    reverse_charge,
    set_course_cost,
    set_payer_class,
    switch_charges,
    undo_absence,
    work_out_again,
)
from core.models import AuditEntry
from core.refusals import Refused
from events.queries import ends_at, starts_at
from tests.architecture.rooms import ROOT
from tests.bookings.published_policies import PUBLISHED
from tests.factories.bookings import bookable_event
from tests.factories.charging import accepted_booking, cancelled_late, charging, priced_event
from tests.factories.people import OtherPartnershipFactory, PartnershipFactory, PersonFactory, officer

pytestmark = pytest.mark.django_db


def refusal(action, **kwargs) -> tuple[str, str | None]:
    with pytest.raises(Refused) as refused:
        action(**kwargs)
    return refused.value.code, refused.value.field


def approve(*charges: Charge, by=None, at):
    return approve_charges(partnership=PartnershipFactory(), charges=[charge.pk for charge in charges], by=by or officer(), at=at)


def excuse(*charges: Charge, at, by=None, reason=ExcuseReason.SICKNESS, note=""):
    ids = [charge.pk for charge in charges]
    return excuse_charges(partnership=PartnershipFactory(), charges=ids, reason=reason, note=note, by=by or officer(), at=at)


def states() -> list[tuple[str, str, Decimal]]:
    return sorted(Charge.objects.values_list("kind", "state", "amount"))


# Drafting


@pytest.mark.both_databases
def test_an_event_that_is_called_off_charges_nobody_who_cancelled_late(at):
    charging(at=at)
    draft, approved = cancelled_late(at=at), cancelled_late(at=at)
    approve(approved, at=at)
    for charge in (draft, approved):
        cancel_bookable_event(event=charge.event, reason="The trainer is ill.", by=officer(), at=at)
    draft.refresh_from_db()
    assert (draft.state, draft.excused_reason) == ("excused", "correction")
    assert Charge.objects.get(reverses=approved).amount == -approved.amount


@pytest.mark.both_databases
def test_cancelling_late_makes_a_draft_that_says_how_it_came_about(at):
    charging(at=at)
    charge = cancelled_late(at=at)
    assert (charge.kind, charge.state, charge.amount) == ("late_cancellation", "draft", 50)
    assert charge.workings == "Less than 2 working days before: 1 day at £50"
    assert (charge.payer_class, charge.organisation) == (PayerClass.OTHER, charge.booking.organisation)
    assert charge.invoice_on == date(2027, 2, 1)
    change = ChargeChange.objects.get()
    assert (change.from_state, change.to_state, change.by) == ("", "draft", charge.person)


@pytest.mark.both_databases
def test_the_second_decides_whether_a_cancellation_costs(at):
    charging(at=at)
    drafts = []
    for second in (-1, 0):
        booking = accepted_booking(at=at)
        when = starts_at(booking.event).replace(day=23, hour=0, minute=0) + timedelta(seconds=second)
        cancel_booking(booking=booking, cancelled_by="delegate", by=booking.person, at=when)
        booking.refresh_from_db()
        drafts.append((booking.cancelled_in_time, booking.charges.first()))
    assert drafts[0] == (True, None)
    assert (drafts[1][0], drafts[1][1].amount) == (False, 50)


@pytest.mark.both_databases
def test_the_same_charge_is_drafted_once(at):
    charging(at=at)
    charge = cancelled_late(at=at)
    again = draft_late_cancellation(booking=charge.booking, by=None, at=starts_at(charge.event) - timedelta(minutes=1))
    assert again == charge
    assert (Charge.objects.count(), ChargeChange.objects.count()) == (1, 1)


def test_an_organisers_cancellation_never_costs(at):
    charging(at=at)
    booking = accepted_booking(at=at)
    late = starts_at(booking.event) - timedelta(hours=1)
    cancel_booking(booking=booking, cancelled_by="organiser", by=officer(), at=late)
    assert draft_late_cancellation(booking=booking, by=officer(), at=late) is None
    assert states() == []


def test_leaving_the_waiting_list_never_costs(at):
    charging(at=at)
    booking = accepted_booking(at=at, status="waiting", queue_number=1)
    late = starts_at(booking.event) - timedelta(hours=1)
    cancel_booking(booking=booking, cancelled_by="delegate", by=booking.person, at=late)
    assert draft_late_cancellation(booking=booking, by=None, at=late) is None


def test_a_booking_from_before_charging_and_one_after_it_was_switched_off_cost_nothing(at):
    before = accepted_booking(at=at)
    charging(at=at)
    after = accepted_booking(at=at)
    late = starts_at(before.event) - timedelta(hours=1)
    cancel_booking(booking=before, cancelled_by="delegate", by=before.person, at=late)
    switch_charges(partnership=PartnershipFactory(), is_on=False, by=officer(), at=late)
    cancel_booking(booking=after, cancelled_by="delegate", by=after.person, at=late)
    assert states() == []


@pytest.mark.parametrize(
    ("timing", "on"),
    [
        (InvoiceTiming.AFTER_24_HOURS, date(2027, 1, 27)),
        (InvoiceTiming.WITHIN_2_WEEKS, date(2027, 2, 9)),
        (InvoiceTiming.MONTHLY, date(2027, 2, 1)),
        (InvoiceTiming.AT_BOOKING, date(2027, 1, 26)),
    ],
)
def test_the_policy_says_when_it_is_invoiced(at, timing, on):
    charging(at=at, invoice_timing=timing)
    assert cancelled_late(at=at).invoice_on == on


@pytest.mark.both_databases
def test_a_fee_is_drafted_when_the_event_has_ended(at, django_assert_max_num_queries):
    charging(PUBLISHED["Plymouth"], at=at)
    booking = accepted_booking(event=priced_event(120), at=at)
    end = ends_at(booking.event)
    assert (draft_fees(end - timedelta(seconds=1)), draft_fees(end), draft_fees(end)) == (0, 1, 0)
    assert states() == [("fee", "draft", 120)]
    with django_assert_max_num_queries(2):
        draft_fees(end + timedelta(days=1))


def test_a_fee_that_is_invoiced_at_booking_is_drafted_at_once_and_goes_with_the_booking(at):
    charging(PUBLISHED["Croydon"], at=at)
    person = PersonFactory()
    set_payer_class(partnership=PartnershipFactory(), organisation=person.organisation, payer_class="out_of_area", by=None, at=at)
    booking = accepted_booking(event=priced_event(60), person=person, at=at)
    accepted_booking(event=booking.event, at=at)  # from the area: free
    assert draft_fees(at) == 1
    approve(*Charge.objects.all(), at=at)
    assert take_back_fees(at) == 0
    cancel_booking(booking=booking, cancelled_by="delegate", by=person, at=at)
    assert states() == [("credit", "draft", -60), ("fee", "approved", 60)]
    assert take_back_fees(at) == 0


@pytest.mark.parametrize("name", ["Greenwich", "Leeds", "Cambridgeshire"])
def test_whoever_attends_free_of_charge_gets_no_fee(at, name, django_assert_num_queries):
    charging(PUBLISHED[name], at=at)
    end = ends_at(accepted_booking(at=at).event)
    with django_assert_num_queries(1):
        assert draft_fees(end) == 0


def test_a_fee_that_was_a_draft_is_excused_when_the_place_is_given_back(at):
    charging(PUBLISHED["Plymouth"], at=at, invoice_timing=InvoiceTiming.AT_BOOKING)
    booking = accepted_booking(event=priced_event(60), at=at)
    draft_fee(booking=booking, at=at)
    late = starts_at(booking.event) - timedelta(hours=1)
    cancel_booking(booking=booking, cancelled_by="delegate", by=booking.person, at=late)
    assert states() == [("fee", "excused", 60), ("late_cancellation", "draft", 60)]
    assert take_back_fees(late) == 0


def test_not_coming_replaces_a_lower_fee_and_leaves_a_higher_one(at):
    charging(PUBLISHED["Greenwich"], at=at)
    private, free = PersonFactory(), PersonFactory()
    set_payer_class(partnership=PartnershipFactory(), organisation=private.organisation, payer_class="private", by=None, at=at)
    event = bookable_event()
    paying, not_paying = (accepted_booking(event=event, person=person, at=at) for person in (private, free))
    end = ends_at(event)
    assert draft_fees(end) == 1
    assert draft_absence(booking=paying, at=end) is None  # £100 for coming, £80 for not coming: nobody pays twice
    assert draft_absence(booking=not_paying, at=end).amount == 80
    assert states() == [("absence", "draft", 80), ("fee", "draft", 100)]


def test_a_corrected_register_takes_back_the_charge_and_brings_back_the_fee(at):
    charging(
        replace(PUBLISHED["Greenwich"], rates=(*PUBLISHED["Brent"].rates, *PUBLISHED["Plymouth"].rates[:1])), at=at, notice=7
    )
    booking = accepted_booking(event=priced_event(30), at=at)
    end = ends_at(booking.event)
    draft_fees(end)
    draft_absence(booking=booking, at=end)
    assert states() == [("absence", "draft", 50), ("fee", "excused", 30)]
    assert draft_fees(end) == 0
    undo_absence(booking=booking, at=end)
    assert states() == [("absence", "excused", 50), ("fee", "draft", 30)]
    draft_absence(booking=booking, at=end)
    assert states() == [("absence", "draft", 50), ("fee", "excused", 30)]
    approve(*Charge.objects.filter(state="draft"), at=end)
    undo_absence(booking=booking, at=end)
    undo_absence(booking=booking, at=end)
    assert states() == [("absence", "approved", 50), ("credit", "draft", -50), ("fee", "draft", 30)]


def test_what_an_officer_excused_is_not_drafted_again(at):
    charging(at=at)
    booking = accepted_booking(at=at)
    end = ends_at(booking.event)
    excuse(draft_absence(booking=booking, at=end), at=end, reason=ExcuseReason.CORRECTION)
    assert draft_absence(booking=booking, at=end).state == ChargeState.EXCUSED


def test_an_extra_cost_is_added_by_hand(at):
    booking = accepted_booking(at=at)
    asked = {"booking": booking, "what": "Interpreter, 3 hours", "by": officer(), "at": at}
    assert refusal(add_extra_charge, amount=Decimal(90), **asked) == ("charges_off", None)
    charging(at=at)
    assert refusal(add_extra_charge, amount=Decimal(0), **asked) == ("amount_out_of_range", "amount")
    assert refusal(add_extra_charge, amount=Decimal(90), **{**asked, "what": " "}) == ("no_reason", "what")
    charge = add_extra_charge(amount=Decimal(90), **asked)
    assert (charge.kind, charge.amount, charge.workings) == ("extra", 90, "Interpreter, 3 hours: £90")
    add_extra_charge(amount=Decimal(20), **asked)
    assert Charge.objects.count() == 2


@pytest.mark.both_databases
def test_a_late_cancellation_is_charged_once_the_course_cost_is_known(at):
    charging(PUBLISHED["Salford Care"], at=at, who_may_cancel="anybody")
    event = priced_event()
    late, early = accepted_booking(event=event, at=at), accepted_booking(event=event, at=at)
    cancel_booking(booking=early, cancelled_by="delegate", by=early.person, at=at)
    cancelled_at = starts_at(event) - timedelta(hours=1)
    cancel_booking(booking=late, cancelled_by="delegate", by=late.person, at=cancelled_at)
    assert (states(), draft_late_cancellations(cancelled_at)) == ([], 0)
    set_course_cost(event=event, fee=Decimal(80), by=None, at=ends_at(event))
    assert (draft_late_cancellations(ends_at(event)), draft_late_cancellations(ends_at(event))) == (1, 0)
    charge = Charge.objects.get()
    assert (charge.booking, charge.amount) == (late, 80)
    assert charge.workings == "Less than 2 working days before: the full course cost of £80"


def test_nothing_more_is_charged_for_an_event_that_was_called_off(at):
    charging(PUBLISHED["Salford Care"], at=at, who_may_cancel="anybody")
    event = priced_event()
    booking, late = accepted_booking(event=event, at=at), starts_at(event) - timedelta(hours=1)
    cancel_booking(booking=booking, cancelled_by="delegate", by=booking.person, at=late)
    cancel_bookable_event(event=event, reason="Snow", by=officer(), at=late)
    set_course_cost(event=event, fee=Decimal(80), by=None, at=late)
    assert (draft_late_cancellations(late), states()) == (0, [])


def test_what_was_offered_and_given_back_is_not_charged_afterwards(at):
    charging(at=at)
    booking = accepted_booking(at=at, status="offered", offered_until=at + timedelta(days=30))
    late = starts_at(booking.event) - timedelta(hours=1)
    cancel_booking(booking=booking, cancelled_by="delegate", by=booking.person, at=late)
    assert (draft_late_cancellations(late), states()) == (0, [])


def test_a_draft_is_worked_out_again_as_another_payer_class(at):
    charging(PUBLISHED["Wirral"], at=at)
    charge = cancelled_late(at=at, event=priced_event(120))
    assert charge.amount == 90
    asked = {"charge": charge, "by": officer(), "at": at}
    assert refusal(work_out_again, payer_class="school", reason=" ", **asked) == ("no_reason", "reason")
    assert refusal(work_out_again, payer_class="king", reason="It is", **asked) == ("choice_unknown", "payer_class")
    again = work_out_again(payer_class="school", reason="It is a school", **asked)
    assert (again.amount, again.workings) == (120, "Less than 3 working days before: the full course cost of £120")
    assert Booking.objects.get().payer_class == "school"
    assert ChargeChange.objects.filter(reason="Worked out again, £90 to £120: It is a school").count() == 1
    approve(again, at=at)
    assert refusal(work_out_again, payer_class="other", reason="No", **asked)[0] == "not_a_draft"


def test_a_draft_that_comes_to_nothing_is_excused(at):
    charging(PUBLISHED["Staffordshire"], at=at)
    charge = cancelled_late(at=at, event=priced_event(50))
    again = work_out_again(charge=charge, payer_class="partner", reason="Statutory", by=officer(), at=at)
    assert (again.state, again.excused_reason, again.excused_note) == ("excused", "correction", "Statutory")


def test_what_was_given_by_hand_and_ones_own_are_not_worked_out_again(at):
    charging(at=at)
    by = officer()
    extra = add_extra_charge(booking=accepted_booking(at=at), amount=Decimal(9), what="Lunch", by=by, at=at)
    own = cancelled_late(at=at, person=by)
    for charge, code in ((extra, "by_hand"), (own, "own_charge")):
        assert refusal(work_out_again, charge=charge, payer_class="other", reason="No", by=by, at=at)[0] == code


# Approving, excusing, reversing


@pytest.mark.both_databases
def test_an_officer_approves_and_the_list_for_finance_takes_it(at):
    charging(at=at)
    charge, by = cancelled_late(at=at), officer()
    dealt = approve(charge, by=by, at=at)
    assert [one.pk for one in dealt.done] == [charge.pk]
    charge.refresh_from_db()
    assert (charge.state, charge.approved_by, charge.approved_at) == ("approved", by, at)
    made = list_for_finance(partnership=PartnershipFactory(), by=by, at=at)
    charge.refresh_from_db()
    assert (made.number, charge.state, charge.charge_list) == (1, "listed", made)
    assert refusal(list_for_finance, partnership=PartnershipFactory(), by=by, at=at)[0] == "nothing_to_list"
    steps = ChargeChange.objects.filter(charge=charge).values_list("from_state", "to_state")
    assert sorted(steps) == [("", "draft"), ("approved", "listed"), ("draft", "approved")]
    assert AuditEntry.objects.filter(object_id=str(charge.pk)).count() == 3


def test_only_what_is_due_goes_into_the_list(at):
    charging(at=at)
    early, later = cancelled_late(at=at), cancelled_late(at=at)
    Charge.objects.filter(pk=later.pk).update(invoice_on=date(2027, 3, 1))
    approve(early, later, at=at)
    list_for_finance(partnership=PartnershipFactory(), by=officer(), at=at, due_by=date(2027, 2, 28))
    assert set(Charge.objects.filter(state="listed")) == {early}
    assert list_for_finance(partnership=PartnershipFactory(), by=officer(), at=at).number == 2


def test_a_second_person_approves_where_the_partnership_wants_it(at):
    charging(at=at)
    raiser = officer()
    charge = cancelled_late(at=at, by=raiser)
    switch_charges(partnership=PartnershipFactory(), is_on=True, needs_second_person=True, by=None, at=at)
    assert approve(charge, by=raiser, at=at).reasons == {"You raised this charge, so another officer approves it.": 1}
    assert len(approve(charge, by=officer(), at=at).done) == 1


def test_without_that_rule_the_same_person_approves(at):
    charging(at=at)
    raiser = officer()
    assert len(approve(cancelled_late(at=at, by=raiser), by=raiser, at=at).done) == 1


def test_nobody_deals_with_a_charge_of_their_own(at):
    charging(at=at)
    own = cancelled_late(at=at, person=officer())
    sentence = "This charge is your own, so another officer deals with it."
    assert approve(own, by=own.person, at=at).reasons == {sentence: 1}
    assert excuse(own, by=own.person, at=at).reasons == {sentence: 1}
    approve(own, at=at)
    assert refusal(reverse_charge, charge=own, reason="Mine", by=own.person, at=at)[0] == "own_charge"


@pytest.mark.both_databases
def test_many_are_excused_at_once_with_a_reason_and_by_whom(at):
    charging(at=at)
    by = officer()
    charges = [cancelled_late(at=at) for _ in range(3)]
    approve(charges[0], at=at)
    dealt = excuse(*charges, by=by, at=at, reason=ExcuseReason.OPERATIONAL_DUTY, note="Called to court")
    assert (len(dealt.done), dealt.reasons) == (2, {"This is no draft any more.": 1})
    excused = Charge.objects.filter(state="excused").values_list("excused_reason", "excused_note", "excused_by", "excused_at")
    assert list(excused) == [("operational_duty", "Called to court", by.pk, at)] * 2
    assert ChargeChange.objects.filter(to_state="excused", reason="Operational duty: Called to court").count() == 2


def test_excusing_needs_a_known_reason_and_other_needs_a_note(at):
    charging(at=at)
    charge = cancelled_late(at=at)
    asked = {"partnership": PartnershipFactory(), "charges": [charge.pk], "by": officer(), "at": at}
    assert refusal(excuse_charges, reason="hangover", **asked) == ("choice_unknown", "reason")
    assert refusal(excuse_charges, reason="other", note="  ", **asked) == ("no_reason", "note")


def test_the_accepted_policy_says_for_what_a_charge_is_excused(at):
    charging(PUBLISHED["North Yorkshire"], at=at)
    charge = cancelled_late(at=at)
    dealt = excuse(charge, at=at, reason=ExcuseReason.BEREAVEMENT)
    assert dealt.reasons == {"The policy they accepted does not excuse for “bereavement”.": 1}
    assert len(excuse(charge, at=at, reason=ExcuseReason.SICKNESS).done) == 1


def test_an_excused_charge_can_be_a_draft_again_with_a_reason(at):
    charging(at=at)
    charge = cancelled_late(at=at)
    assert refusal(restore_charge, charge=charge, reason="No", by=officer(), at=at)[0] == "not_excused"
    excuse(charge, at=at)
    assert refusal(restore_charge, charge=charge, reason="", by=officer(), at=at) == ("no_reason", "reason")
    back = restore_charge(charge=charge, reason="She was seen at the beach", by=officer(), at=at)
    assert (back.state, back.excused_reason, back.excused_at, back.excused_by) == ("draft", "", None, None)


@pytest.mark.both_databases
def test_an_approved_charge_is_taken_back_by_a_credit_and_stays(at):
    charging(at=at)
    charge, by = cancelled_late(at=at), officer()
    asked = {"charge": charge, "by": by, "at": at}
    assert refusal(reverse_charge, reason="Wrong", **asked)[0] == "not_approved"
    approve(charge, at=at)
    list_for_finance(partnership=PartnershipFactory(), by=by, at=at)
    assert refusal(reverse_charge, reason="", **asked) == ("no_reason", "reason")
    credit = reverse_charge(reason="She had told us", **asked)
    assert (credit.kind, credit.amount, credit.state, credit.reverses) == ("credit", -50, "draft", charge)
    assert credit.workings == "Takes back late cancellation of £50: She had told us"
    assert refusal(reverse_charge, reason="Again", **asked)[0] == "already_credited"
    assert refusal(reverse_charge, **{**asked, "charge": credit}, reason="No")[0] == "is_credit"
    approve(credit, at=at)
    list_for_finance(partnership=PartnershipFactory(), by=by, at=at)
    assert states() == [("credit", "listed", -50), ("late_cancellation", "listed", 50)]


def test_a_credit_that_was_excused_can_be_made_again_but_not_twice(at):
    charging(at=at)
    charge, by = cancelled_late(at=at), officer()
    approve(charge, at=at)
    first = reverse_charge(charge=charge, reason="Wrong", by=by, at=at)
    excuse(first, at=at, reason=ExcuseReason.OTHER, note="It was right")
    reverse_charge(charge=charge, reason="Wrong after all", by=by, at=at)
    assert refusal(restore_charge, charge=first, reason="Both", by=by, at=at)[0] == "already_credited"


def test_another_partnerships_charges_are_left_alone(at):
    charging(at=at)
    charge = cancelled_late(at=at)
    elsewhere = OtherPartnershipFactory()
    dealt = approve_charges(partnership=elsewhere, charges=[charge.pk], by=officer(), at=at)
    assert (dealt.done, dealt.left) == ([], [])
    assert refusal(list_for_finance, partnership=elsewhere, by=officer(), at=at)[0] == "nothing_to_list"


# What the database keeps


@pytest.mark.both_databases
@pytest.mark.parametrize(
    "wrong",
    [
        {"amount": Decimal(0)},
        {"amount": Decimal(-5)},
        {"workings": ""},
        {"kind": "bribe"},
        {"state": "lost"},
        {"payer_class": "king"},
        {"state": "approved"},
        {"state": "excused"},
        {"state": "listed"},
        {"excused_reason": "sickness"},
        {"booking": None},
        {"kind": "credit"},
        {"kind": "credit", "amount": Decimal(-5)},
    ],
)
def test_the_database_takes_no_charge_that_can_not_be(at, wrong):
    charging(at=at)
    charge = cancelled_late(at=at)
    with pytest.raises(IntegrityError), transaction.atomic():
        Charge.objects.filter(pk=charge.pk).update(**wrong)


@pytest.mark.both_databases
def test_the_database_takes_one_charge_for_a_booking_and_kind(at):
    charging(at=at)
    charge = cancelled_late(at=at)
    charge.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        charge.save(force_insert=True)


@pytest.mark.both_databases
def test_a_charge_can_not_be_deleted_with_its_booking_or_its_history(at):
    charging(at=at)
    charge = cancelled_late(at=at)
    for row in (Booking.objects.get(), charge):
        with pytest.raises((IntegrityError, Exception), match="protected"):
            row.delete()


def test_no_code_deletes_a_charge() -> None:
    """Every ``.delete()`` in the rooms that know charges is of something else."""
    said = [
        ast.unparse(node)
        for room in ("bookings", "office", "registers", "imports")
        for path in sorted(Path(ROOT, room).rglob("*.py"))
        if "migrations" not in path.parts
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "delete"
    ]
    assert [call for call in said if "Charge" in call or "charge" in call] == []
    assert said


@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
def test_two_workers_draft_one_charge(at):
    if connection.vendor == "sqlite":
        pytest.skip("SQLite writes one after the other from the start")
    charging(COMMONEST, at=at)
    booking, failed = accepted_booking(at=at), []
    end = ends_at(booking.event)

    def draft() -> None:
        try:
            draft_absence(booking=booking, at=end)
        except Exception as error:
            failed.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=draft) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (failed, Charge.objects.count()) == ([], 1)


@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
def test_two_officers_who_approve_and_excuse_at_once_have_one_outcome(at):
    if connection.vendor == "sqlite":
        pytest.skip("SQLite writes one after the other from the start")
    charging(COMMONEST, at=at)
    charges, failed = [cancelled_late(at=at) for _ in range(6)], []

    def deal(action) -> None:
        try:
            action(*charges, at=at)
        except Exception as error:
            failed.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=deal, args=(action,)) for action in (approve, excuse, approve, excuse)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert ChargeChange.objects.exclude(from_state="").count() == 6
    assert ChargeList.objects.count() == 0
    assert ChargeKind.LATE_CANCELLATION in set(Charge.objects.values_list("kind", flat=True))
