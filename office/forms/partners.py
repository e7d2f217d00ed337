"""Which organisations become partner agencies."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms

from office.forms.event import SMALL
from people.models import Organisation


class _Organisations(forms.ModelMultipleChoiceField):
    def label_from_instance(self, obj: Organisation) -> str:  # type: ignore[override]
        return f"{obj.name} ({obj.sector})"


class PartnersForm(forms.Form):
    organisations = _Organisations(
        Organisation.objects.none(),
        label="Which of these are partner agencies?",
        widget=forms.CheckboxSelectMultiple(attrs=SMALL),
        error_messages={
            "required": "Tick at least one organisation.",
            "invalid_choice": "One of these is not in the list any more. Look at it once more.",
        },
    )

    def __init__(self, *args: Any, shown: Iterable[Organisation], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        ids = [one.pk for one in shown]
        self.fields["organisations"].queryset = Organisation.objects.filter(pk__in=ids).select_related("sector")  # type: ignore[attr-defined]
