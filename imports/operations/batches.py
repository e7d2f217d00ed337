"""An import from its files to its report."""

from __future__ import annotations

import logging
import shutil
import uuid
from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from core import audit
from core.refusals import Refused
from imports.models import Batch, BatchState, RefusedLine
from imports.planning import Plan, make_plan
from imports.reading import FILES, SourceFile, Unreadable, read_folder
from imports.rows import Export, read_export
from imports.uploads import FOLDER, check_files, keep, root
from imports.writing import write_plan
from people.models import Partnership, Person

UNFINISHED = (BatchState.WAITING, BatchState.RUNNING)
STOPPED = "It was stopped before it ended, and nothing was written. Start it again."
logger = logging.getLogger(__name__)
OUR_FAULT = "An error of ours stopped it, and nothing was written. It is in the log; the files are still here to be tried again."


class NotOurs(Exception):
    """Another worker has finished the batch meanwhile."""


def run_batch(*, batch: Batch, at: datetime) -> Batch:
    """Read the batch's files, check every line against the others and against what is here, and write what fits.

    Writes everything or nothing, in one transaction in which the batch becomes done: killed at any moment, it can run again. A
    dry run writes its report alone. Files that can't be read leave the batch failed, with the reasons as its ``error``.
    """
    try:
        _step(batch, "Reading the files")
        files = read_folder(folder_of(batch))
        batch.files = {name: file.sha256 for name, file in files.items()}
        export = read_export(files)
        _step(batch, "Checking every line" if batch.is_dry_run else "Checking every line and bringing it over")
        if batch.is_dry_run:
            _finish(batch, BatchState.CHECKED, files, make_plan(export, partnership=batch.partnership, at=at), at)
        else:
            _write(batch, files, export, at)
    except NotOurs:
        batch.refresh_from_db()
    except Unreadable as unreadable:
        _fail(batch, "\n".join(unreadable.problems), at)
    except Refused as refusal:
        _fail(batch, str(refusal), at)
    except Exception:
        logger.exception("import batch %s", batch.pk)
        _fail(batch, OUR_FAULT, at)
    return batch


@transaction.atomic
def _write(batch: Batch, files: dict[str, SourceFile], export: Export, at: datetime) -> None:
    if not Batch.objects.select_for_update(of=("self",)).filter(pk=batch.pk, state=BatchState.RUNNING).exists():
        raise NotOurs
    if batch.partnership_id is not None:  # two imports for one partnership: the second sees what the first wrote
        batch.partnership = Partnership.objects.select_for_update().get(pk=batch.partnership_id)
    plan = make_plan(export, partnership=batch.partnership, at=at)
    batch.partnership = write_plan(plan, batch=batch, by=batch.started_by, at=at)
    _finish(batch, BatchState.DONE, files, plan, at)


@transaction.atomic
def _finish(batch: Batch, state: BatchState, files: dict[str, SourceFile], plan: Plan, at: datetime) -> None:
    batch.counts = _counts(files, plan)
    RefusedLine.objects.bulk_create(
        [
            RefusedLine(
                batch=batch,
                file=refusal.file,
                line=refusal.line,
                column=refusal.column,
                value=refusal.value,
                reason=refusal.reason[:300],
            )
            for refusal in plan.refusals
        ]
    )
    batch.state, batch.finished_at, batch.step, batch.error = state, at, "", ""
    batch.lease_until = None
    batch.save()
    if state == BatchState.DONE:
        audit.record(
            action="import brought over", about=batch, by=batch.started_by, at=at, changes={"refused": [0, batch.refused]}
        )


def _counts(files: dict[str, SourceFile], plan: Plan) -> dict[str, dict[str, int]]:
    refused: dict[str, set[int]] = {name: set() for name in FILES}
    for refusal in plan.refusals:
        refused[refusal.file].add(refusal.line)
    return {
        name: {
            "lines": len(files[name].lines) + len({refusal.line for refusal in files[name].refusals}),
            **{what: plan.counts.get(name, Counter())[what] for what in ("new", "known", "duplicates", "matched", "unmatched")},
            "refused": len(refused[name]),
        }
        for name in FILES
    }


def _step(batch: Batch, step: str) -> None:
    """What the progress page says. Written at once, outside the import's own transaction."""
    batch.step, batch.state = step, BatchState.RUNNING
    if not Batch.objects.filter(pk=batch.pk, state__in=UNFINISHED).update(step=step, state=BatchState.RUNNING):
        raise NotOurs


def _fail(batch: Batch, error: str, at: datetime) -> None:
    batch.state, batch.error, batch.step, batch.finished_at, batch.lease_until = BatchState.FAILED, error, "", at, None
    batch.save(update_fields=["state", "error", "step", "finished_at", "lease_until"])


@transaction.atomic
def give_up(*, batch: Batch, at: datetime) -> None:
    """Leave a batch that was stopped before its end: nothing of it was written."""
    _fail(batch, STOPPED, at)
    audit.record(action="import given up", about=batch, by=None, at=at)


def start_batch(
    *,
    partnership: Partnership | None,
    folder: Path | str,
    is_dry_run: bool,
    by: Person | None,
    at: datetime,
    state: str = BatchState.WAITING,
) -> Batch:
    """A batch over the files of a folder, for the worker to run or, RUNNING, for the caller itself.

    A relative path is one below MEDIA_ROOT.
    """
    return Batch.objects.create(
        partnership=partnership, started_at=at, started_by=by, is_dry_run=is_dry_run, folder=str(folder), state=state
    )


def receive_files(*, partnership: Partnership, sent: Iterable[UploadedFile], by: Person, at: datetime) -> Batch:
    """Keep the files that an officer sends and have the worker check them. Raises Refused for files that won't do."""
    files = check_files(sent)
    folder = str(uuid.uuid4())
    keep(files, folder)
    with transaction.atomic():
        batch = start_batch(partnership=partnership, folder=Path(FOLDER, folder), is_dry_run=True, by=by, at=at)
        audit.record(action="import files received", about=batch, by=by, at=at)
    return batch


@transaction.atomic
def bring_over(*, checked: Batch, by: Person, at: datetime) -> Batch:
    """Have the worker write what a dry run checked. Asked twice, it is done once: the second asking returns the same batch.

    Raises Refused where the batch was not checked or its files are gone.
    """
    checked = Batch.objects.select_for_update(of=("self",)).get(pk=checked.pk)
    going = Batch.objects.filter(folder=checked.folder, is_dry_run=False).exclude(folder="").exclude(state=BatchState.FAILED)
    batch = going.first()
    if batch is not None:
        return batch
    if checked.state != BatchState.CHECKED:
        raise Refused("These files have not been checked, so there is nothing to bring over yet.", code="not_checked")
    if not checked.folder or not folder_of(checked).is_dir():
        raise Refused("These files are not kept any more. Send them again.", code="files_gone")
    batch = start_batch(partnership=checked.partnership, folder=checked.folder, is_dry_run=False, by=by, at=at)
    audit.record(action="import asked for", about=batch, by=by, at=at)
    return batch


def folder_of(batch: Batch) -> Path:
    """Where the batch's files lie: uploads below MEDIA_ROOT, a folder named on the command line where it is."""
    return Path(settings.MEDIA_ROOT) / batch.folder


@transaction.atomic
def forget_files(*, batch: Batch, at: datetime) -> None:
    """Delete the files of an upload: they are full of names, and what was wanted of them is here. The report stays."""
    if batch.folder and folder_of(batch).resolve().parent == root().resolve():
        shutil.rmtree(folder_of(batch), ignore_errors=True)
        Batch.objects.filter(folder=batch.folder).update(folder="")
        audit.record(action="import files deleted", about=batch, by=None, at=at)
