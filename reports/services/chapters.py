"""Writing the words of a report, chapter by chapter."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from reports.models import Chapter, ChapterHistory, Report
from reports.rules import taken_in
from units.models import User
from units.rules import DomainError, decimal_text, nfc
from units.workflow import locked, record

SITTING = timedelta(minutes=10)  # saves of one person within it are one line of the history
LIMIT = 60_000


@dataclass(frozen=True)
class Saved:
    """The chapter as it now stands; `conflict`: somebody else had written, nothing was stored."""

    chapter: Chapter
    conflict: bool = False


@transaction.atomic
def save_chapter(
    report: Report, kind: str, text: str, *, version: int, actor: User, now: datetime
) -> Saved:
    """Store the words as typed, unless somebody else wrote since `version` was read.

    Fields are not checked here, so that nothing typed is lost: the page names what is wrong, and no
    version is compiled before it is mended. Raises DomainError for a text that is too long.
    """
    text = nfc(text).replace("\r\n", "\n").strip()
    if len(text) > LIMIT:
        raise DomainError(
            f"Lời văn của một chương dài {decimal_text(len(text))} ký tự, nhiều nhất "
            f"{decimal_text(LIMIT)}. Viết gọn lại, hoặc để phần kể chi tiết ở phụ lục."
        )
    chapter = _opened(report, kind)
    if chapter.text == text:
        return Saved(chapter)
    if chapter.version != version:
        return Saved(chapter, conflict=True)
    _write(chapter, text, actor=actor, now=now)
    return Saved(chapter)


@transaction.atomic
def add_answers(report: Report, kind: str, question: str, *, actor: User, now: datetime) -> Chapter:
    """Put what units answered to one question behind the words, each line with its source.

    Raises DomainError for a question that the frozen facts do not hold.
    """
    told = {row["question"]: row["answers"] for row in (report.snapshot or {})["narratives"]}
    if not told.get(question):
        raise DomainError("Chưa có đơn vị nào trả lời nội dung này trong số liệu đã chốt.")
    chapter = _opened(report, kind)
    text = "\n".join(filter(None, (chapter.text, taken_in(told[question]))))
    return save_chapter(report, kind, text, version=chapter.version, actor=actor, now=now).chapter


@transaction.atomic
def restore_chapter(
    report: Report, kind: str, number: int, *, actor: User, now: datetime
) -> Chapter:
    """Make an earlier text the present one; what stood there stays in the history.

    Raises DomainError for a version that the history does not hold.
    """
    chapter = _opened(report, kind)
    line = chapter.history.filter(version=number).first()
    if line is None:
        raise DomainError("Không còn lần viết này. Tải lại trang để xem lịch sử.")
    if chapter.text != line.text:
        _write(chapter, line.text, actor=actor, now=now, apart=True)
    return chapter


def _opened(report: Report, kind: str) -> Chapter:
    """The chapter's row under its lock, made when it is written for the first time."""
    chapter, _made = Chapter.objects.get_or_create(
        campaign=report.campaign, period=report.period, scope=report.scope, kind=kind
    )
    return locked(chapter)


def _write(chapter: Chapter, text: str, *, actor: User, now: datetime, apart: bool = False) -> None:
    chapter.text, chapter.saved_at, chapter.saved_by = text, now, actor
    chapter.version += 1
    chapter.save(update_fields=["text", "version", "saved_at", "saved_by"])
    last = chapter.history.first()
    if last and not apart and last.by_id == actor.pk and now - last.at < SITTING:
        last.version, last.text = chapter.version, text
        last.save(update_fields=["version", "text"])
        return
    ChapterHistory.objects.create(
        chapter=chapter, version=chapter.version, text=text, at=now, by=actor
    )
    record("report.chapter_written", chapter, actor=actor, now=now, unit=chapter.scope)
