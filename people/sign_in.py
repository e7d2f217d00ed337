"""Sign-in with a code sent by e-mail: the sign-in library's views, with what is ours in place of what is not.

Whoever asks for a code gets the same page and the same mail, whether or not we knew the address: somebody new is made before the
code is sent. The code stands in the session that asked for it, so it is of no use in another browser.
"""

from __future__ import annotations

import logging
from smtplib import SMTPException
from typing import Any

from allauth.account.internal.flows.login_by_code import LoginCodeVerificationProcess
from allauth.account.stages import LoginByCodeStage, LoginStageController
from allauth.account.views import ConfirmLoginCodeView, RequestLoginCodeView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from core.clock import now
from people.operations import ensure_person
from people.redirects import next_page

log = logging.getLogger(__name__)


class SignInView(RequestLoginCodeView):
    """Asks for the address and sends the code."""

    def _redirect_to_pending_stage(self, *args: Any) -> None:
        """Somebody who comes back here mistyped the address, or waits for a mail in vain: they may ask again."""

    def form_valid(self, form: Any) -> HttpResponse:
        address = form.cleaned_data["email"]
        person = ensure_person(address=address, at=now())
        try:
            LoginCodeVerificationProcess.initiate(request=self.request, user=person, email=address)
        except (SMTPException, OSError):
            log.exception("a sign-in mail could not be sent")
            form.add_error("email", "We could not send the e-mail just now. Try again in a few minutes.")
            return self.form_invalid(form)
        return redirect(self.get_success_url())


class SignInCodeView(ConfirmLoginCodeView):
    """Asks for the code and signs the person in. After five wrong codes the right one is worth nothing."""

    def form_invalid(self, form: Any) -> HttpResponse:
        response = super().form_invalid(form)
        return redirect(sign_in_address(self.request)) if response.status_code == 302 else response


def code_is_waiting(request: HttpRequest) -> bool:
    """Whether this browser asked for a code that may still be entered."""
    stage = LoginStageController.enter(request, LoginByCodeStage.key)
    return stage is not None and LoginCodeVerificationProcess.resume(stage) is not None


def sign_in_address(request: HttpRequest) -> str:
    """The sign-in page, remembering where the person was going."""
    after = next_page(request)
    return reverse("account_request_login_code", query={"next": after} if after else None)
