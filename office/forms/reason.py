"""Asking why, where the answer is kept."""

from __future__ import annotations

from typing import Any

from django import forms


class ReasonForm(forms.Form):
    reason = forms.CharField(max_length=300, error_messages={"required": "Say why: the reason is kept."})

    def __init__(self, *args: Any, label: str, hint: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].label = label
        self.fields["reason"].help_text = hint
