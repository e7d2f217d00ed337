"""What is asked of whoever checks a certificate."""

from __future__ import annotations

from django import forms

from core.codes import can_be_a_code, read_code


class CodeForm(forms.Form):
    """The code, however it is typed."""

    code = forms.CharField(
        label="Code on the certificate",
        help_text="Twelve letters and figures, like 7K3Q-D9XM-2PTV.",
        widget=forms.TextInput(attrs={"class": "govuk-input--width-20", "autocomplete": "off", "spellcheck": "false"}),
        error_messages={"required": "Write the code that stands on the certificate."},
    )

    def clean_code(self) -> str:
        code = read_code(self.cleaned_data["code"])
        if not can_be_a_code(code):
            raise forms.ValidationError("A code has twelve letters and figures. Look again: it stands beside the QR picture.")
        return code
