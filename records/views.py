"""A certificate: as its owner shows it, and as anybody checks it.

Whoever has a code reads the name that the certificate was issued to, so a code is as good as a key: it has 60 bits, guessing is
slowed down, and servers and proxies are to leave ``/c/``, and ``/C/`` as in QR
pictures, out of their access logs (docs/operations.md).
"""

from __future__ import annotations

from datetime import datetime
from itertools import accumulate
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from core import guessing, qr
from core.clock import now
from core.codes import picture_text, short_address
from people.access import SignedInRequest, public, signed_in
from records.forms import CodeForm
from records.models import Certificate
from records.policies import can_see_certificate
from records.queries import certificate_by_code, standing_instead_of

CODES = "certificates"
ROOM_FOR_OUTCOMES, WHOLE_LINE = 560, 70  # letters on the sheet; a short line takes as much as one of so many


def _certificate(request: SignedInRequest, certificate_id: UUID) -> Certificate:
    """The certificate, for whoever may see it; 404 for anybody else."""
    found = get_object_or_404(Certificate.objects.select_related("partnership", "course"), pk=certificate_id)
    if not can_see_certificate(found, person=request.user, partnership=request.partnership, grants=request.grants):
        raise Http404
    return found


def _outcomes(certificate: Certificate) -> list[str]:
    """What the course is for, as it says today; as much of it as leaves the certificate on one sheet."""
    written = certificate.course.outcomes.splitlines() if certificate.course else []
    lines = [line for line in written if line.strip()]
    used = accumulate(max(len(line), WHOLE_LINE) for line in lines)
    return [line for line, so_far in zip(lines, used, strict=True) if so_far <= ROOM_FOR_OUTCOMES]


@signed_in
@never_cache
@require_safe
def certificate(request: SignedInRequest, certificate_id: UUID) -> HttpResponse:
    """To show and to print on one page."""
    found = _certificate(request, certificate_id)
    context = {
        "certificate": found,
        "partnership": found.partnership,
        "outcomes": _outcomes(found),
        "short_address": short_address("verify", found.code),
        "is_mine": found.person_id == request.user.pk,
        "instead": standing_instead_of(found),
    }
    return render(request, "records/certificate.html", context)


@signed_in
@never_cache
@require_safe
def certificate_qr(request: SignedInRequest, certificate_id: UUID) -> HttpResponse:
    found = _certificate(request, certificate_id)
    return HttpResponse(qr.svg(picture_text("verify", found.code)), content_type="image/svg+xml")


@public
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def verify_any(request: HttpRequest) -> HttpResponse:
    """Asks for the code, and leads to its page, so a typed code is in an address too: see above."""
    form = CodeForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        return redirect("verify", form.cleaned_data["code"])
    return render(request, "records/verify_any.html", {"form": form})


@public
@never_cache
@require_safe
def verify(request: HttpRequest, code: str) -> HttpResponse:
    """Whether the certificate stands, and whose it is. The same answer for every code that no certificate has."""
    at = now()
    found = None if guessing.guesses_too_much(request, CODES, at) else certificate_by_code(code)
    if found is None:
        return _no_such_code(request, at)
    context = {"certificate": found, "partnership": found.partnership}
    answer = render(request, "records/verify.html", context)
    answer["X-Robots-Tag"] = "noindex"
    return answer


def _no_such_code(request: HttpRequest, at: datetime) -> HttpResponse:
    if guessing.guesses_too_much(request, CODES, at):
        answer = render(request, "records/too_many_codes.html", status=429)
        answer["Retry-After"] = "60"
        return answer
    guessing.note_wrong(request, CODES, at)
    return render(request, "records/unknown_code.html", {"form": CodeForm()}, status=404)
