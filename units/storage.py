"""Files by content: the bytes lie once under their SHA-256, whatever they are called.

A file is written under a temporary name and renamed; what no row refers to is swept later.
"""

import hashlib
import os
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO
from zipfile import BadZipFile, ZipFile

import filetype
from django.apps import apps
from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError

from units.models import Blob
from units.rules import DomainError, decimal_text, nfc

PDF = "application/pdf"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ALLOWED = {
    PDF: ".pdf",
    "image/png": ".png",
    "image/jpeg": ".jpg",
    DOCX: ".docx",
    XLSX: ".xlsx",
}
ALLOWED_TEXT = "PDF, ảnh PNG hoặc JPEG, DOCX, XLSX"
OFFICE_MARKS = {"word/document.xml": DOCX, "xl/workbook.xml": XLSX}
KEPT_UNREFERENCED = timedelta(days=1)  # an upload whose transaction is still open is never swept


def path_of(sha256: str) -> Path:
    return settings.FILES_DIR / sha256[:2] / sha256[2:4] / sha256


def sniff(head: bytes, whole: BinaryIO) -> str:
    """The media type by content, never by name. Raises DomainError for anything not allowed."""
    guess = filetype.guess(head)
    media_type = guess.mime if guess else ""
    if head[:2] == b"PK":
        try:
            with ZipFile(whole) as archive:
                names = set(archive.namelist())
        except BadZipFile:
            names = set()
        finally:
            whole.seek(0)
        macros = any(name.endswith("vbaProject.bin") for name in names)
        media_type = next((t for mark, t in OFFICE_MARKS.items() if mark in names), "")
        if macros:
            raise DomainError(
                "Tệp có macro nên không nhận. Lưu lại thành DOCX hoặc XLSX không macro rồi tải lên."
            )
    if media_type not in ALLOWED:
        raise DomainError(
            f"Nội dung tệp không thuộc loại được nhận ({ALLOWED_TEXT}). "
            "Chuyển tệp sang một trong các loại này rồi tải lên lại."
        )
    return media_type


def keep_upload(upload: BinaryIO, *, name: str, size: int, now: datetime) -> tuple[Blob, str]:
    """Check and keep a file that a person sent. Returns the blob and the cleaned name.

    Raises DomainError for a file that is empty, too large or of another type.
    """
    limit = settings.UPLOAD_MAX_BYTES
    clean = clean_name(name)
    if not size:
        raise DomainError(f"Tệp “{clean}” rỗng. Kiểm tra lại tệp rồi tải lên.")
    if size > limit:
        raise DomainError(
            f"Tệp “{clean}” có {decimal_text(size // 1024)} KB, vượt mức "
            f"{decimal_text(limit // 1024)} KB. Nén hoặc chia nhỏ tệp rồi tải lên lại."
        )
    head = upload.read(8192)
    upload.seek(0)
    media_type = sniff(head, upload)
    return keep(iter(lambda: upload.read(1 << 20), b""), media_type=media_type, now=now), clean


def keep(chunks: Iterable[bytes], *, media_type: str, now: datetime) -> Blob:
    """Store bytes by content; the same bytes twice are one file and one row."""
    settings.FILES_DIR.mkdir(parents=True, exist_ok=True)
    digest, size = hashlib.sha256(), 0
    handle, temporary = tempfile.mkstemp(dir=settings.FILES_DIR, prefix=".tmp-")
    try:
        with os.fdopen(handle, "wb") as out:
            for chunk in chunks:
                digest.update(chunk)
                size += len(chunk)
                out.write(chunk)
            out.flush()
            os.fsync(out.fileno())
        sha256 = digest.hexdigest()
        # The row first: a sweep under way lets go of it or has taken it away before we go on, and
        # the renewed `stored_at` keeps it from the next one.
        [blob] = Blob.objects.bulk_create(
            [Blob(sha256=sha256, size=size, media_type=media_type, stored_at=now)],
            update_conflicts=True,
            unique_fields=["sha256"],
            update_fields=["stored_at"],
        )
        target = path_of(sha256)
        target.parent.mkdir(parents=True, exist_ok=True)
        Path(temporary).replace(target)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    return blob


def keep_bytes(data: bytes, *, media_type: str, now: datetime) -> Blob:
    return keep([data], media_type=media_type, now=now)


def read_bytes(blob: Blob) -> bytes:
    """Raises DomainError when the file is not where it should be (a restore went wrong)."""
    try:
        return path_of(blob.sha256).read_bytes()
    except FileNotFoundError as error:
        raise DomainError(
            f"Không thấy nội dung tệp {blob.sha256[:12]} trong kho. "
            "Báo người quản trị máy chủ khôi phục từ bản sao lưu."
        ) from error


def clean_name(name: str) -> str:
    """A file name safe to print and to send back: no path, no control characters, NFC."""
    bare = nfc(name).replace("\\", "/").rsplit("/", 1)[-1]
    bare = "".join(c for c in bare if c.isprintable() and c not in '<>:"|?*').strip(" .")
    return bare[-180:] or "tep"


def sweep(*, now: datetime) -> int:
    """Delete rows and files that nothing refers to. Returns how many rows went."""
    before = now - KEPT_UNREFERENCED
    old = Blob.objects.filter(stored_at__lt=before)
    for field in _referring():
        used = field.model._default_manager.exclude(**{field.name: None})
        old = old.exclude(pk__in=used.values(field.name))
    gone = sum(_drop(sha256, before) for sha256 in old.values_list("pk", flat=True))
    _sweep_strays(before)
    return gone


def _referring() -> list[Any]:
    """Every column, of whatever app, that points to a blob."""
    return [
        field
        for model in apps.get_models()
        for field in model._meta.get_fields()
        if getattr(field, "related_model", None) is Blob and field.concrete
    ]


def _drop(sha256: str, before: datetime) -> bool:
    """Delete one blob and its file under the lock of its row; not if somebody took it up again."""
    try:
        with transaction.atomic():
            Blob.objects.select_for_update().get(pk=sha256, stored_at__lt=before).delete()
            path_of(sha256).unlink(missing_ok=True)
    except (ProtectedError, IntegrityError, Blob.DoesNotExist):
        return False
    return True


def _sweep_strays(before: datetime) -> None:
    """Files left by a transaction that was rolled back, or by a process that was killed."""
    limit = before.timestamp()
    found = [*settings.FILES_DIR.glob(".tmp-*"), *settings.FILES_DIR.glob("??/??/*")]
    old = {path.name: path for path in found if path.stat().st_mtime < limit}
    known = set(Blob.objects.filter(pk__in=old).values_list("pk", flat=True))
    for name in old.keys() - known:
        with suppress(FileNotFoundError):
            # uploaded again since we looked: its row may not be committed yet, its time is new
            if old[name].stat().st_mtime < limit:
                old[name].unlink()
