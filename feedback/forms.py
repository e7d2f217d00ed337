"""The forms of an evaluation and a follow-up, made from a questionnaire's questions."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms

from core.refusals import Refused
from feedback.models import Question, QuestionKind
from feedback.questionnaires import check_answer


class OneOf(forms.ChoiceField):
    """Leaves it to feedback.questionnaires to say what is an answer, so that the rule stands once."""

    widget = forms.RadioSelect

    def validate(self, value: Any) -> None:
        pass


class FreeText(forms.Field):
    """Takes whatever was typed. No maxlength: a browser would cut a pasted text without a word."""

    widget = forms.Textarea(attrs={"rows": 5, "autocomplete": "off"})

    def validate(self, value: Any) -> None:
        pass


class Answers(forms.Form):
    """``questions`` in their order. ``answers()`` is what operations that keep them take."""

    use_required_attribute = False

    def __init__(self, questions: list[Question], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.questions = questions
        for question in questions:
            self.fields[question.key] = _field(question)

    def clean(self) -> dict[str, Any]:
        for question in self.questions:
            try:
                check_answer(question, self.cleaned_data.get(question.key) or "")
            except Refused as refusal:
                self.add_error(question.key, str(refusal))
        return self.cleaned_data

    def answers(self) -> dict[str, str]:
        return {question.key: self.cleaned_data.get(question.key) or "" for question in self.questions}


class EvaluationAnswers(Answers):
    hides_optional = True  # the page says it once: only the first needs an answer
    sent_as = forms.CharField(widget=forms.HiddenInput, required=False)
    via = forms.CharField(widget=forms.HiddenInput, required=False)

    def page_mark(self) -> uuid.UUID | None:
        """The random mark of the page it was typed on, or None where it was lost or made up."""
        try:
            return uuid.UUID(self.cleaned_data["sent_as"])
        except ValueError:
            return None


def _field(question: Question) -> forms.Field:
    texts: dict[str, Any] = {"label": question.text, "help_text": question.hint, "required": question.is_required}
    if question.kind == QuestionKind.TEXT:
        return FreeText(**texts)
    if question.kind == QuestionKind.CHOICE:
        return OneOf(choices=question.options, **texts)
    ends = ", ".join(f"{value} is “{label}”" for value, label in question.options if label)
    numbers = [(str(value), str(value)) for value, _ in question.options]
    widget = forms.RadioSelect(attrs={"class": "e-scale"})
    return OneOf(choices=numbers, widget=widget, **{**texts, "help_text": question.hint or ends})
