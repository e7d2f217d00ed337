"""Texts about charges, to the person and to whoever gets the invoice: two kinds, because a payer hears whose charge it is."""

from __future__ import annotations

from bookings.messages import letters
from bookings.messages.texts.values import BOOKED, END, FORENAME, HELLO, HELLO_SOMEBODY, PARTNERSHIP, PAYER
from notifications.texts import Standard, Value, paragraphs

CHARGE = {
    "event": Value("The event’s public title", "Recognising neglect"),
    "day": Value("The day it begins", "Tuesday 26 January 2027"),
    "amount": Value("The amount", "£75"),
    "reference": Value("The reference of the charge", "RIV-2027-0042"),
    **PARTNERSHIP,
}
WHOSE = {"what": Value("What is charged", "your place at {event} on {day}")}
WHOSE_TO_PAYER = {"what": Value("Whose charge it is", "Sam Okafor of Riverside Primary School, {event} on {day}")}
APPROVED = CHARGE | {
    "reason": Value("What the charge is for", "cancelled late"),
    "workings": Value("How the amount was worked out", "3 working days’ notice were given; 10 are needed."),
    "rules": Value("By which rules. Empty where no rules were accepted", "By which rules: version 2, accepted with the booking."),
    "next_step": Value(
        "How it is paid",
        "the finance team sends the invoice, with the reference RIV-2027-0042. Pay nothing before it comes.",
    ),
}
APPROVED_BODY = [
    "There is a charge of {amount} for {what}.",
    "What for: {reason}. {workings}",
    "{rules}",
    "What happens next: {next_step}",
    "Should it be excused, because of illness for example, or is something wrong? Write to {team_email} and give the reference. "
    "Leave out details of any case.",
]
TAKEN_BACK_BODY = [
    "The charge of {amount} for {what} is taken back. Its reference was {reference}.",
    "What happens next: nothing has to be paid. Where an invoice was sent, the finance team credits it with the reference "
    "{credit_reference}.",
    "Questions? Write to {team_email}.",
]
CREDIT = CHARGE | {"credit_reference": Value("The reference of the credit", "RIV-2027-0043")}
BOOKING_HERE = "Your booking is here:\n{link:booking}"
BOOKING_LINK = {"booking": "Their booking’s page. The paragraph drops out for a charge without a booking"}

CHARGE_APPROVED = Standard(
    kind=letters.CHARGE_APPROVED,
    to=BOOKED,
    when="When you approve a charge.",
    subject="A charge of {amount}: {event}",
    body=paragraphs(HELLO, *APPROVED_BODY, BOOKING_HERE, END),
    values=FORENAME | APPROVED | WHOSE,
    links=BOOKING_LINK,
    required=["amount", "next_step", "team_email"],
)
CHARGE_TO_PAYER = Standard(
    kind=letters.CHARGE_TO_PAYER,
    to=PAYER,
    when="When you approve a charge whose invoice goes to another address.",
    subject="A charge of {amount}: {event}",
    body=paragraphs(HELLO_SOMEBODY, *APPROVED_BODY, END),
    values=APPROVED | WHOSE_TO_PAYER,
    links={},
    required=["amount", "what", "next_step", "team_email"],
)
CHARGE_TAKEN_BACK = Standard(
    kind=letters.CHARGE_TAKEN_BACK,
    to=BOOKED,
    when="When you take back a charge that they had read of.",
    subject="Taken back: the charge of {amount} for {event}",
    body=paragraphs(HELLO, *TAKEN_BACK_BODY, BOOKING_HERE, END),
    values=FORENAME | CREDIT | WHOSE,
    links=BOOKING_LINK,
    required=["amount", "reference"],
)
CREDIT_TO_PAYER = Standard(
    kind=letters.CREDIT_TO_PAYER,
    to=PAYER,
    when="When you take back a charge whose invoice went to another address.",
    subject="Taken back: the charge of {amount} for {event}",
    body=paragraphs(HELLO_SOMEBODY, *TAKEN_BACK_BODY, END),
    values=CREDIT | WHOSE_TO_PAYER,
    links={},
    required=["amount", "reference", "what"],
)

TEXTS = [CHARGE_APPROVED, CHARGE_TAKEN_BACK, CHARGE_TO_PAYER, CREDIT_TO_PAYER]
