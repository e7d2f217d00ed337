"""Where the sign-in library meets our people."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.core.mail import EmailMessage
from django.http import HttpRequest
from django.urls import reverse

from people.models import Grant, Role
from people.redirects import is_ours

FIRST_PAGES = {Role.OFFICER: "office", Role.TRAINER: "registers_today", Role.SUBGROUP_MEMBER: "reach_report"}


class AccountAdapter(DefaultAccountAdapter):
    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "incorrect_code": "This is not the code in our latest e-mail to you. Check it, or ask for a new one.",
        "too_many_login_attempts": "That was one wrong code too many. Enter your e-mail address to get a new one.",
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Nobody signs up on a page of its own: the first code sent to an address makes the person."""
        return False

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Whoever works here comes to their work, everybody else to their learning."""
        roles = {grant.role for grant in Grant.objects.in_force().filter(person_id=str(request.user.pk))}
        for role, page in FIRST_PAGES.items():
            if role in roles:
                return reverse(page)
        return reverse("my_learning")

    def is_safe_url(self, url: str | None) -> bool:
        return is_ours(self.request, url)

    def add_message(
        self, request: HttpRequest, level: int, message_template: str | None = None, *args: Any, **kwargs: Any
    ) -> None:
        """Only what we word ourselves: the library's own one-liners say what the pages show anyway."""
        super().add_message(request, level, None, *args, **kwargs)

    def render_mail(self, template_prefix: str, email: Any, context: dict[str, Any], headers: Any = None) -> EmailMessage:
        """Answers go to the partnership's team. The mail is sent at once and kept nowhere."""
        partnership = self.request.partnership  # type: ignore[union-attr]
        mail = super().render_mail(template_prefix, email, {**context, "partnership": partnership}, headers)
        if partnership and partnership.team_email:
            mail.reply_to = [partnership.team_email]
        return mail
