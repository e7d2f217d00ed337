"""How every form of the product is drawn, and the kinds of field that all rooms ask with."""

from __future__ import annotations

from typing import Any

from django import forms
from django.forms.renderers import TemplatesSetting

DAY_FORMATS = ["%d/%m/%Y", "%Y-%m-%d", "%d/%m/%y", "%d.%m.%Y"]
NOT_A_DAY = "Write a date that exists, like 27/01/2027."


class PageFormRenderer(TemplatesSetting):
    """Fields are drawn by templates/forms/field.html, in the design system's markup."""

    form_template_name = "forms/form.html"
    field_template_name = "forms/field.html"


class NumberField(forms.IntegerField):
    """A whole number, typed into a narrow box: a browser's own number box changes it when somebody scrolls."""

    def __init__(
        self, *, least: int, most: int, width: int = 5, error_messages: dict[str, str] | None = None, **kwargs: Any
    ) -> None:
        """``width`` in letters, 2 to 5 or 10. ``error_messages`` that say it better than these do."""
        said = {
            "required": "Write a number.",
            "invalid": "Write the number in digits, like 8.",
            "min_value": f"Write {least:,} or more.",
            "max_value": f"Write {most:,} at most.",
        }
        widget = forms.TextInput(attrs={"inputmode": "numeric", "class": f"govuk-input--width-{width}"})
        super().__init__(min_value=least, max_value=most, widget=widget, error_messages=said | (error_messages or {}), **kwargs)


class DayField(forms.DateField):
    """A day, typed as people write it."""

    def __init__(self, *, placeholder: str = "", error_messages: dict[str, str] | None = None, **kwargs: Any) -> None:
        shown = {"placeholder": placeholder} if placeholder else {}
        widget = forms.DateInput(attrs={"class": "govuk-input--width-10", "autocomplete": "off", **shown}, format="%d/%m/%Y")
        said = {"invalid": NOT_A_DAY} | (error_messages or {})
        super().__init__(input_formats=DAY_FORMATS, widget=widget, error_messages=said, **kwargs)
