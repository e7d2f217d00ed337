"""Sending the files of an older system, and what came of it."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from core.clock import london_date, now
from core.csv_out import csv_response
from core.refusals import Refused
from imports.forms import UploadForm
from imports.models import Batch
from imports.operations import bring_over, receive_files
from imports.queries import batches_of, can_be_brought_over
from imports.reading import FILES
from imports.report import file_rows
from people.access import SignedInRequest, needs

PAGE = 50
LOOK_AGAIN_AFTER = "2"  # seconds


@needs("import_data")
@require_http_methods(["GET", "POST"])
def new(request: SignedInRequest) -> HttpResponse:
    """Send the files, which the worker then checks; below, every earlier import."""
    form = UploadForm(request.POST, request.FILES) if request.method == "POST" else UploadForm()
    if request.method == "POST" and form.is_valid():
        try:
            batch = receive_files(partnership=request.partnership, sent=form.cleaned_data["exported"], by=request.user, at=now())
            return redirect("import_batch", batch.pk)
        except Refused as refusal:
            form.add_error(refusal.field, str(refusal))
    earlier = Paginator(batches_of(request.partnership), PAGE).get_page(request.GET.get("page"))
    return render(request, "imports/new.html", {"form": form, "files": FILES, "page": earlier})


@needs("import_data")
@require_GET
def batch(request: SignedInRequest, batch_id: uuid.UUID) -> HttpResponse:
    """How far an import is, looking again by itself, and then its report."""
    found = get_object_or_404(batches_of(request.partnership), pk=batch_id)
    refused = Paginator(found.refused_lines.all(), PAGE).get_page(request.GET.get("page"))
    rows = file_rows(found)
    context = {
        "batch": found,
        "rows": rows,
        "page": refused,
        "can_be_brought_over": can_be_brought_over(found),
        "has_new": any(row["new"] for row in rows),
    }
    response = render(request, "imports/batch.html", context)
    if found.is_unfinished:
        response.headers["Refresh"] = LOOK_AGAIN_AFTER
    return response


@needs("import_data")
@require_POST
def start(request: SignedInRequest, batch_id: uuid.UUID) -> HttpResponse:
    """Bring over what was checked."""
    checked = get_object_or_404(batches_of(request.partnership), pk=batch_id)
    try:
        batch = bring_over(checked=checked, by=request.user, at=now())
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("import_batch", checked.pk)
    return redirect("import_batch", batch.pk)


@needs("import_data")
@require_GET
def refused_csv(request: SignedInRequest, batch_id: uuid.UUID) -> HttpResponse:
    """The refused lines as a table, for whoever puts the older system's rows right."""
    found: Batch = get_object_or_404(batches_of(request.partnership), pk=batch_id)
    rows = found.refused_lines.values_list("file", "line", "column", "value", "reason")
    header = ["File", "Line", "Column", "What it says", "What is the matter"]
    return csv_response(f"refused-lines-{london_date(found.started_at)}.csv", header, rows)
