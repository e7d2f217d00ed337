"""Texts with placeholders: what fills them, what is refused, and that nothing in them is ever run."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.refusals import Refused
from notifications.texts import PREFACE, Standard, Value, check, checked, fill, fill_subject, placeholders

ALLOWED = ["event", "forename", "link:booking"]
STANDARD = Standard(
    kind="booking_confirmed",
    to="Somebody",
    when="At once.",
    subject="Booked: {event}",
    body="Hello {forename},\n\nYou have a place.\n\n{link:booking}",
    values={
        "event": Value("The event", "Neglect"),
        "forename": Value("First name", "Sam"),
        "when": Value("Its times", "Monday", in_subject=False),
    },
    links={"booking": "Their booking"},
    required=["link:booking"],
)


def refusal(text: str, **more: object) -> Refused:
    with pytest.raises(Refused) as refused:
        check(text, ALLOWED, field="body", **more)  # type: ignore[arg-type]
    return refused.value


def test_values_stand_where_their_names_were() -> None:
    assert fill("Hello {forename},\n\n{event} is on.", {"forename": "Sam", "event": "Neglect"}) == "Hello Sam,\n\nNeglect is on."


def test_links_stay_for_the_moment_of_sending() -> None:
    assert fill("Here:\n{link:booking}", {}, ["booking"]) == "Here:\n{link:booking}"


def test_an_empty_value_takes_its_space_along() -> None:
    assert fill("Hello {forename},\n\nIt is booked. {by}", {"forename": "", "by": ""}) == "Hello,\n\nIt is booked."


def test_a_paragraph_that_says_nothing_drops_out() -> None:
    assert fill("One\n\n{a} {b}\n\n{a}\n{b}\n\nTwo", {"a": "", "b": ""}) == "One\n\nTwo"
    assert fill("One\n\n{a}\n{b}\n\nTwo", {"a": "", "b": "B"}) == "One\n\nB\n\nTwo"


def test_a_paragraph_with_a_link_that_the_message_does_not_have_drops_out() -> None:
    assert fill("One\n\nYour booking is here:\n{link:booking}\n\nTwo", {}, []) == "One\n\nTwo"


def test_a_block_keeps_its_lines() -> None:
    assert fill("When: {when}", {"when": "Monday\nTuesday"}) == "When: Monday\nTuesday"


def test_a_preface_comes_first_whatever_the_text_says() -> None:
    assert fill("Hello", {PREFACE: "For Ada."}) == "For Ada.\n\nHello"


def test_a_subject_is_one_line_of_two_hundred_characters() -> None:
    assert fill_subject("Booked: {event}", {"event": "Neglect\r\nBcc: x@y.example"}) == "Booked: Neglect Bcc: x@y.example"
    assert len(fill_subject("{event}", {"event": "x" * 300})) == 200


@pytest.mark.parametrize("value", ["{forename}", "{link:booking}", "{event.__class__}", "{0}", "{{x}}", "%(x)s", "{% x %}"])
def test_what_is_put_in_is_never_looked_through_again(value: str) -> None:
    said = fill("{event}|{forename}", {"event": value, "forename": "Sam"}, ["booking"])
    assert said == f"{value.replace('{', '(').replace('}', ')')}|Sam"


@given(st.lists(st.text(alphabet="{}link:bookngevt_ \n", max_size=12), min_size=2, max_size=2))
def test_two_values_side_by_side_make_no_placeholder(values: list[str]) -> None:
    said = fill("{event}{forename}", dict(zip(("event", "forename"), values, strict=True)), ["booking"])
    assert placeholders(said) == set()


@given(st.text(max_size=200))
def test_any_text_at_all_is_refused_or_filled(text: str) -> None:
    try:
        check(text, ALLOWED, field="body")
    except Refused:
        return
    said = fill(text, {"event": "Neglect", "forename": "Sam"}, ["booking"])
    assert placeholders(said) <= {"link:booking"}


@pytest.mark.parametrize(
    "text",
    [
        "{surname}",
        "{forename.__class__}",
        "{forename.__class__.__mro__}",
        "{forename[0]}",
        "{forename!r}",
        "{forename:>10}",
        "{0}",
        "{}",
        "{ forename }",
        "{Forename}",
        "{link:approve}",
        "{link:}",
        "{{forename}}",
        "{{ settings.SECRET_KEY }}",
        "{% debug %}",
        "{signed:approve:1}",
    ],
)
def test_a_placeholder_that_does_not_exist_is_named_with_those_that_do(text: str) -> None:
    refused = refusal(f"Hello {text}")
    assert refused.code in ("unknown_placeholder", "unbalanced")
    assert "{event}, {forename}, {link:booking}" in str(refused)
    assert refused.field == "body"


@pytest.mark.parametrize("text", ["{forename", "forename}", "{", "}", "{event} and {forename", "{forename\n}"])
def test_a_brace_alone_is_refused(text: str) -> None:
    assert refusal(text).code == "unbalanced"


def test_the_unknown_one_is_named() -> None:
    assert str(refusal("Hello {forname}")) == ("There is no {forname} here. There are: {event}, {forename}, {link:booking}.")


def test_what_the_message_is_for_must_stand_in_it() -> None:
    refused = refusal("Hello {forename}", required=["link:booking"])
    assert (refused.code, str(refused)) == (
        "missing_placeholder",
        "Put {link:booking} back into the text: people need what it says.",
    )
    check("{link:booking}", ALLOWED, required=["link:booking"], field="body")


def test_an_own_text_is_kept_without_control_characters() -> None:
    assert checked(STANDARD, subject=" Booked:\r\n{event}\0", body="One\r\n\r\n\r\n \nTwo\u202e {link:booking}\n") == (
        "Booked: {event}",
        "One\n\nTwo {link:booking}",
    )


@pytest.mark.parametrize(
    ("subject", "body", "code", "field"),
    [
        ("", "{link:booking}", "empty", "subject"),
        ("A", " \n", "empty", "body"),
        ("A" * 201, "{link:booking}", "too_long", "subject"),
        ("A", "{link:booking}" * 1000, "too_long", "body"),
        ("{link:booking}", "{link:booking}", "unknown_placeholder", "subject"),
        ("{when}", "{link:booking}", "unknown_placeholder", "subject"),
        ("A", "B", "missing_placeholder", "body"),
    ],
)
def test_an_own_text_says_something_of_a_fair_length(subject: str, body: str, code: str, field: str) -> None:
    with pytest.raises(Refused) as refused:
        checked(STANDARD, subject=subject, body=body)
    assert (refused.value.code, refused.value.field) == (code, field)
