"""What every page of a register starts with."""

from __future__ import annotations

import uuid

from django.forms import Form
from django.http import Http404
from django.shortcuts import get_object_or_404

from core.refusals import Refused
from events.models import Session
from people.access import SignedInRequest
from registers.policies import can_see


def session_or_404(request: SignedInRequest, session_id: uuid.UUID) -> Session:
    """The session, with its event; not found for whoever neither teaches the event nor takes the lead host's registers."""
    sessions = Session.objects.select_related("event__lead_host", "event__venue", "event__course")
    session = get_object_or_404(sessions, pk=session_id)
    if not can_see(request.user, session.event, request.grants):
        raise Http404
    return session


def note_refusal(form: Form, refusal: Refused) -> None:
    """Put a rule's no on the form, at its field if it names one of the form's."""
    form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
