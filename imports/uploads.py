"""Files that somebody sends from a page: checked by name and size, unpacked, and kept until they are brought over."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath
from typing import IO

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile

from core.refusals import Refused
from imports.reading import FILES

MOST_BYTES = 20 * 1024 * 1024  # of one file, unpacked; the largest of four real years has 1.2 million
MOST_BYTES_IN_ALL = 60 * 1024 * 1024
MOST_ENTRIES = 100
FOLDER = "imports"
PIECE = 64 * 1024

Checked = dict[str, bytes]


def root() -> Path:
    """Where uploads lie. Nothing under it is ever served to a browser."""
    return Path(settings.MEDIA_ROOT) / FOLDER


def check_files(sent: Iterable[UploadedFile]) -> Checked:
    """The files of the export by name, unpacked. Raises Refused for a file too large, unknown, there twice or missing."""
    found: Checked = {}
    for name, content in _all_files(sent):
        if name in found:
            raise Refused(f"{name} is there twice. Send each file once.", code="file_twice", field="exported")
        found[name] = content
        if sum(map(len, found.values())) > MOST_BYTES_IN_ALL:
            raise Refused(
                "Together the files are larger than 60 MB. Ask us to bring them over.", code="too_large", field="exported"
            )
    missing = [name for name in FILES if name not in found]
    if missing:
        message = f"{', '.join(missing)} {'is' if len(missing) == 1 else 'are'} missing. Send all nine files together."
        raise Refused(message, code="file_missing", field="exported")
    return found


def _all_files(sent: Iterable[UploadedFile]) -> Iterator[tuple[str, bytes]]:
    for upload in sent:
        name = _plain_name(upload.name or "")
        if name.endswith(".zip"):
            yield from _unpacked(name, upload)
        else:
            yield _known(name), _within_limit(name, upload)


def _unpacked(name: str, upload: UploadedFile) -> Iterator[tuple[str, bytes]]:
    """The files of a zip. Sizes are those really unpacked, never those the zip claims; its folders and links mean nothing."""
    try:
        with zipfile.ZipFile(upload) as packed:
            entries = [entry for entry in packed.infolist() if not entry.is_dir() and not _is_rubbish(entry.filename)]
            if len(entries) > MOST_ENTRIES:
                raise Refused(
                    f"{name} holds {len(entries):,} files. Send the nine of the export.", code="too_many", field="exported"
                )
            for entry in entries:
                inside = _known(_plain_name(entry.filename))
                if entry.flag_bits & 1:
                    raise Refused(f"{inside} in {name} is locked with a password.", code="unreadable", field="exported")
                with packed.open(entry) as content:
                    yield inside, _within_limit(inside, content)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, OSError) as error:
        raise Refused(
            f"{name} can't be unpacked. Make it again, or send the files themselves.", code="unreadable", field="exported"
        ) from error


def _within_limit(name: str, content: IO[bytes] | UploadedFile) -> bytes:
    pieces, size = [], 0
    while piece := content.read(PIECE):
        size += len(piece)
        if size > MOST_BYTES:
            raise Refused(f"{name} is larger than 20 MB. Ask us to bring it over.", code="too_large", field="exported")
        pieces.append(piece)
    return b"".join(pieces)


def _plain_name(path: str) -> str:
    return PurePosixPath(path.replace("\\", "/")).name.lower()


def _is_rubbish(path: str) -> bool:
    """What packing on some machines leaves in a zip."""
    return path.startswith("__MACOSX/") or _plain_name(path).startswith(".")


def _known(name: str) -> str:
    if name not in FILES:
        raise Refused(f"{name[:80]} is not a file of the export. Send {', '.join(FILES)}.", code="file_unknown", field="exported")
    return name


def keep(files: Checked, folder: str) -> None:
    """Write the files under names of ours into a new folder below ``root()``."""
    place = root() / folder
    place.mkdir(parents=True, mode=0o700)
    for name, content in files.items():
        (place / name).write_bytes(content)
