"""An officer changes what messages say, reads it as a real person would, and goes back to the standard."""

from __future__ import annotations

from datetime import datetime
from html import unescape

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from bookings.messages.texts import TEXTS as ABOUT_BOOKINGS
from bookings.models import Booking, MessageSettings
from bookings.operations import book_place
from notifications.due import send_waiting_messages
from notifications.models import Message, MessageState, OwnText
from notifications.own_texts import NO_ENTRY, THIS_IS_A_TEST
from office.texts import TEXTS
from people.models import Partnership, Person
from tests.factories.bookings import BookingFactory, bookable_event
from tests.factories.notifications import MessageFactory
from tests.factories.people import OtherPartnershipFactory, PartnershipFactory, PersonFactory, subgroup_member
from tests.office.pages import sent_by

pytestmark = pytest.mark.django_db

PAGE = "/office/messages/texts/booking_confirmed/"
OURS = "Dear {forename}\n\nSee you at {event}.\n\n{link:booking}\n\n{declining}"


def booked(at: datetime, **person: object) -> Message:
    person = PersonFactory(**person)  # type: ignore[assignment]
    event = bookable_event(title="Recognising neglect")
    book_place(event=event, person=person, by=person, at=at)  # type: ignore[arg-type]
    return Message.objects.get(kind="booking_confirmed")


def save(client: Client, **changed: str) -> object:
    return client.post(PAGE, sent_by(client.get(PAGE), **{"body": OURS, **changed}), follow=True)


def test_every_text_is_listed_under_who_gets_it(client: Client, olu: Person) -> None:
    page = client.get(reverse("office_texts"))
    listed = [row.standard.kind for rows in page.context["groups"].values() for row in rows]
    assert sorted(listed) == sorted(TEXTS)
    assert f"All {len(TEXTS)} say the standard text." in page.content.decode()


def test_the_list_costs_the_same_with_one_as_with_many_of_their_own(client: Client, olu: Person, at: datetime) -> None:
    counts = []
    for kinds in (["booking_confirmed"], list(ABOUT_BOOKINGS)[1:12]):
        for kind in kinds:
            page = reverse("office_text", args=[kind])
            client.post(page, sent_by(client.get(page), subject="Ours"))
        with CaptureQueriesContext(connection) as captured:
            client.get(reverse("office_texts"))
        counts.append(len(captured))
    assert OwnText.objects.count() == 12
    assert counts[0] == counts[1]


@pytest.mark.parametrize("kind", sorted(TEXTS))
def test_every_text_can_be_opened_saved_as_it_is_and_read_with_examples(client: Client, olu: Person, kind: str) -> None:
    page = reverse("office_text", args=[kind])
    shown = client.post(page, sent_by(client.get(page), preview="yes"))
    assert shown.context["form"].errors == {}
    assert "{" not in shown.context["preview"].subject + shown.context["preview"].text
    assert client.post(page, sent_by(client.get(page)), follow=True).status_code == 200
    assert OwnText.objects.count() == 0


def test_what_is_saved_is_what_leaves(client: Client, olu: Person, at: datetime) -> None:
    message = booked(at, forename="Sam")
    saved = save(client, subject="We expect you: {event}")
    assert "Saved. Every message of this kind that leaves from now on says it." in saved.content.decode()  # type: ignore[attr-defined]
    waiting = client.get(reverse("office_message", args=[message.pk])).content.decode()
    assert "What it would say now" in waiting
    assert "We expect you: Recognising neglect" in waiting
    assert "own words" in waiting
    for page in ("office_messages", "office_event_messages", "office_booking", "office_person"):
        booking = Booking.objects.get()
        ids = {"office_messages": [], "office_event_messages": [booking.event_id], "office_booking": [booking.pk]}
        listed = client.get(reverse(page, args=ids.get(page, [booking.person_id]))).content.decode()
        assert ("We expect you: Recognising neglect" in listed, "Place booked: Recog" in listed) == (True, False)
    message.refresh_from_db()
    assert message.subject == "Place booked: Recognising neglect"


def test_it_is_read_as_a_real_person_reads_it(client: Client, olu: Person, at: datetime) -> None:
    message = booked(at, forename="Sam", surname="Okafor")
    page = client.get(PAGE)
    assert page.context["form"].fields["seen_as"].widget.choices == [
        (f"message-{message.pk}", "Sam Okafor, Recognising neglect"),
        ("example", "Examples"),
    ]
    shown = client.post(PAGE, sent_by(page, body=OURS, preview="yes")).context["preview"]
    assert shown.text == (
        f"Dear Sam\n\nSee you at Recognising neglect.\n\nhttp://127.0.0.1:8000/bookings/{message.about[8:]}/\n\n"
        "Declining the calendar invitation does not cancel your place: only the link above does."
    )
    assert OwnText.objects.count() == 0


def test_where_it_was_never_sent_a_booking_is_at_hand(client: Client, olu: Person) -> None:
    booking = BookingFactory(person=PersonFactory(forename="Zoë", surname="Adams"), event=bookable_event(title="Neglect"))
    page = client.get(PAGE)
    assert page.context["form"].fields["seen_as"].widget.choices[0] == (f"booking-{booking.pk}", "Zoë Adams, Neglect")
    shown = client.post(PAGE, sent_by(page, preview="yes")).context["preview"]
    assert (shown.subject, shown.text.split("\n\n")[0]) == ("Place booked: Neglect", "Hello Zoë,")
    assert "(link: their booking’s page, where they see and cancel it)" in shown.text
    assert "Ada Obi" not in shown.text


@pytest.mark.parametrize("kind", sorted(TEXTS))
def test_every_text_about_an_event_can_be_read_with_a_booking(client: Client, olu: Person, kind: str) -> None:
    booking, page = BookingFactory(event=bookable_event(title="Quiet rooms")), reverse("office_text", args=[kind])
    shown = client.post(page, sent_by(client.get(page), preview="yes", seen_as=f"booking-{booking.pk}")).context["preview"]
    names_no_event = {"course_has_date", "session_declined", "programme_digest", "refresher_due"}
    assert ("Quiet rooms" in shown.subject + shown.text) is (kind not in names_no_event)


def test_a_personal_link_is_left_out_of_a_preview(client: Client, olu: Person) -> None:
    page, kind = reverse("office_text", args=["approval_asked"]), "approval_asked"
    values = TEXTS[kind].examples()
    path = {"approve": "/approve/{signed:bookings.approval:1}/"}
    message = MessageFactory(kind=kind, text_kind=kind, values=values, links=path)
    data = sent_by(client.get(page), preview="yes")
    assert data["seen_as"] == [f"message-{message.pk}"]
    shown = client.post(page, data).context["preview"].text
    assert "(a personal link, which only the message itself holds)" in shown
    assert "/approve/" not in shown


def test_another_partnerships_messages_and_bookings_are_no_example(client: Client, olu: Person) -> None:
    elsewhere = OtherPartnershipFactory()
    message = MessageFactory(partnership=elsewhere, text_kind="booking_confirmed", values={"forename": "Canary"})
    booking = BookingFactory(event=bookable_event(lead_host=elsewhere, course=None, venue=None, title="Canary"))
    page = client.get(PAGE)
    assert page.context["form"].fields["seen_as"].widget.choices == [("example", "Examples")]
    for seen_as in (f"message-{message.pk}", f"booking-{booking.pk}"):
        answer = client.post(PAGE, sent_by(page, preview="yes", seen_as=seen_as))
        assert answer.context["preview"].text.startswith("Hello Sam,")
        assert "Canary" not in answer.content.decode().replace(str(booking.pk), "")


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("{forename.__class__} {link:booking} {declining}", "There is no {forename.__class__} here."),
        ("{surname} {link:booking} {declining}", "There is no {surname} here. There are: {booked_by}, {cannot_come}, {day}"),
        ("{forename", "A brace stands alone"),
        ("Hello", "Put {declining} and {link:booking} back into the text: people need what they say."),
        ("", "Write the text."),
    ],
)
@pytest.mark.parametrize("button", ["save", "preview", "test"])
def test_a_text_that_can_not_be_filled_is_refused_with_what_exists(
    client: Client, olu: Person, body: str, said: str, button: str
) -> None:
    answer = client.post(PAGE, sent_by(client.get(PAGE), body=body, **{button: "yes"}))
    assert said in str(answer.context["form"].errors["body"].data[0].message)
    assert answer.context["form"]["body"].value() == body
    assert (OwnText.objects.count(), Message.objects.count()) == (0, 0)


def test_html_that_officers_write_is_shown_not_drawn(client: Client, olu: Person) -> None:
    answer = client.post(PAGE, sent_by(client.get(PAGE), body="<script>alert(1)</script>" + OURS, preview="yes"))
    assert "<script>alert" not in answer.content.decode()


def test_a_test_goes_to_oneself_with_nobodys_data_and_no_link(client: Client, olu: Person, at: datetime) -> None:
    booked(at, forename="Canary")
    answer = client.post(PAGE, sent_by(client.get(PAGE), body=OURS, test="yes"))
    assert olu.main_address() in answer.content.decode()
    message = Message.objects.get(kind="test_of_a_text")
    assert (message.to_address, message.person, message.subject) == (
        olu.main_address(),
        olu,
        "Test: Place booked: Recognising neglect",
    )
    said = "Dear Sam\n\nSee you at Recognising neglect.\n\n(link: their booking’s page"
    assert message.text.startswith(f"{THIS_IS_A_TEST} {NO_ENTRY}\n\n{said}")
    assert ("Canary" in message.text, message.links, message.state) == (False, {}, MessageState.WAITING)
    assert OwnText.objects.count() == 0


def test_a_test_can_be_sent_before_the_partnership_writes_to_anybody(client: Client, olu: Person) -> None:
    Partnership.objects.update(messages_from=None)
    client.post(PAGE, sent_by(client.get(PAGE), test="yes"))
    assert Message.objects.get().kind == "test_of_a_text"


def test_going_back_to_the_standard_asks_first(client: Client, olu: Person) -> None:
    save(client, subject="Ours")
    restore = reverse("office_text_restore", args=["booking_confirmed"])
    asked = client.get(restore)
    assert "Ours" in asked.content.decode()
    assert OwnText.objects.count() == 1
    done = client.post(restore, follow=True)
    assert OwnText.objects.count() == 0
    assert done.context["form"]["subject"].value() == "Place booked: {event}"
    titles = [line["entry"].action for line in done.context["history"]]
    assert sorted(titles) == ["standard text restored", "text changed"]
    assert [line["by"] for line in done.context["history"]] == [olu, olu]
    assert client.get(restore).status_code == 302


def test_saving_the_standard_is_going_back_to_it(client: Client, olu: Person) -> None:
    save(client, subject="Ours")
    standard = TEXTS["booking_confirmed"]
    save(client, subject=standard.subject, body=standard.body)
    assert OwnText.objects.count() == 0


def test_two_officers_at_once_do_not_overwrite_each_other(client: Client, olu: Person) -> None:
    opened = client.get(PAGE)
    save(client, subject="First")
    answer = client.post(PAGE, sent_by(opened, subject="Second"))
    assert "Somebody else has changed this text while you wrote." in answer.content.decode()
    assert answer.context["form"]["subject"].value() == "Second"
    assert OwnText.objects.get().subject == "First"


def test_what_left_is_what_officers_read_afterwards(client: Client, olu: Person, at: datetime) -> None:
    message = booked(at, forename="Sam")
    save(client, subject="We expect you: {event}")
    Message.objects.exclude(pk=message.pk).delete()
    assert send_waiting_messages(at) == 1
    client.post(reverse("office_text_restore", args=["booking_confirmed"]))
    shown = client.get(reverse("office_message", args=[message.pk])).content.decode()
    assert "We expect you: Recognising neglect" in shown
    assert "What it says" in shown


def test_a_kind_that_does_not_exist_is_not_found(client: Client, olu: Person) -> None:
    assert client.get("/office/messages/texts/nonsense/").status_code == 404
    assert client.post("/office/messages/texts/nonsense/restore/").status_code == 404


def test_nobody_else_changes_texts(client: Client) -> None:
    client.force_login(subgroup_member(), backend="allauth.account.auth_backends.AuthenticationBackend")
    for address in (reverse("office_texts"), PAGE, f"{PAGE}restore/"):
        assert (client.get(address).status_code, client.post(address).status_code) in ((403, 403), (403, 405))
    assert OwnText.objects.count() == 0


def test_the_texts_say_when_they_leave_by_the_partnerships_own_days(client: Client, olu: Person) -> None:
    MessageSettings.objects.create(partnership=PartnershipFactory(), first_reminder_days=None, joining_days=1, absence_days=3)
    shown = unescape(client.get(reverse("office_texts")).content.decode())
    for words in (
        "Not sent, as your settings say.",
        "1 day before the event, as your settings say. It waits while the link or the room is missing.",
        "3 working days after the last register was closed, as your settings say, or when you release it.",
    ):
        assert words in shown
    assert "Two weeks" not in shown
    assert (
        "1 day before the event, as your settings say."
        in client.get(reverse("office_text", args=["last_reminder"])).content.decode()
    )


def test_a_test_of_a_text_without_a_calendar_entry_does_not_speak_of_one(client: Client, olu: Person) -> None:
    page = reverse("office_text", args=["joining_instructions"])
    client.post(page, sent_by(client.get(page), test="yes"))
    assert Message.objects.get().text.startswith(f"{THIS_IS_A_TEST}\n\nHello")
