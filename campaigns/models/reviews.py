"""What became of a sheet that was sent: accepted or returned, and which cells are to be mended;
what another office says of a cell."""

from django.db import models
from django.db.models import F, Q

from campaigns.models.results import Result, ResultSheet
from campaigns.rules import assessed_words
from criteria.models import Indicator, RubricLevel
from units.models import NormalText, User
from units.rules import REASON


class Review(models.Model):
    """Lần xét phiếu: somebody accepted a sheet or returned it.

    `versions` keeps what he saw, the version of each cell by the key of its indicator, so that
    what changed afterwards can be told. A row is never changed.
    """

    class Decision(models.TextChoices):
        VERIFIED = "verified", "đã thẩm định"
        RETURNED = "returned", "trả lại để sửa"

    result_sheet = models.ForeignKey(
        ResultSheet, verbose_name="phiếu kết quả", on_delete=models.CASCADE, related_name="reviews"
    )
    decision = models.CharField("quyết định", max_length=8, choices=Decision.choices)
    revision = models.PositiveIntegerField("lần sửa của phiếu")
    versions = models.JSONField("lần ghi của từng tiêu chí", default=dict, blank=True)
    at = models.DateTimeField("lúc")
    by = models.ForeignKey(
        User, verbose_name="người xét", on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = "lần xét phiếu"
        verbose_name_plural = "các lần xét phiếu"
        ordering = ["result_sheet", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="review_has_decision",
                condition=Q(decision__in=["verified", "returned"]),
                violation_error_message="Xét phiếu thì hoặc thẩm định, hoặc trả lại.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.result_sheet}, {self.get_decision_display()}"

    @property
    def held(self) -> dict[int, int]:
        """Indicator → the version of its cell."""
        return {int(pk): version for pk, version in self.versions.items()}


class CellFlag(models.Model):
    """Ô phải sửa: one cell of a returned sheet. Where a sheet has any, only these are open."""

    review = models.ForeignKey(
        Review, verbose_name="lần trả lại", on_delete=models.CASCADE, related_name="flags"
    )
    indicator = models.ForeignKey(
        Indicator, verbose_name="tiêu chí", on_delete=models.PROTECT, related_name="+"
    )
    note = NormalText("phải sửa gì", blank=True, limit=REASON)

    class Meta:
        verbose_name = "ô phải sửa"
        verbose_name_plural = "các ô phải sửa"
        ordering = ["review", "indicator"]
        constraints = [
            models.UniqueConstraint(
                fields=["review", "indicator"],
                name="one_flag_a_cell",
                violation_error_message="Ô này đã được đánh dấu phải sửa.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.indicator.code} phải sửa"


class CellMark(models.Model):
    """Ý kiến về một ô: what an office other than the unit says of a cell.

    The office that leads the indicator confirms or questions it. Of what is told in words it, or
    whoever verifies the sheet, also assesses how far the criterion is met: on a `level` of the
    rubric, beside the one that was `claimed`, or, where the plan has no rubric, `met` or not.

    It speaks of one version of the cell and of the files that stood beside it: once either changes,
    it holds no longer. A row is never changed; a further word is a further row, and the last one of
    an office counts.
    """

    class Office(models.TextChoices):
        LEAD = "lead", "đơn vị chủ trì"
        AGENCY = "agency", "cơ quan thẩm định"

    class Verdict(models.TextChoices):
        CONFIRMED = "confirmed", "đã xác nhận"
        QUESTIONED = "questioned", "có ý kiến"

    result = models.ForeignKey(
        Result, verbose_name="kết quả", on_delete=models.CASCADE, related_name="marks"
    )
    office = models.CharField(
        "bên cho ý kiến", max_length=6, choices=Office.choices, default=Office.LEAD
    )
    version = models.PositiveIntegerField("lần ghi")
    verdict = models.CharField("ý kiến", max_length=10, choices=Verdict.choices)
    claimed = models.ForeignKey(
        RubricLevel,
        verbose_name="mức tự nhận khi đó",
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
        db_index=False,
    )
    level = models.ForeignKey(
        RubricLevel,
        verbose_name="mức được xét",
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
        db_index=False,
    )
    met = models.BooleanField("được xét là đạt", null=True, blank=True)
    reason = NormalText("lý do", blank=True, limit=REASON)
    at = models.DateTimeField("lúc")
    by = models.ForeignKey(
        User, verbose_name="người cho ý kiến", on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = "ý kiến về một ô"
        verbose_name_plural = "các ý kiến về từng ô"
        ordering = ["result", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="questioned_cell_has_reason",
                condition=~Q(verdict="questioned") | ~Q(reason=""),
                violation_error_message="Có ý kiến thì phải ghi lý do.",
            ),
            models.CheckConstraint(
                name="assessed_cell_is_confirmed",
                condition=Q(verdict="confirmed") | Q(level__isnull=True, met__isnull=True),
                violation_error_message="Ô còn ý kiến thì chưa xét mức, chưa xét đạt.",
            ),
            models.CheckConstraint(
                name="cell_assessed_one_way",
                condition=Q(level__isnull=True) | Q(met__isnull=True),
                violation_error_message="Có thang mức thì xét theo mức của thang.",
            ),
            models.CheckConstraint(
                name="other_level_has_reason",
                condition=Q(level__isnull=True)
                | ~Q(reason="")
                | Q(claimed__isnull=False, level=F("claimed")),
                violation_error_message="Xét mức khác mức tự nhận thì phải ghi lý do.",
            ),
            models.CheckConstraint(
                name="not_met_has_reason",
                condition=Q(met__isnull=True) | Q(met=True) | ~Q(reason=""),
                violation_error_message="Xét chưa đạt thì phải ghi lý do.",
            ),
            models.CheckConstraint(
                name="agency_mark_assesses",
                condition=~Q(office="agency") | Q(level__isnull=False) | Q(met__isnull=False),
                violation_error_message="Cơ quan thẩm định cho ý kiến về một ô thì phải xét mức.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.result}, {self.get_verdict_display()}"

    @property
    def assesses(self) -> bool:
        return self.level_id is not None or self.met is not None

    @property
    def differs(self) -> bool:
        """Whether it found another level than was claimed, or that the criterion is not met."""
        return self.met is False or (self.level_id is not None and self.level_id != self.claimed_id)

    @property
    def is_met(self) -> bool | None:
        """Whether the criterion is met by it. Needs `level` selected."""
        return self.level.is_met if self.level else self.met

    @property
    def words(self) -> str:
        """What it came to. Needs `level` and `claimed` selected."""
        claimed = str(self.claimed) if self.claimed and self.differs else ""
        return assessed_words(str(self.level or ""), claimed, self.met)
