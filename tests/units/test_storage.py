"""Files are known by their bytes, and leave only when nothing refers to them."""

import io
import os
from datetime import timedelta
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from django.conf import settings

from reports.models import Report
from tests.factories import NOW, PeriodFactory
from units import storage
from units.models import Blob
from units.rules import DomainError

pytestmark = pytest.mark.django_db

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 32
JPEG = b"\xff\xd8\xff\xe0" + b"\0" * 32
PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n"
OLD = NOW + storage.KEPT_UNREFERENCED + timedelta(seconds=1)


def office(*names: str) -> bytes:
    book = io.BytesIO()
    with ZipFile(book, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        for name in names:
            archive.writestr(name, "<x/>")
    return book.getvalue()


DOCX, XLSX = office("word/document.xml"), office("xl/workbook.xml")


def send(data: bytes, name: str = "tep") -> tuple[Blob, str]:
    return storage.keep_upload(io.BytesIO(data), name=name, size=len(data), now=NOW)


@pytest.mark.parametrize(
    ("data", "media_type"),
    [
        (PDF, "application/pdf"),
        (PNG, "image/png"),
        (JPEG, "image/jpeg"),
        (DOCX, storage.DOCX),
        (XLSX, storage.XLSX),
    ],
)
def test_the_type_is_read_from_the_bytes_whatever_the_name(data: bytes, media_type: str) -> None:
    blob, name = send(data, name="bao-cao.exe")
    assert (blob.media_type, blob.size, name) == (media_type, len(data), "bao-cao.exe")
    assert storage.path_of(blob.sha256).read_bytes() == data
    assert storage.read_bytes(blob) == data


@pytest.mark.parametrize(
    "data",
    [
        b"MZ\x90\x00" + b"\0" * 64,
        b"<!doctype html><script>alert(1)</script>",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"just text",
        b"GIF89a" + b"\0" * 32,
        office("anything.txt"),
        b"PK\x03\x04 not a zip at all",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 64,  # old Office, where macros hide
    ],
    ids=["exe", "html", "svg", "text", "gif", "zip", "broken zip", "ole"],
)
@pytest.mark.parametrize("name", ["minh-chung.pdf", "anh.png", "bang.xlsx"])
def test_a_file_renamed_to_an_allowed_type_is_refused(data: bytes, name: str) -> None:
    with pytest.raises(DomainError, match="không thuộc loại được nhận"):
        send(data, name)
    assert not Blob.objects.exists()


@pytest.mark.parametrize(
    "parts",
    [("word/document.xml", "word/vbaProject.bin"), ("xl/workbook.xml", "xl/vbaProject.bin")],
)
def test_macros_are_refused_with_the_way_out(parts: tuple[str, ...]) -> None:
    with pytest.raises(DomainError, match=r"có macro.*Lưu lại thành DOCX hoặc XLSX không macro"):
        send(office(*parts), "bao-cao.docx")


def test_an_empty_file_is_refused() -> None:
    with pytest.raises(DomainError, match=r"Tệp “trống\.pdf” rỗng"):
        send(b"", "trống.pdf")


def test_the_limit_itself_is_allowed_and_one_byte_more_is_not(settings: Any) -> None:
    settings.UPLOAD_MAX_BYTES = 2048
    assert send(PDF + b"\0" * (2048 - len(PDF)))[0].size == 2048
    with pytest.raises(DomainError, match=r"Tệp “to.pdf” có 2 KB, vượt mức 2 KB"):
        send(PDF + b"\0" * (2049 - len(PDF)), "to.pdf")


def test_the_same_bytes_twice_are_one_file_and_one_row() -> None:
    first, _ = send(PDF, "một.pdf")
    later = NOW + timedelta(days=3)
    second = storage.keep_bytes(PDF, media_type="application/pdf", now=later)
    assert first == second
    assert Blob.objects.get().stored_at == later
    assert len([p for p in settings.FILES_DIR.rglob("*") if p.is_file()]) == 1


@pytest.mark.parametrize(
    ("given", "clean"),
    [
        ("../../etc/passwd", "passwd"),
        (r"C:\Users\an\Báo cáo.pdf", "Báo cáo.pdf"),
        ("a\r\nSet-Cookie: x.pdf", "aSet-Cookie x.pdf"),
        ('"x".pdf', "x.pdf"),
        ("Ba\u0301o ca\u0301o.pdf", "Báo cáo.pdf"),
        ("...", "tep"),
        ("a" * 300 + ".pdf", "a" * 176 + ".pdf"),
    ],
)
def test_a_name_is_safe_to_print_and_to_send_back(given: str, clean: str) -> None:
    assert storage.clean_name(given) == clean


def test_an_interrupted_upload_leaves_nothing_behind() -> None:
    def broken() -> Any:
        yield PDF
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        storage.keep(broken(), media_type="application/pdf", now=NOW)
    assert not Blob.objects.exists()
    assert [p for p in settings.FILES_DIR.rglob("*") if p.is_file()] == []


def test_a_missing_file_says_what_to_do() -> None:
    blob, _ = send(PDF)
    storage.path_of(blob.sha256).unlink()
    with pytest.raises(DomainError, match="khôi phục từ bản sao lưu"):
        storage.read_bytes(blob)


# --- the sweep -----------------------------------------------------------------------------------
def referred_to(blob: Blob) -> Report:
    period = PeriodFactory()
    return Report.objects.create(
        campaign=period.campaign,
        period=period,
        scope=period.campaign.issuer,
        version=1,
        requested_at=NOW,
        xlsx=blob,
    )


def test_the_sweep_takes_what_is_old_and_unreferenced_and_nothing_else() -> None:
    used, _ = send(PDF)
    unused, _ = send(PNG)
    fresh = storage.keep_bytes(JPEG, media_type="image/jpeg", now=OLD)
    referred_to(used)
    assert storage.sweep(now=OLD) == 1
    assert set(Blob.objects.all()) == {used, fresh}
    assert not storage.path_of(unused.sha256).exists()
    assert storage.path_of(used.sha256).exists()
    assert storage.path_of(fresh.sha256).exists()


def test_a_file_that_loses_its_last_reference_goes_with_the_next_sweep() -> None:
    blob, _ = send(PDF)
    report = referred_to(blob)
    assert storage.sweep(now=OLD) == 0
    report.delete()
    assert storage.sweep(now=OLD) == 1
    assert not storage.path_of(blob.sha256).exists()


def test_a_file_that_is_referred_to_in_the_meantime_stays(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Another transaction begins to refer between the sweep's reading and its deleting."""
    blob, _ = send(PDF)
    delete = Blob.delete

    def late(self: Blob, *args: Any, **kwargs: Any) -> Any:
        referred_to(self)
        return delete(self, *args, **kwargs)

    monkeypatch.setattr(Blob, "delete", late)
    assert storage.sweep(now=OLD) == 0
    assert storage.path_of(blob.sha256).exists()


def test_what_a_killed_upload_left_is_swept_when_it_is_old() -> None:
    send(PDF)
    stray, fresh = (Path(settings.FILES_DIR) / name for name in (".tmp-old", ".tmp-new"))
    for path, moment in ((stray, NOW - timedelta(days=2)), (fresh, NOW)):
        path.write_bytes(b"half")
        os.utime(path, (moment.timestamp(), moment.timestamp()))
    storage.sweep(now=NOW)
    assert (stray.exists(), fresh.exists()) == (False, True)


def test_a_stray_that_is_uploaded_again_under_the_sweep_stays(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The upload renames its file into place after the sweep has looked; its row is not seen."""
    again, gone = (storage.path_of(digit * 64) for digit in "ab")
    for path in (again, gone):
        path.parent.mkdir(parents=True)
        path.write_bytes(PDF)
        os.utime(path, (NOW.timestamp(), NOW.timestamp()))
    read = Blob.objects.filter

    def late(*args: Any, **kwargs: Any) -> Any:
        if "pk__in" in kwargs:
            fresh = Path(settings.FILES_DIR) / "fresh"
            fresh.write_bytes(PDF)
            os.utime(fresh, (OLD.timestamp(), OLD.timestamp()))
            fresh.replace(again)
            gone.unlink()
        return read(*args, **kwargs)

    monkeypatch.setattr(Blob.objects, "filter", late)
    storage.sweep(now=OLD)
    assert (again.exists(), gone.exists()) == (True, False)
