"""What people type about bookings, checked. Never saves."""

from bookings.forms.approvals import ApprovalForm, AskSomebodyElseForm, OwnManagerForm
from bookings.forms.billing import BillingForm
from bookings.forms.booking import BookForm
from bookings.forms.cancelling import CancelForSomebodyForm
from bookings.forms.needs import NeedsForm
from bookings.forms.swapping import ColleagueForm, ColleaguesManagerForm, MoveForm, NewColleagueForm

__all__ = [
    "ApprovalForm",
    "AskSomebodyElseForm",
    "BillingForm",
    "BookForm",
    "CancelForSomebodyForm",
    "ColleagueForm",
    "ColleaguesManagerForm",
    "MoveForm",
    "NeedsForm",
    "NewColleagueForm",
    "OwnManagerForm",
]
