"""The product's addresses, and the bare view before them."""

from uuid import UUID

from django.db import connection, transaction
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from benchmarks.live import bare
from config.urls import urlpatterns as product
from people.access import SignedInRequest, signed_in


@signed_in
@never_cache
@require_http_methods(["GET", "POST"])
def book(request: SignedInRequest, event_id: UUID) -> HttpResponse:
    with transaction.atomic(), connection.cursor() as cursor:
        made = bare.book(cursor, event=event_id, person=request.user.pk)
    return redirect("booking", made)


urlpatterns = [path("bare/<uuid:event_id>/book/", book), *product]
