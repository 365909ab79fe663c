"""What units report: one sheet a unit and period, one result an indicator, with its history."""

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import F, Q

from campaigns.models.calendar import Period
from campaigns.models.imports import ResultImport
from campaigns.models.plan import Participation
from campaigns.models.proof import Proof
from criteria.models import NUMBER, Indicator, RubricLevel
from units.models import NormalText, User
from units.rules import REASON, WORDS


class ResultSheet(models.Model):
    """Phiếu kết quả: one unit, one period. Carries the workflow.

    `revision` rises with every change of a cell and every step but locking, so that whoever printed
    a figure can tell whether it still stands.
    """

    class State(models.TextChoices):
        DRAFT = "draft", "đang nhập"
        SUBMITTED = "submitted", "đã gửi"
        RETURNED = "returned", "trả lại để sửa"
        VERIFIED = "verified", "đã thẩm định"
        LOCKED = "locked", "đã khóa"

    TRANSITIONS = {
        State.DRAFT: {State.SUBMITTED},
        State.RETURNED: {State.SUBMITTED},
        State.SUBMITTED: {State.VERIFIED, State.RETURNED},
        State.VERIFIED: {State.RETURNED, State.LOCKED},
        State.LOCKED: {State.RETURNED, State.SUBMITTED},
    }
    EDITABLE = (State.DRAFT, State.RETURNED)
    SENT = (State.SUBMITTED, State.VERIFIED, State.LOCKED)
    ACCEPTED = (State.VERIFIED, State.LOCKED)

    participation = models.ForeignKey(
        Participation,
        verbose_name="đơn vị tham gia",
        on_delete=models.PROTECT,
        related_name="result_sheets",
    )
    period = models.ForeignKey(
        Period, verbose_name="kỳ báo cáo", on_delete=models.PROTECT, related_name="result_sheets"
    )
    state = models.CharField(
        "trạng thái", max_length=10, choices=State.choices, default=State.DRAFT
    )
    revision = models.PositiveIntegerField("lần sửa", default=1)
    submitted_at = models.DateTimeField("gửi lúc", null=True, blank=True)
    submitted_by = models.ForeignKey(
        User,
        verbose_name="người ký gửi",
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
    )
    verified_at = models.DateTimeField("thẩm định lúc", null=True, blank=True)
    verified_by = models.ForeignKey(
        User,
        verbose_name="người thẩm định",
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
    )
    returned_at = models.DateTimeField("trả lại lúc", null=True, blank=True)
    returned_by = models.ForeignKey(
        User,
        verbose_name="người trả lại",
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
    )
    return_reason = NormalText("lý do trả lại", blank=True, limit=REASON)
    locked_at = models.DateTimeField("khóa lúc", null=True, blank=True)

    class Meta:
        verbose_name = "phiếu kết quả"
        verbose_name_plural = "các phiếu kết quả"
        ordering = ["period", "participation", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["participation", "period"],
                name="one_result_sheet_a_period",
                violation_error_message="Đơn vị đã có phiếu kết quả của kỳ này.",
            ),
            models.CheckConstraint(
                name="result_sheet_sent_has_sender",
                condition=Q(state__in=["draft"])
                | Q(submitted_at__isnull=False, submitted_by__isnull=False),
                violation_error_message="Phiếu kết quả đã gửi phải có người ký và ngày gửi.",
            ),
            models.CheckConstraint(
                name="result_sheet_verified_has_verifier",
                condition=~Q(state__in=["verified", "locked"])
                | Q(verified_at__isnull=False, verified_by__isnull=False),
                violation_error_message="Phiếu đã thẩm định phải có người và ngày thẩm định.",
            ),
            models.CheckConstraint(
                name="result_sheet_not_verified_by_sender",
                condition=Q(verified_by__isnull=True) | ~Q(verified_by=F("submitted_by")),
                violation_error_message="Người gửi phiếu không được tự thẩm định phiếu của mình.",
            ),
            models.CheckConstraint(
                name="result_sheet_returned_has_reason",
                condition=~Q(state="returned")
                | (~Q(return_reason="") & Q(returned_at__isnull=False, returned_by__isnull=False)),
                violation_error_message="Trả lại phiếu phải ghi lý do.",
            ),
            models.CheckConstraint(
                name="result_sheet_locked_has_time",
                condition=~Q(state="locked") | Q(locked_at__isnull=False),
                violation_error_message="Phiếu đã khóa phải có thời điểm khóa.",
            ),
        ]

    def __str__(self) -> str:
        return f"Phiếu kết quả {self.period.in_a_sentence}"


class ResultValues(models.Model):
    """The typed columns that a result and each line of its history share."""

    class State(models.TextChoices):
        MISSING = "missing", "chưa có số liệu"
        REPORTED = "reported", "đã nhập"
        NOTHING = "nothing", "không phát sinh"
        NOT_APPLICABLE = "not_applicable", "không áp dụng"

    state = models.CharField(
        "tình trạng", max_length=14, choices=State.choices, default=State.MISSING
    )
    numerator = models.DecimalField("tử số", null=True, blank=True, **NUMBER)
    denominator = models.DecimalField("mẫu số", null=True, blank=True, **NUMBER)
    value = models.DecimalField("giá trị", null=True, blank=True, **NUMBER)
    yes = models.BooleanField("có", null=True, blank=True)
    text = NormalText("nội dung", blank=True, limit=WORDS)
    level = models.ForeignKey(
        RubricLevel,
        verbose_name="mức tự nhận",
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
        db_index=False,
    )
    reason = NormalText("lý do", blank=True, limit=REASON)

    class Meta:
        abstract = True


class Result(ResultValues):
    """Kết quả thực hiện of one indicator on one sheet.

    `typed` keeps what a person typed that could not be read as a value, word for word, beside the
    sentence (`problem`) that says what is allowed; such a cell counts as missing.
    """

    result_sheet = models.ForeignKey(
        ResultSheet, verbose_name="phiếu kết quả", on_delete=models.CASCADE, related_name="results"
    )
    indicator = models.ForeignKey(
        Indicator, verbose_name="tiêu chí", on_delete=models.PROTECT, related_name="+"
    )
    version = models.PositiveIntegerField("lần ghi", default=0)
    typed = models.JSONField("đã gõ", default=dict, blank=True)
    problem = NormalText("chưa hợp lệ vì", blank=True, limit=None)
    saved_at = models.DateTimeField("lưu lúc")
    saved_by = models.ForeignKey(
        User,
        verbose_name="người nhập",
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
    )

    class Meta:
        verbose_name = "kết quả"
        verbose_name_plural = "các kết quả"
        ordering = ["result_sheet", "indicator"]
        constraints = [
            models.UniqueConstraint(
                fields=["result_sheet", "indicator"], name="one_result_an_indicator"
            ),
            models.CheckConstraint(
                name="reported_result_has_value",
                condition=~Q(state="reported")
                | Q(numerator__isnull=False, denominator__gt=0)
                | Q(value__isnull=False)
                | Q(yes__isnull=False)
                | ~Q(text=""),
                violation_error_message="Kết quả đã nhập phải có số liệu hoặc nội dung.",
            ),
            models.CheckConstraint(
                name="result_numbers_not_negative",
                condition=(Q(numerator__isnull=True) | Q(numerator__gte=0))
                & (Q(denominator__isnull=True) | Q(denominator__gte=0)),
                violation_error_message="Tử số và mẫu số không được âm.",
            ),
            models.CheckConstraint(
                name="result_without_figure_has_reason",
                condition=~Q(state__in=["nothing", "not_applicable"]) | ~Q(reason=""),
                violation_error_message="“Không phát sinh” và “không áp dụng” phải ghi lý do.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.indicator}"


class ResultHistory(ResultValues):
    """One write of a cell: what it became, who wrote it, when and from where."""

    class Source(models.TextChoices):
        PAGE = "page", "trang nhập"
        FILE = "file", "tệp Excel"
        PLAN = "plan", "kế hoạch khác"
        SAMPLE = "sample", "số liệu mẫu"

    result = models.ForeignKey(
        Result, verbose_name="kết quả", on_delete=models.PROTECT, related_name="history"
    )
    version = models.PositiveIntegerField("lần ghi")
    typed = models.JSONField("đã gõ", default=dict, blank=True)
    problem = NormalText("chưa hợp lệ vì", blank=True, limit=None)
    at = models.DateTimeField("lúc")
    by = models.ForeignKey(
        User,
        verbose_name="người ghi",
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
    )
    source = models.CharField("từ", max_length=8, choices=Source.choices, default=Source.PAGE)
    imported = models.ForeignKey(
        ResultImport,
        verbose_name="từ tệp nhập",
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
        db_index=False,
    )
    taken_from = NormalText("lấy từ", blank=True, default="", db_default="", limit=None)

    class Meta:
        verbose_name = "lần ghi kết quả"
        verbose_name_plural = "các lần ghi kết quả"
        ordering = ["result", "-version"]
        indexes = [BrinIndex(fields=["at"], name="result_history_at")]
        constraints = [
            models.UniqueConstraint(fields=["result", "version"], name="one_history_a_version")
        ]

    def __str__(self) -> str:
        return f"{self.result} lần {self.version}"


class Evidence(Proof):
    """Minh chứng: a file beside a result."""

    result = models.ForeignKey(
        Result, verbose_name="kết quả", on_delete=models.CASCADE, related_name="evidence"
    )

    class Meta:
        verbose_name = "minh chứng"
        verbose_name_plural = "các minh chứng"
        ordering = ["result", "uploaded_at", "pk"]
