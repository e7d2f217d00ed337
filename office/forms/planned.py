"""Times of letters: a partnership's, and what one event changes."""

from __future__ import annotations

from typing import Any

from django import forms

from bookings.models import FOLLOW_UP_LEAST, FOLLOW_UP_MOST, MOST_DAYS, MOST_WEEKS, DigestEvery, MessageSettings, PlannedKind
from bookings.models.planned import CERTIFICATE_WAITS_AT_MOST
from core.forms import NumberField
from core.text import many_lines

LONGEST_NOTE = 1000


def _days(label: str, help_text: str, *, least: int = 0, most: int = MOST_DAYS) -> NumberField:
    return NumberField(
        label=label,
        help_text=f"{help_text} Leave it empty to send none.",
        least=least,
        most=most,
        required=False,
        error_messages={
            "invalid": f"{label}: write the number of days in digits, like {max(least, 2)}, or leave it empty.",
            "min_value": f"{label}: give {least} or more, or leave it empty.",
            "max_value": f"{label}: give {most} at most.",
        },
    )


class MessageSettingsForm(forms.Form):
    first_reminder_days = _days("First reminder", "Days before the event.", least=1)
    joining_days = _days("Joining instructions", "Days before the event.")
    last_reminder_days = _days("Last reminder", "Days before the event, no more than for the joining instructions.")
    leaves_at_hour = forms.TypedChoiceField(
        label="They leave at",
        coerce=int,
        choices=[(hour, f"{hour % 12 or 12}{'am' if hour < 12 else 'pm'}" if hour != 12 else "midday") for hour in range(6, 21)],
        error_messages={"required": "Choose an hour.", "invalid_choice": "Choose an hour from the list."},
    )
    copies_manager = forms.BooleanField(label="Line managers get a copy of these", required=False)
    register_days = _days("Ask trainers for a register nobody has closed", "Working days after the session.", least=1, most=10)
    absence_days = _days(
        "Hold letters to people who did not attend",
        "Working days after the last register closed, in which you can correct it, hold them back or release them. Two at least.",
        least=2,
        most=20,
    )
    absence_to_manager = forms.BooleanField(label="Line managers are told of an absence too", required=False)
    certificate_days = _days(
        "Give certificates to those who attended",
        "Working days after the last register closed, in which you can correct it or hold them back. 0: as soon as it is closed.",
        most=CERTIFICATE_WAITS_AT_MOST,
    )
    asks_evaluation = forms.BooleanField(label="Ask for the evaluation when an event ends", required=False)
    evaluation_reminder_days = _days("Ask once more", "Days after the event.", least=1, most=14)
    refresher_weeks = NumberField(
        label="Tell people that a course is to be refreshed",
        help_text="Weeks before the day that follows from the course, once, unless they have booked a date of it. "
        "Leave it empty to send none.",
        least=1,
        most=MOST_WEEKS,
        required=False,
        error_messages={
            "invalid": "Weeks: write the number in digits, like 8, or leave it empty.",
            "min_value": "Weeks: give 1 or more, or leave it empty.",
            "max_value": f"Weeks: give {MOST_WEEKS} at most, or leave it empty.",
        },
    )
    follow_up_days = _days(
        "Ask what became of it",
        f"Days after the event, {FOLLOW_UP_LEAST} to {FOLLOW_UP_MOST}. Whoever was there is asked what changed in "
        "their work, once and never more than 30 days late. Answers are confidential, not anonymous.",
        least=FOLLOW_UP_LEAST,
        most=FOLLOW_UP_MOST,
    )
    digest_every = forms.ChoiceField(
        label="Send the programme to people who agreed to hear of learning",
        choices=DigestEvery.choices,
        help_text="What can be booked, by theme. Each letter says how to stop them. It leaves at the hour above.",
        error_messages={"required": "Choose how often.", "invalid_choice": "Choose how often from the list."},
    )

    hides_optional = True

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._say_what_empty_means("absence_days", "Leave it empty, and they leave only when you release them.")
        self._say_what_empty_means("certificate_days", "Leave it empty to give none.")

    def _say_what_empty_means(self, name: str, sentence: str) -> None:
        field = self.fields[name]
        field.help_text = str(field.help_text).replace("Leave it empty to send none.", sentence)

    @staticmethod
    def details_of(settings: MessageSettings) -> dict[str, Any]:
        return {name: getattr(settings, name) for name in MessageSettingsForm.base_fields}


class PlannedForm(forms.Form):
    """The days and the note of one kind of letter for one event."""

    days = NumberField(
        label="Days before the event",
        least=0,
        most=MOST_DAYS,
        required=False,
        error_messages={
            "invalid": "Days: write the number in digits, like 8, or leave it empty.",
            "min_value": "Days: give 0 or more, or leave it empty.",
            "max_value": f"Days: give {MOST_DAYS} at most, or leave it empty.",
        },
    )
    note = forms.CharField(
        label="A note for this event",
        help_text="A paragraph in this letter: parking, what to bring, what to read. Name no child and no case.",
        required=False,
        max_length=LONGEST_NOTE,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"max_length": f"Write {LONGEST_NOTE:,} letters at most."},
    )

    hides_optional = True

    def __init__(self, *args: Any, kind: str, usual: int | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if kind == PlannedKind.EVALUATION:
            del self.fields["days"]
            return
        days = self.fields["days"]
        if kind == PlannedKind.ABSENCE:
            days.label = "Working days to hold these letters"
        elif kind == PlannedKind.EVALUATION_REMINDER:
            days.label = "Days after the event"
        elif kind == PlannedKind.CERTIFICATE:
            days.label = "Working days after the last register closed"
        elif kind == PlannedKind.FOLLOW_UP:
            days = self.fields["days"] = _days("Days after the event", "", least=FOLLOW_UP_LEAST, most=FOLLOW_UP_MOST)
        days.help_text = f"Empty: {'none is sent' if usual is None else usual}, as the partnership says."

    def clean_note(self) -> str:
        note = many_lines(self.cleaned_data["note"]).strip()
        if "{" in note or "}" in note:
            raise forms.ValidationError("Take the curly brackets out: a note goes to everybody as it is, no names are filled in.")
        return note
