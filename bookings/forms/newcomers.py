"""The names of people on a list who are new: typed on the page that checks the list, kept in the form until they are booked."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from bookings.operations import Colleague

NEEDED = {"forename": "Enter a first name", "surname": "Enter a last name"}
FIELDS = (("forename", "First name", 80), ("surname", "Last name", 80), ("job_role", "Job role (optional)", 120))


LEAVE_NAMELESS = "leave_nameless"  # the button that leaves out whoever is new and has no name yet


def is_nameless(newcomer: Colleague) -> bool:
    return any(not getattr(newcomer, name) for name in NEEDED)


def missing_names(newcomers: Iterable[Colleague]) -> dict[str, str]:
    """What is missing of them, by the id of the field."""
    return {
        f"{name}:{one.address}": f"{sentence} for {one.address}, or leave them out"
        for one in newcomers
        for name, sentence in NEEDED.items()
        if not getattr(one, name)
    }


def name_fields(newcomer: Colleague, missing: dict[str, str]) -> dict[str, Any]:
    """The fields for the name of one of them, as templates/bookings/agency/_newcomers.html draws them."""
    fields = [
        {
            "id": f"{name}:{newcomer.address}",
            "label": label,
            "most": most,
            "value": getattr(newcomer, name),
            "error": NEEDED[name] if f"{name}:{newcomer.address}" in missing else "",
        }
        for name, label, most in FIELDS
    ]
    return {"address": newcomer.address, "fields": fields}
