"""What people paste when they are asked for addresses."""

from __future__ import annotations

import pytest

from people.pasted import Pasted, guessed_name, read_pasted


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        (" ;\r\n , ", []),
        ("Sam@School.example", [("sam@school.example", "", "")]),
        ("Sam Lee <sam@school.example>", [("sam@school.example", "Sam", "Lee")]),
        ('"Lee, Sam" <sam@school.example>', [("sam@school.example", "Sam", "Lee")]),
        (
            "Lee, Sam <sam@school.example>; ana@clinic.example",
            [("sam@school.example", "Sam", "Lee"), ("ana@clinic.example", "", "")],
        ),
        (
            "Sam Lee <sam@school.example>, Ana María Ruiz <ana@clinic.example>,",
            [("sam@school.example", "Sam", "Lee"), ("ana@clinic.example", "Ana", "María Ruiz")],
        ),
        (
            "ana@clinic.example, Sam Lee <sam@school.example>",
            [("ana@clinic.example", "", ""), ("sam@school.example", "Sam", "Lee")],
        ),
        ("Sam Lee, sam@school.example", [("sam@school.example", "Sam", "Lee")]),
        (
            "Sam Lee, sam@school.example, ana@clinic.example, Ana María Ruiz,ANA2@clinic.example",
            [("sam@school.example", "Sam", "Lee"), ("ana@clinic.example", "", ""), ("ana2@clinic.example", "Ana", "María Ruiz")],
        ),
        ("Sam Lee, Social Worker, sam@school.example", [("", "", ""), ("sam@school.example", "", "")]),
        *(
            (
                f"{before} Sam Lee, sam@school.example",
                [("ana@clinic.example", "Ana", "Ruiz"), ("sam@school.example", "Sam", "Lee")],
            )
            for before in ("Ana Ruiz <ana@clinic.example>,", "Ana Ruiz, ana@clinic.example,,", ", Ana Ruiz, ana@clinic.example,")
        ),
        ("Sam Lee\tsam@school.example", [("sam@school.example", "Sam", "Lee")]),
        ("<bo@trust.example>", [("bo@trust.example", "", "")]),
        ("a@b.example\nA@B.example", [("a@b.example", "", "")]),
    ],
)
def test_addresses_are_read_in_order_and_once_with_the_names_beside_them(text: str, expected: list[tuple[str, str, str]]) -> None:
    assert [(one.address, one.forename, one.surname) for one in read_pasted(text)] == expected


def test_what_is_no_address_is_kept_as_it_was_typed() -> None:
    pasted = read_pasted("sam at school.example\nSam Lee <sam@school>\nnobody, a@b.example")
    wrong = [one.text for one in pasted if not one.address]
    assert wrong == ["sam at school.example", "Sam Lee <sam@school>", "nobody"]
    assert read_pasted("x" * 250 + "@b.example") == [Pasted("x" * 250 + "@b.example")]


def test_a_name_is_guessed_from_a_dotted_address_only() -> None:
    assert guessed_name("sam.lee@school.example") == ("Sam", "Lee")
    assert guessed_name("head@school.example") == ("", "")
    assert guessed_name("s.lee2@school.example") == ("", "")


def test_a_long_line_is_read_in_a_moment() -> None:
    pasted = read_pasted("<" * 20_000 + "a@b.example" + " x" * 20_000 + "<>" * 20_000)
    assert [(one.text, one.address) for one in pasted] == [("a@b.example", "a@b.example"), ("x", "")]


def test_a_line_without_any_address_is_one_line_to_mend() -> None:
    found = read_pasted("Sam Lee, sam @ school\nana@clinic.example bad@@address")
    assert [(one.text, one.address) for one in found] == [
        ("Sam Lee, sam @ school", ""),
        ("ana@clinic.example", "ana@clinic.example"),
        ("bad@@address", ""),
    ]
