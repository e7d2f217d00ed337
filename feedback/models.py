"""Questionnaires, anonymous evaluations and confidential follow-ups.

Who evaluated and what was said are never joined: a response has no person, no time finer than a day and no order.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.db import models
from django.db.models import Q

from core.clock import london_date
from core.models import BaseModel
from events.models import Event
from notifications.models import Message, MessageState
from people.models import Partnership, Person


class Purpose(models.TextChoices):
    EVALUATION = "evaluation", "Evaluation"
    FOLLOW_UP = "follow_up", "Follow-up"


class Questionnaire(BaseModel):
    """A set of questions. Once answered it never changes: a change makes the next version."""

    partnership = models.ForeignKey(Partnership, on_delete=models.PROTECT, related_name="+")
    purpose = models.CharField(max_length=20, choices=Purpose)
    title = models.CharField(max_length=120)
    version = models.PositiveSmallIntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["partnership", "purpose", "title", "version"], name="questionnaire_version_once")
        ]

    def __str__(self) -> str:
        return f"{self.title}, version {self.version}"

    def is_answered(self) -> bool:
        return (
            Answer.objects.filter(question__questionnaire=self).exists()
            or FollowUpAnswer.objects.filter(question__questionnaire=self).exists()
        )


class AnsweredQuestionnaire(Exception):
    """A question of an answered questionnaire was about to change: feedback.operations.next_version makes one that may."""


class QuestionKind(models.TextChoices):
    CHOICE = "choice", "One of several"
    SCALE = "scale", "A number on a scale"
    TEXT = "text", "Free text"


class Question(BaseModel):
    """One question. ``key`` is what measures know it by across versions ("overall", "confidence_before").

    ``options`` lists [value, label] pairs for a choice, and for a scale its numbers with the labels of its ends.
    Saving or deleting a question of an answered questionnaire raises AnsweredQuestionnaire.
    """

    questionnaire = models.ForeignKey(Questionnaire, on_delete=models.CASCADE, related_name="questions")
    position = models.PositiveSmallIntegerField()
    key = models.SlugField(max_length=40)
    kind = models.CharField(max_length=10, choices=QuestionKind)
    text = models.CharField(max_length=200)
    hint = models.CharField(max_length=200, blank=True, default="")
    options = models.JSONField(default=list)
    is_required = models.BooleanField(default=False)

    class Meta:
        ordering = ["questionnaire", "position"]
        constraints = [
            models.UniqueConstraint(fields=["questionnaire", "key"], name="question_key_once"),
            models.UniqueConstraint(fields=["questionnaire", "position"], name="question_position_once"),
        ]

    def __str__(self) -> str:
        return self.text

    def save(self, *args: Any, **kwargs: Any) -> None:
        self._check_not_answered()
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        self._check_not_answered()
        return super().delete(*args, **kwargs)

    def _check_not_answered(self) -> None:
        if self.questionnaire.is_answered():
            raise AnsweredQuestionnaire(str(self.questionnaire))


class EvaluationForm(BaseModel):
    """The anonymous form of one event and the code its QR picture leads to.

    ``code`` has 60 bits in Crockford's base 32 and is stored plain so that it can be drawn again. ``mixed_at`` says when the
    worker gave the answers new ids in a new order: from then on nobody can tell in which order they came.
    """

    event = models.OneToOneField(Event, on_delete=models.PROTECT, related_name="+")
    questionnaire = models.ForeignKey(Questionnaire, on_delete=models.PROTECT, related_name="+")
    code = models.CharField(max_length=12, unique=True)
    opens_at = models.DateTimeField()
    closes_at = models.DateTimeField()
    mixed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(name="evaluation_form_closes_after_it_opens", condition=Q(closes_at__gt=models.F("opens_at")))
        ]

    def __str__(self) -> str:
        return f"Evaluation of {self.event}"

    @property
    def last_day(self) -> date:
        """The last London day on which it can be answered: ``closes_at`` is the midnight that ends it."""
        return london_date(self.closes_at - timedelta(microseconds=1))


class Channel(models.TextChoices):
    QR = "qr", "QR code"
    EMAIL = "email", "E-mail"


class Response(BaseModel):
    """One anonymous evaluation. ``day`` is empty where a day has one answer."""

    form = models.ForeignKey(EvaluationForm, on_delete=models.PROTECT, related_name="responses")
    channel = models.CharField(max_length=10, choices=Channel)
    day = models.DateField(null=True, blank=True)

    def __str__(self) -> str:
        return f"An evaluation of {self.form.event}"


class AnswerBase(BaseModel):
    question = models.ForeignKey(Question, on_delete=models.PROTECT, related_name="+")
    number = models.SmallIntegerField(null=True, blank=True)
    choice = models.CharField(max_length=40, blank=True, default="")
    text = models.TextField(blank=True, default="")

    class Meta:
        abstract = True


class Answer(AnswerBase):
    response = models.ForeignKey(Response, on_delete=models.CASCADE, related_name="answers")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["response", "question"], name="answer_one_for_a_question")]

    def __str__(self) -> str:
        return "An answer"


FOLLOW_UP_LINK = "feedback.follow_up"  # what the signature in the link to the questions is for
NO_FOLLOW_UPS_LINK = "feedback.no_follow_ups"  # and the one in the link that stops them
FOLLOW_UP_OPEN_DAYS = 60


class FollowUpQuerySet(models.QuerySet["FollowUp"]):
    def asked(self) -> FollowUpQuerySet:
        """Those that reached anybody, as every rate counts them: a letter that waits or could not be sent has asked nobody."""
        return self.filter(Q(message=None) | Q(message__state=MessageState.SENT) | Q(answered_on__isnull=False))


class FollowUp(BaseModel):
    """The survey 3 to 6 months later: confidential, not anonymous. ``answered_on`` is empty until it is answered.

    ``message`` is the letter that asked; empty where an older system did. What was never answered and whose letter was withdrawn
    has not been asked, and goes.
    """

    event = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    questionnaire = models.ForeignKey(Questionnaire, on_delete=models.PROTECT, related_name="+")
    sent_on = models.DateField()
    answered_on = models.DateField(null=True, blank=True)
    message = models.ForeignKey(Message, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    objects = FollowUpQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["sent_on"], condition=Q(answered_on=None), name="follow_up_unanswered")]
        constraints = [
            models.UniqueConstraint(fields=["event", "person"], name="follow_up_one_for_event_and_person"),
            models.CheckConstraint(
                name="follow_up_answered_after_it_was_sent",
                condition=Q(answered_on__isnull=True) | Q(answered_on__gte=models.F("sent_on")),
            ),
        ]

    def __str__(self) -> str:
        return f"Follow-up of {self.event}"

    @property
    def last_day(self) -> date:
        """The last London day on which it can be answered."""
        return self.sent_on + timedelta(days=FOLLOW_UP_OPEN_DAYS)


class FollowUpAnswer(AnswerBase):
    follow_up = models.ForeignKey(FollowUp, on_delete=models.CASCADE, related_name="answers")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["follow_up", "question"], name="follow_up_answer_one_for_a_question")]

    def __str__(self) -> str:
        return "A follow-up answer"


class NoFollowUps(BaseModel):
    """Somebody who said that they do not want to be asked what became of their learning."""

    person = models.OneToOneField(Person, on_delete=models.CASCADE, related_name="+")
    since = models.DateField()

    def __str__(self) -> str:
        return f"No follow-ups since {self.since}"
