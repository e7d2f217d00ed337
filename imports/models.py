"""What was brought over from an older system, line by line."""

from __future__ import annotations

from django.db import models

from core import wording
from core.models import BaseModel, Leased
from people.models import Partnership, Person


class BatchState(models.TextChoices):
    WAITING = "waiting", "Waiting to be read"
    RUNNING = "running", "Being read"
    CHECKED = "checked", "Checked, nothing written"
    DONE = "done", "Brought over"
    FAILED = "failed", "Failed, nothing written"


class Batch(BaseModel, Leased):
    """One run of an import over a folder of files: what was read, matched, written and refused.

    ``files`` maps a file's name to the SHA-256 of what it held; ``counts`` maps it to the numbers of its lines. ``folder`` is
    where the files lie while the batch waits, under MEDIA_ROOT.
    """

    partnership = models.ForeignKey(Partnership, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    started_at = models.DateTimeField()
    started_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    finished_at = models.DateTimeField(null=True, blank=True)
    is_dry_run = models.BooleanField()
    state = models.CharField(max_length=10, choices=BatchState, default=BatchState.WAITING)
    step = models.CharField(max_length=80, blank=True, default="", help_text="What it is doing, for the progress page.")
    folder = models.CharField(max_length=200, blank=True, default="")
    files = models.JSONField(default=dict)
    counts = models.JSONField(default=dict)
    error = models.TextField(blank=True, default="")

    class Meta:
        ordering = ["-started_at"]

    @property
    def is_unfinished(self) -> bool:
        return self.state in (BatchState.WAITING, BatchState.RUNNING)

    @property
    def refused(self) -> int:
        """How many lines were refused, of all files."""
        return sum(counts["refused"] for counts in self.counts.values())

    @property
    def unmatched(self) -> int:
        """How many new bookings name an organisation that nobody could match."""
        return sum(counts["unmatched"] for counts in self.counts.values())

    def __str__(self) -> str:
        return f"Import of {wording.short_day(self.started_at)}, {wording.clock(self.started_at)}"


class RefusedLine(BaseModel):
    """A line that was not taken, where it stands, and what to do about it."""

    batch = models.ForeignKey(Batch, on_delete=models.CASCADE, related_name="refused_lines")
    file = models.CharField(max_length=80)
    line = models.PositiveIntegerField()
    column = models.CharField(max_length=60, blank=True, default="")
    value = models.CharField(max_length=200, blank=True, default="")
    reason = models.CharField(max_length=300)

    class Meta:
        ordering = ["file", "line", "id"]

    def __str__(self) -> str:
        return f"{self.file}, line {self.line}: {self.reason}"


class SourceKey(BaseModel):
    """Which of our rows a row of the old system became, so that the same file twice changes nothing.

    An anonymous evaluation has a key but no ``object_id``: nobody may find the answer from the row.
    """

    partnership = models.ForeignKey(Partnership, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=20)
    key = models.CharField(max_length=120)
    object_id = models.UUIDField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["partnership", "kind", "key"], name="source_key_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"
