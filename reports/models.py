"""Reports: what was asked for, the facts it was made from, and the files that came out."""

from django.db import models
from django.db.models import Q

from campaigns.models import Campaign, Period
from units.models import Blob, Job, NormalText, Unit, User, name_field
from units.rules import REASON


class Report(Job):
    """Báo cáo tổng hợp of one plan, one period, as seen from one unit (its part of the tree).

    A version is never edited: facts are frozen in `snapshot`, the files are printed from it alone,
    and a new request makes a new row.
    """

    campaign = models.ForeignKey(
        Campaign, verbose_name="kế hoạch", on_delete=models.PROTECT, related_name="+"
    )
    period = models.ForeignKey(
        Period, verbose_name="kỳ báo cáo", on_delete=models.PROTECT, related_name="+"
    )
    scope = models.ForeignKey(
        Unit, verbose_name="phạm vi", on_delete=models.PROTECT, related_name="+"
    )
    version = models.PositiveIntegerField("phiên bản")
    by_indicator = models.BooleanField("phụ lục theo từng chỉ tiêu", default=True)
    by_unit = models.BooleanField("phụ lục theo từng đơn vị", default=True)
    snapshot = models.JSONField("số liệu đã chốt", null=True, blank=True)
    frozen_at = models.DateTimeField("chốt số liệu lúc", null=True, blank=True)
    pdf = models.ForeignKey(
        Blob,
        verbose_name="tệp PDF",
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
    )
    xlsx = models.ForeignKey(
        Blob,
        verbose_name="tệp Excel",
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
    )
    pages = models.PositiveIntegerField("số trang", null=True, blank=True)
    rows = models.PositiveIntegerField("số dòng Excel", null=True, blank=True)

    class Meta:
        verbose_name = "báo cáo"
        verbose_name_plural = "các báo cáo"
        ordering = ["-requested_at", "-pk"]
        constraints = [
            *Job.job_constraints("report"),
            models.UniqueConstraint(
                fields=["campaign", "period", "scope", "version"], name="one_report_a_version"
            ),
            models.UniqueConstraint(
                fields=["campaign", "period", "scope"],
                condition=Q(state="queued"),
                name="one_report_under_way",
                violation_error_message="Báo cáo này đang được lập.",
            ),
            models.CheckConstraint(
                name="done_report_has_files",
                condition=~Q(state="done")
                | Q(pdf__isnull=False, xlsx__isnull=False, pages__gt=0, snapshot__isnull=False),
                violation_error_message="Báo cáo đã xong phải có số liệu và tệp.",
            ),
        ]

    def __str__(self) -> str:
        return f"Báo cáo {self.period}, phiên bản {self.version}"

    @property
    def annexes(self) -> str:
        """Which detailed appendices it was asked for with, in words."""
        ticked = {"theo từng chỉ tiêu": self.by_indicator, "theo từng đơn vị": self.by_unit}
        return " và ".join(name for name, wanted in ticked.items() if wanted)


class Sending(models.Model):
    """A version that left the house: to whom, by which letter. What changed is told since then."""

    report = models.ForeignKey(
        Report, verbose_name="báo cáo", on_delete=models.PROTECT, related_name="sendings"
    )
    sent_to = NormalText("nơi nhận", limit=REASON)
    letter_number = name_field("số, ký hiệu văn bản", max_length=60)
    letter_on = models.DateField("ngày văn bản")
    recorded_by = models.ForeignKey(
        User, verbose_name="người ghi", on_delete=models.PROTECT, related_name="+"
    )
    recorded_at = models.DateTimeField("ghi lúc")

    class Meta:
        verbose_name = "lần gửi báo cáo"
        verbose_name_plural = "các lần gửi báo cáo"
        ordering = ["-report__version", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["report", "letter_number", "letter_on"],
                name="one_sending_a_letter",
                violation_error_message="Văn bản này đã được ghi cho phiên bản này.",
            ),
            models.CheckConstraint(
                name="sending_names_addressee",
                condition=~Q(sent_to="") & ~Q(letter_number=""),
                violation_error_message="Lần gửi phải ghi nơi nhận và số văn bản.",
            ),
        ]

    def __str__(self) -> str:
        return f"Văn bản {self.letter_number} gửi {self.addressees}"

    @property
    def addressees(self) -> str:
        """Those named one a line, in a sentence."""
        return "; ".join(line.strip(" ;") for line in self.sent_to.splitlines() if line.strip())


class Chapter(models.Model):
    """Lời văn of one chapter of a report, written in the portal.

    It belongs to the report and not to a version: each version freezes the words as they stand, and
    the next one goes on from them. Figures in it are fields (reports.rules.text).
    """

    class Kind(models.TextChoices):
        DIRECTION = "direction", "công tác chỉ đạo, tổ chức thực hiện"
        RESULTS = "results", "kết quả thực hiện"
        MODELS = "models", "mô hình, cách làm hay"
        LIMITS = "limits", "hạn chế, nguyên nhân"
        NEXT = "next", "phương hướng, nhiệm vụ"
        PROPOSALS = "proposals", "kiến nghị, đề xuất"

    campaign = models.ForeignKey(
        Campaign, verbose_name="kế hoạch", on_delete=models.PROTECT, related_name="+"
    )
    period = models.ForeignKey(
        Period, verbose_name="kỳ báo cáo", on_delete=models.PROTECT, related_name="+"
    )
    scope = models.ForeignKey(
        Unit, verbose_name="phạm vi", on_delete=models.PROTECT, related_name="+"
    )
    kind = models.CharField("chương", max_length=10, choices=Kind.choices)
    text = NormalText("lời văn", blank=True, limit=None)
    version = models.PositiveIntegerField("lần ghi", default=0)
    saved_at = models.DateTimeField("lưu lúc", null=True, blank=True)
    saved_by = models.ForeignKey(
        User,
        verbose_name="người viết",
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
    )

    class Meta:
        verbose_name = "lời văn của báo cáo"
        verbose_name_plural = "lời văn của các báo cáo"
        ordering = ["campaign", "period", "scope", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "period", "scope", "kind"], name="one_chapter_a_kind"
            ),
            models.CheckConstraint(
                name="written_chapter_has_writer",
                condition=Q(version=0) | Q(saved_at__isnull=False, saved_by__isnull=False),
                violation_error_message="Lời văn đã ghi phải có người viết và thời điểm ghi.",
            ),
        ]

    def __str__(self) -> str:
        return f"Chương {self.get_kind_display()}, {self.period}"


class ChapterHistory(models.Model):
    """The words of a chapter as somebody left them; what he wrote in one sitting is one row."""

    chapter = models.ForeignKey(
        Chapter, verbose_name="chương", on_delete=models.CASCADE, related_name="history"
    )
    version = models.PositiveIntegerField("lần ghi")
    text = NormalText("lời văn", blank=True, limit=None)
    at = models.DateTimeField("lúc")
    by = models.ForeignKey(
        User, verbose_name="người viết", on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = "lần viết lời văn"
        verbose_name_plural = "các lần viết lời văn"
        ordering = ["chapter", "-version"]
        constraints = [
            models.UniqueConstraint(
                fields=["chapter", "version"], name="one_chapter_history_a_version"
            )
        ]

    def __str__(self) -> str:
        return f"{self.chapter}, lần {self.version}"


class PrintedChapter(models.Model):
    """A chapter as the press printed it, kept under the hash of all that it was printed from."""

    key = models.CharField("mã băm của nội dung", max_length=64, primary_key=True)
    blob = models.ForeignKey(
        Blob, verbose_name="tệp PDF", on_delete=models.PROTECT, related_name="+"
    )
    pages = models.PositiveIntegerField("số trang")
    bookmarks = models.JSONField("đề mục", default=list, blank=True)
    used_at = models.DateTimeField("dùng lúc")

    class Meta:
        verbose_name = "chương đã dàn trang"
        verbose_name_plural = "các chương đã dàn trang"
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                name="printed_chapter_has_pages",
                condition=Q(pages__gt=0),
                violation_error_message="Chương đã dàn trang phải có ít nhất một trang.",
            )
        ]

    def __str__(self) -> str:
        return self.key[:12]
