"""Letters to those who teach an event that is called off, moves or changes. Pure: builds letters, sends none."""

from __future__ import annotations

from django.urls import reverse

from bookings.messages.letters import Letter, about, fill_in, joining
from bookings.messages.texts import trainers as texts
from events.models import Event
from notifications.rendering import typed
from notifications.texts import Standard
from people.models import Person


def cancelled(event: Event, trainer: Person) -> Letter:
    values = {"forename": typed(trainer.forename), **about(event), "reason": typed(event.cancelled_reason)}
    return fill_in(texts.TRAINER_CANCELLED, values, version=event.version)


def rescheduled(event: Event, trainer: Person) -> Letter:
    return _changed(event, trainer, texts.TRAINER_RESCHEDULED)


def changed(event: Event, trainer: Person) -> Letter:
    return _changed(event, trainer, texts.TRAINER_CHANGED)


def _changed(event: Event, trainer: Person, standard: Standard) -> Letter:
    values = {"forename": typed(trainer.forename), **about(event), "joining": joining(event)}
    return fill_in(standard, values, links={"registers": reverse("registers_today")}, version=event.version)
