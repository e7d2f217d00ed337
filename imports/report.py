"""What an import says of itself, file by file and line by line, in plain text."""

from __future__ import annotations

from collections.abc import Iterator

from core.wording import count
from imports.models import Batch, BatchState, RefusedLine
from imports.reading import FILES, Refusal

HEADINGS = {
    BatchState.CHECKED: "Checked, nothing written.",
    BatchState.DONE: "Brought over.",
    BatchState.FAILED: "Nothing was written.",
}


def text_report(batch: Batch) -> Iterator[str]:
    """Line by line: each file's numbers, every refused line with its reason."""
    yield HEADINGS.get(BatchState(batch.state), batch.get_state_display())
    if batch.error:
        yield from batch.error.splitlines()
        return
    for name in FILES:
        yield f"  {name:<18} {file_summary(batch.counts.get(name, {}))}"
    refused = [refusal_of(row) for row in batch.refused_lines.all()]
    if refused:
        yield f"{count(len(refused), 'reason')} to refuse a line:"
        yield from (f"  {refusal}" for refusal in refused)


def file_summary(counts: dict[str, int]) -> str:
    """8,649 lines: 8,640 new, 9 duplicates; 12 organisations not matched."""
    parts = [f"{counts.get('new', 0):,} new"]
    if counts.get("known"):
        parts.append(f"{counts['known']:,} already known")
    if counts.get("duplicates"):
        parts.append(count(counts["duplicates"], "duplicate"))
    if counts.get("refused"):
        parts.append(f"{counts['refused']:,} refused")
    text = f"{count(counts.get('lines', 0), 'line')}: {', '.join(parts)}"
    if counts.get("matched") or counts.get("unmatched"):
        text += f"; organisation matched on {counts['matched']:,}, not matched on {counts['unmatched']:,}"
    return text


def file_rows(batch: Batch) -> list[dict[str, object]]:
    """The numbers of each file, for a table: name, lines, new, known, duplicates, refused."""
    return [{"name": name, **batch.counts[name]} for name in FILES if name in batch.counts]


def refusal_of(row: RefusedLine) -> Refusal:
    return Refusal(row.file, row.line, row.column, row.value, row.reason)
