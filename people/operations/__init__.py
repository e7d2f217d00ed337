"""Every change of a person, a role or an organisation. Call these from here; the modules are only a division of the file."""

from people.operations.organisations import add_alias, add_organisation
from people.operations.partners import add_partner_agencies, remove_partner_agency
from people.operations.partnerships import add_partnership, change_partnership
from people.operations.people import (
    add_person,
    change_address,
    change_person,
    complete_profile,
    deactivate_person,
    ensure_person,
    look_after,
    reactivate_person,
    set_hearing,
)
from people.operations.roles import end_role, give_role
from people.operations.tokens import make_token, revoke_token

__all__ = [
    "add_alias",
    "add_organisation",
    "add_partner_agencies",
    "add_partnership",
    "add_person",
    "change_address",
    "change_partnership",
    "change_person",
    "complete_profile",
    "deactivate_person",
    "end_role",
    "ensure_person",
    "give_role",
    "look_after",
    "make_token",
    "reactivate_person",
    "remove_partner_agency",
    "revoke_token",
    "set_hearing",
]
