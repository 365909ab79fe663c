"""What became of a sheet that was sent: accepted or returned, and which cells are to be mended;
what the lead of an indicator says of a cell."""

from django.db import models
from django.db.models import Q

from campaigns.models.results import Result, ResultSheet
from criteria.models import Indicator
from units.models import NormalText, User


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
    note = NormalText("phải sửa gì", blank=True)

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


class LeadMark(models.Model):
    """Ý kiến của đơn vị chủ trì: the office that leads an indicator confirms or questions a cell.

    It speaks of one version of the cell: once the figure changes, it holds no longer. A row is
    never changed; a further word is a further row, and the last one counts.
    """

    class Verdict(models.TextChoices):
        CONFIRMED = "confirmed", "đã xác nhận"
        QUESTIONED = "questioned", "có ý kiến"

    result = models.ForeignKey(
        Result, verbose_name="kết quả", on_delete=models.CASCADE, related_name="marks"
    )
    version = models.PositiveIntegerField("lần ghi")
    verdict = models.CharField("ý kiến", max_length=10, choices=Verdict.choices)
    reason = NormalText("lý do", blank=True)
    at = models.DateTimeField("lúc")
    by = models.ForeignKey(
        User, verbose_name="người cho ý kiến", on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = "ý kiến của đơn vị chủ trì"
        verbose_name_plural = "các ý kiến của đơn vị chủ trì"
        ordering = ["result", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="questioned_cell_has_reason",
                condition=~Q(verdict="questioned") | ~Q(reason=""),
                violation_error_message="Có ý kiến thì phải ghi lý do.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.result}, {self.get_verdict_display()}"
