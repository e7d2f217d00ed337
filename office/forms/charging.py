"""The settings of charges: one form for a policy, filled with the version at hand or the commonest policy."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, time
from decimal import Decimal
from typing import Any

from django import forms

from bookings.charging import Policy, RateLine
from bookings.charging.policy import VERSION_FIELDS, WAIVERS
from bookings.charging.words import in_sentences
from bookings.models import (
    ExcuseReason,
    InvoiceTiming,
    NoticeUnit,
    PayerClass,
    Substitutes,
    Trigger,
    WhoMayCancel,
)
from core.clock import london_instant
from people.forms import LineField
from people.models import Organisation

NARROW = {"class": "govuk-input--width-4", "autocomplete": "off"}


@dataclass(frozen=True)
class Amounts:
    """One row of amounts on the page: which trigger and payer class it is for, and how its fields' names begin."""

    key: str
    label: str
    trigger: str
    payer_class: str = ""
    has_notice: bool = False


LATE = (
    Amounts("late", "Less than the notice above", Trigger.LATE_CANCELLATION),
    Amounts("late2", "Less than (second step)", Trigger.LATE_CANCELLATION, has_notice=True),
    Amounts("late3", "Less than (third step)", Trigger.LATE_CANCELLATION, has_notice=True),
)
ABSENCE = (Amounts("absence", "Did not come", Trigger.ABSENCE),)
ATTEND = (
    Amounts("attend", "Everybody", Trigger.ATTEND),
    Amounts("unbooked", "Coming without a booking, on top", Trigger.UNBOOKED_ARRIVAL),
)
ATTEND_OF_SOME = tuple(Amounts(f"attend_{value}", label, Trigger.ATTEND, value) for value, label in PayerClass.choices)
LATE_OF_SOME = tuple(Amounts(f"late_{value}", label, Trigger.LATE_CANCELLATION, value) for value, label in PayerClass.choices)
ROWS = (*LATE, *ABSENCE, *ATTEND, *ATTEND_OF_SOME, *LATE_OF_SOME)


class MoneyField(forms.DecimalField):
    """Pounds, as people write them: 50, £50, 37.50, 1,200."""

    def __init__(self, **kwargs: Any) -> None:
        messages = {"invalid": "Write pounds like 50 or 37.50.", "max_decimal_places": "Write whole pence, like 37.50."}
        widget = forms.TextInput(attrs={**NARROW, "inputmode": "decimal"})
        super().__init__(max_digits=7, decimal_places=2, widget=widget, error_messages=messages, **kwargs)

    def to_python(self, value: Any) -> Any:
        return super().to_python(str(value).replace("£", "").replace(",", "").strip() if value is not None else value)


class NumberField(forms.IntegerField):
    def __init__(self, **kwargs: Any) -> None:
        widget = forms.TextInput(attrs={**NARROW, "inputmode": "numeric"})
        super().__init__(widget=widget, error_messages={"invalid": "Write a number in digits, like 30."}, **kwargs)


class PolicyForm(forms.Form):
    name = LineField(label="What you call it", max_length=120, error_messages={"required": "Give the policy a name."})
    notice = NumberField(label="Cancelling is free until so long before the event", required=True)
    notice_unit = forms.ChoiceField(label="Counted in", choices=NoticeUnit.choices)
    is_more_than = forms.BooleanField(label="It must be more than that: exactly so much is too late", required=False)
    cut_off = forms.TimeField(
        label="By what time on the last day",
        required=False,
        help_text="Like 17:00. Empty: the whole day.",
        widget=forms.TimeInput(format="%H:%M", attrs=NARROW),
        error_messages={"invalid": "Write a time like 17:00."},
    )
    half_day_hours = forms.DecimalField(
        label="An event up to so many hours is half a day",
        max_digits=4,
        decimal_places=2,
        widget=forms.TextInput(attrs={**NARROW, "inputmode": "decimal"}),
        error_messages={"invalid": "Write hours like 4 or 3.5."},
    )
    charges_late_cancellation = forms.BooleanField(label="Cancelling late costs something", required=False)
    charges_absence = forms.BooleanField(label="Not coming costs something", required=False)
    is_per_day = forms.BooleanField(
        label="These amounts are for each day of an event, not for the event as a whole", required=False
    )
    attend_is_per_day = forms.BooleanField(
        label="These fees are for each day of an event, not for the event as a whole", required=False
    )
    late_after_minutes = NumberField(label="Who comes so many minutes late may be turned away", required=False)
    charges_refused_late = forms.BooleanField(label="Who is turned away for coming late pays as for not coming", required=False)
    charges_leaving_early = forms.BooleanField(label="Who leaves early pays as for not coming", required=False)
    recharges_extras = forms.BooleanField(
        label="What was ordered for somebody, like an interpreter, is charged too", required=False
    )
    substitutes = forms.ChoiceField(label="A colleague may come instead", choices=Substitutes.choices)
    substitutes_days = NumberField(label="If until so many working days before: how many", required=False)
    who_may_cancel = forms.ChoiceField(label="Who may cancel", choices=WhoMayCancel.choices)
    waiver_reasons = forms.MultipleChoiceField(
        label="A charge may be excused for",
        choices=[choice for choice in ExcuseReason.choices if choice[0] in WAIVERS],
        required=False,
        widget=forms.CheckboxSelectMultiple(attrs={"class": "govuk-checkboxes--small"}),
    )
    invoice_timing = forms.ChoiceField(label="When it is invoiced", choices=InvoiceTiming.choices)
    pay_within_days = NumberField(label="To be paid within so many days", required=False)
    text = forms.CharField(
        label="What people read before they book",
        required=False,
        help_text="Empty: it is written from the rules above, so that the two always agree.",
        widget=forms.Textarea(attrs={"rows": 6}),
    )
    in_force_from = forms.DateField(
        label="Counts for whoever books from this day on",
        required=False,
        help_text="Like 1/4/2027. Empty: from now on. Bookings made before keep what they accepted.",
        widget=forms.DateInput(format="%d/%m/%Y", attrs={"class": "govuk-input--width-10"}),
        error_messages={"invalid": "Write the date as 1/4/2027."},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for row in ROWS:
            for part, words in (("half", "half a day, in pounds"), ("day", "a full day, in pounds")):
                self._add(f"{row.key}_{part}", MoneyField(required=False), f"{row.label}: {words}")
            self._add(f"{row.key}_percent", NumberField(required=False), f"{row.label}: per cent of the course cost")
            if row.has_notice:
                self._add(f"{row.key}_notice", NumberField(required=False), f"{row.label}: notice")

    def _add(self, name: str, field: forms.Field, label: str) -> None:
        field.label = label
        field.widget.attrs["aria-label"] = label
        self.fields[name] = field

    # For the page

    def late(self) -> Iterator[dict[str, Any]]:
        return self._rows(LATE)

    def absence(self) -> Iterator[dict[str, Any]]:
        return self._rows(ABSENCE)

    def attend(self) -> Iterator[dict[str, Any]]:
        return self._rows(ATTEND)

    def attend_of_some(self) -> Iterator[dict[str, Any]]:
        return self._rows(ATTEND_OF_SOME)

    def late_of_some(self) -> Iterator[dict[str, Any]]:
        return self._rows(LATE_OF_SOME)

    def has_attend_of_some(self) -> bool:
        """Whether one of those rows is filled, so that the page shows them open."""
        return self._is_any_filled(ATTEND_OF_SOME)

    def has_late_of_some(self) -> bool:
        return self._is_any_filled(LATE_OF_SOME)

    def _is_any_filled(self, rows: tuple[Amounts, ...]) -> bool:
        return any(self[f"{row.key}_{part}"].value() not in (None, "") for row in rows for part in ("half", "day", "percent"))

    def _rows(self, rows: tuple[Amounts, ...]) -> Iterator[dict[str, Any]]:
        for row in rows:
            fields = {part: self[f"{row.key}_{part}"] for part in ("half", "day", "percent")}
            notice = self[f"{row.key}_notice"] if row.has_notice else None
            yield {"label": row.label, "notice": notice, **fields}

    # What was answered

    def policy(self) -> Policy:
        """The answers as a policy; whether it holds, the operation asks."""
        answers = self.cleaned_data
        values = {name: answers[name] for name in VERSION_FIELDS}
        values["substitutes_days"] = answers["substitutes_days"] or 0
        values["waiver_reasons"] = tuple(answers["waiver_reasons"])
        return Policy(**values, rates=tuple(rate for row in ROWS if (rate := self._rate(row)) is not None))

    def _rate(self, row: Amounts) -> RateLine | None:
        half, day, percent = (self.cleaned_data[f"{row.key}_{part}"] for part in ("half", "day", "percent"))
        notice = self.cleaned_data[f"{row.key}_notice"] if row.has_notice else None
        if half is None and day is None and percent is None and notice is None:
            return None
        is_late = row.trigger == Trigger.LATE_CANCELLATION
        if is_late and not self.cleaned_data["charges_late_cancellation"] and not self.cleaned_data["charges_absence"]:
            return None
        if is_late and not row.has_notice:
            notice = self.cleaned_data["notice"]
        per_day = self.cleaned_data[
            "is_per_day" if row.trigger in (Trigger.LATE_CANCELLATION, Trigger.ABSENCE) else "attend_is_per_day"
        ]
        return RateLine(
            row.trigger,
            row.payer_class,
            notice,
            day if half is None and percent is None else half,
            day,
            per_day and percent is None,
            percent,
        )

    def starts(self) -> datetime | None:
        """From when on it counts, or None for now."""
        day = self.cleaned_data["in_force_from"]
        return london_instant(datetime.combine(day, time())) if day else None


def initial_of(policy: Policy) -> dict[str, Any]:
    """What the form shows of a policy. A text that is the one we write stays empty, so that it goes on following the rules."""
    values: dict[str, Any] = {name: getattr(policy, name) for name in VERSION_FIELDS}
    values["substitutes_days"] = policy.substitutes_days or None
    values["half_day_hours"] = f"{policy.half_day_hours.normalize():f}"
    if policy.text == "\n".join(in_sentences(policy)):
        values["text"] = ""
    late = [rate for rate in policy.rates if rate.trigger == Trigger.LATE_CANCELLATION and not rate.payer_class]
    for row, rate in zip(LATE, sorted(late, key=lambda one: -(one.notice or 0)), strict=False):
        values |= _shown(row, rate)
    for row in (*ABSENCE, *ATTEND, *ATTEND_OF_SOME, *LATE_OF_SOME):
        for rate in policy.rates:
            if (rate.trigger, rate.payer_class) == (row.trigger, row.payer_class):
                values |= _shown(row, rate)
    kinds = {True: (Trigger.LATE_CANCELLATION, Trigger.ABSENCE), False: (Trigger.ATTEND, Trigger.UNBOOKED_ARRIVAL)}
    values["is_per_day"] = any(rate.is_per_day for rate in policy.rates if rate.trigger in kinds[True])
    values["attend_is_per_day"] = any(rate.is_per_day for rate in policy.rates if rate.trigger in kinds[False])
    return values


def _shown(row: Amounts, rate: RateLine) -> dict[str, Any]:
    half = None if rate.half_day == rate.day else rate.half_day
    shown = {f"{row.key}_half": _plain(half), f"{row.key}_day": _plain(rate.day), f"{row.key}_percent": rate.percent_of_fee}
    return {**shown, f"{row.key}_notice": rate.notice} if row.has_notice else shown


def _plain(amount: Decimal | None) -> str:
    return "" if amount is None else f"{amount:.2f}".removesuffix(".00")


class SwitchForm(forms.Form):
    needs_second_person = forms.BooleanField(
        label="A charge is approved by another officer than the one who raised it", required=False
    )


class PayersForm(forms.Form):
    """What the organisations of one page pay as: a choice for each, by its id."""

    def __init__(self, *args: Any, organisations: Iterable[Organisation], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.organisations = list(organisations)
        for organisation in self.organisations:
            worked_out = PayerClass.PARTNER if organisation.partner else PayerClass.OTHER  # type: ignore[attr-defined]
            self.fields[str(organisation.pk)] = forms.ChoiceField(
                label=f"{organisation} pays as",
                choices=[("", f"{worked_out.label} (worked out)"), *PayerClass.choices],
                required=False,
                initial=organisation.said or "",  # type: ignore[attr-defined]
                widget=forms.Select(attrs={"aria-label": f"{organisation} pays as"}),
            )

    def rows(self) -> Iterator[tuple[Organisation, forms.BoundField]]:
        for organisation in self.organisations:
            yield organisation, self[str(organisation.pk)]

    def changed(self) -> Iterator[tuple[Organisation, str]]:
        """Those for which another answer was chosen."""
        for organisation in self.organisations:
            name = str(organisation.pk)
            if name in self.changed_data:
                yield organisation, self.cleaned_data[name]
