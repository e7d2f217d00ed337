"""What a partnership says in place of a standard text, or in one message that waits."""

from __future__ import annotations

from django import forms

from notifications.texts import BODY_LENGTH, SUBJECT_LENGTH


class OneMessageForm(forms.Form):
    """What one message says that waits. Which links must stand in it is for notifications.single to say."""

    subject = forms.CharField(max_length=SUBJECT_LENGTH, error_messages={"required": "Write the subject."})
    body = forms.CharField(
        label="Text",
        max_length=BODY_LENGTH,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 18}),
        help_text="An empty line begins a paragraph. Name no child and no case.",
        error_messages={"required": "Write the text."},
    )
    read = forms.CharField(required=False, widget=forms.HiddenInput)
    hides_optional = True


class TextForm(OneMessageForm):
    """What all messages of a kind say. What may stand in it is for notifications.texts to say."""

    # No ChoiceField: newer messages may have pushed the chosen one off the list meanwhile, and saving has nothing to do with it.
    seen_as = forms.CharField(label="Preview it as it is read by", required=False, widget=forms.Select)

    def __init__(self, *args: object, seen_as: list[tuple[str, str]], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields[
            "body"
        ].help_text = "An empty line begins a paragraph. A paragraph whose placeholders are all empty is left out."
        self.fields["seen_as"].widget.choices = seen_as  # type: ignore[attr-defined]
