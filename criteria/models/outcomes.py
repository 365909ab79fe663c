"""What follows from the points of a table: bands, gates, what decides between equals."""

from django.db import models
from django.db.models import Q

from criteria.models.ruler import Indicator
from criteria.models.scoring import POINTS, ScoreItem, ScoreTable
from units.models import NormalText, name_field, ref_field


class ScoreBand(models.Model):
    """Xếp loại: from `lower` points on, below `upper`; `admits` only lets the unit be voted on."""

    table = models.ForeignKey(
        ScoreTable, verbose_name="bảng chấm điểm", on_delete=models.CASCADE, related_name="bands"
    )
    ref = ref_field(unique=False)
    order = models.PositiveSmallIntegerField("thứ tự", default=0)
    name = name_field("xếp loại")
    lower = models.DecimalField("từ", null=True, blank=True, **POINTS)
    upper = models.DecimalField("đến dưới", null=True, blank=True, **POINTS)
    admits = models.BooleanField("chỉ được đưa ra bình xét, bỏ phiếu", default=False)

    class Meta:
        verbose_name = "mức xếp loại"
        verbose_name_plural = "các mức xếp loại"
        ordering = ["table", "order", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["table", "ref"],
                name="one_band_ref_a_score_table",
                violation_error_message="Bảng chấm điểm đã có mức xếp loại mang mã này.",
            )
        ]

    def __str__(self) -> str:
        return self.name


class ScoreGate(models.Model):
    """Điều kiện loại: by the verdict of an indicator, or declared by hand with a reason.

    It shuts the unit out of the ranking, or out of `band` and everything better.
    """

    class Effect(models.TextChoices):
        DISQUALIFY = "disqualify", "không xếp hạng"
        BAR = "bar", "không xếp loại này trở lên"

    table = models.ForeignKey(
        ScoreTable, verbose_name="bảng chấm điểm", on_delete=models.CASCADE, related_name="gates"
    )
    ref = ref_field(unique=False)
    order = models.PositiveSmallIntegerField("thứ tự", default=0)
    name = NormalText("điều kiện loại")
    indicator = models.ForeignKey(
        Indicator,
        verbose_name="khi không đạt tiêu chí",
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
        help_text="để trống: ghi tay, có lý do",
    )
    effect = models.CharField(
        "hậu quả", max_length=10, choices=Effect.choices, default=Effect.DISQUALIFY
    )
    band = models.ForeignKey(
        ScoreBand,
        verbose_name="mức không được xếp",
        on_delete=models.RESTRICT,
        related_name="gates",
        null=True,
        blank=True,
    )

    class Meta:
        verbose_name = "điều kiện loại"
        verbose_name_plural = "các điều kiện loại"
        ordering = ["table", "order", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["table", "ref"],
                name="one_gate_ref_a_score_table",
                violation_error_message="Bảng chấm điểm đã có điều kiện loại mang mã này.",
            ),
            models.CheckConstraint(
                name="barring_gate_names_its_band",
                condition=Q(effect="bar", band__isnull=False)
                | Q(effect="disqualify", band__isnull=True),
                violation_error_message="Điều kiện chặn xếp loại phải nêu mức; điều kiện không "
                "xếp hạng thì không.",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class TieStep(models.Model):
    """What decides between equal totals, in order: an item, a figure, or fewer penalty points."""

    class By(models.TextChoices):
        ITEM = "item", "điểm của mục"
        INDICATOR = "indicator", "số liệu của tiêu chí"
        PENALTY = "penalty", "ít điểm trừ hơn"

    table = models.ForeignKey(
        ScoreTable, verbose_name="bảng chấm điểm", on_delete=models.CASCADE, related_name="ties"
    )
    order = models.PositiveSmallIntegerField("thứ tự", default=0)
    by = models.CharField("xét theo", max_length=10, choices=By.choices)
    item = models.ForeignKey(
        ScoreItem,
        verbose_name="mục",
        on_delete=models.CASCADE,
        related_name="+",
        null=True,
        blank=True,
    )
    indicator = models.ForeignKey(
        Indicator,
        verbose_name="tiêu chí",
        on_delete=models.CASCADE,
        related_name="+",
        null=True,
        blank=True,
    )
    lower_wins = models.BooleanField("số nhỏ hơn thì hơn", default=False)

    class Meta:
        verbose_name = "thứ tự ưu tiên khi bằng điểm"
        verbose_name_plural = "thứ tự ưu tiên khi bằng điểm"
        ordering = ["table", "order", "pk"]
        constraints = [
            models.CheckConstraint(
                name="tie_step_names_what_decides",
                condition=Q(by="item", item__isnull=False, indicator__isnull=True)
                | Q(by="indicator", indicator__isnull=False, item__isnull=True)
                | Q(by="penalty", item__isnull=True, indicator__isnull=True),
                violation_error_message="Thứ tự ưu tiên phải nêu mục, hoặc tiêu chí, hoặc điểm "
                "trừ.",
            )
        ]

    def __str__(self) -> str:
        return self.get_by_display()
