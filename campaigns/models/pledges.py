"""What the members of a bloc pledge for a year: registered targets and titles, signed and kept."""

from datetime import date

from django.db import models
from django.db.models import F, Q

from criteria.models import NUMBER, Indicator, Target
from units.models import Bloc, NormalText, Unit, User
from units.rules import REASON, WORDS


class PledgeRound(models.Model):
    """Đợt ký giao ước of one bloc in one year, opened and closed by its leader.

    `missing` names who had not signed when it was closed.
    """

    class State(models.TextChoices):
        OPEN = "open", "đang ký"
        CLOSED = "closed", "đã chốt"

    TRANSITIONS = {State.OPEN: {State.CLOSED}, State.CLOSED: {State.OPEN}}

    bloc = models.ForeignKey(
        Bloc, verbose_name="Khối, Cụm", on_delete=models.PROTECT, related_name="+"
    )
    year = models.PositiveSmallIntegerField("năm")
    due_on = models.DateField("ký xong trong ngày")
    state = models.CharField("trạng thái", max_length=8, choices=State.choices, default=State.OPEN)
    opened_at = models.DateTimeField("mở lúc")
    opened_by = models.ForeignKey(
        User,
        verbose_name="người mở",
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
    )
    closed_at = models.DateTimeField("chốt lúc", null=True, blank=True)
    closed_by = models.ForeignKey(
        User,
        verbose_name="người chốt",
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
    )
    missing = NormalText("chưa ký khi chốt", blank=True, limit=None)
    is_sample = models.BooleanField("số liệu mẫu", default=False)

    class Meta:
        verbose_name = "đợt ký giao ước"
        verbose_name_plural = "các đợt ký giao ước"
        ordering = ["bloc", "-year"]
        constraints = [
            models.UniqueConstraint(
                fields=["bloc", "year"],
                name="one_pledge_round_a_year",
                violation_error_message="Khối, Cụm đã mở đợt ký giao ước của năm này.",
            ),
            models.CheckConstraint(
                name="closed_pledge_round_has_time",
                condition=~Q(state="closed") | Q(closed_at__isnull=False),
                violation_error_message="Đợt ký giao ước đã chốt phải có thời điểm chốt.",
            ),
        ]

    def __str__(self) -> str:
        return f"Giao ước thi đua năm {self.year}"

    def is_over(self, today: date) -> bool:
        """Whether the year that is pledged for has ended."""
        return today.year > self.year


class Pledge(models.Model):
    """Bản giao ước of one member. Signed, it is frozen; a change is a new version with a reason.

    `revision` rises with every write of the draft, so that nobody signs what he has not seen.
    """

    class State(models.TextChoices):
        DRAFT = "draft", "đang soạn"
        SIGNED = "signed", "đã ký"

    TRANSITIONS = {State.DRAFT: {State.SIGNED}, State.SIGNED: set()}

    round = models.ForeignKey(
        PledgeRound,
        verbose_name="đợt ký giao ước",
        on_delete=models.PROTECT,
        related_name="pledges",
    )
    unit = models.ForeignKey(
        Unit, verbose_name="đơn vị", on_delete=models.PROTECT, related_name="+"
    )
    version = models.PositiveSmallIntegerField("lần", default=1)
    state = models.CharField("trạng thái", max_length=8, choices=State.choices, default=State.DRAFT)
    revision = models.PositiveIntegerField("lần sửa", default=1)
    titles = NormalText(
        "danh hiệu, hình thức khen thưởng đăng ký", blank=True, help_text="mỗi dòng một mục"
    )
    reason = NormalText("lý do thay đổi", blank=True, limit=REASON)
    drafted_at = models.DateTimeField("soạn lúc")
    drafted_by = models.ForeignKey(
        User,
        verbose_name="người soạn",
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
    )
    signed_at = models.DateTimeField("ký lúc", null=True, blank=True)
    signed_by = models.ForeignKey(
        User,
        verbose_name="người ký",
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
    )

    class Meta:
        verbose_name = "giao ước thi đua"
        verbose_name_plural = "các giao ước thi đua"
        ordering = ["round", "unit", "-version"]
        constraints = [
            models.UniqueConstraint(
                fields=["round", "unit", "version"],
                name="one_pledge_a_version",
                violation_error_message="Đơn vị đã có giao ước lần này.",
            ),
            models.UniqueConstraint(
                fields=["round", "unit"],
                condition=Q(state="draft"),
                name="one_pledge_draft_a_unit",
                violation_error_message="Đơn vị đang soạn một bản giao ước khác.",
            ),
            models.CheckConstraint(
                name="signed_pledge_has_signer",
                condition=Q(state="draft") | Q(signed_at__isnull=False, signed_by__isnull=False),
                violation_error_message="Giao ước đã ký phải có người ký và ngày ký.",
            ),
            models.CheckConstraint(
                name="changed_pledge_has_reason",
                condition=Q(version=1) | ~Q(reason=""),
                violation_error_message="Thay giao ước đã ký phải ghi lý do.",
            ),
        ]

    def __str__(self) -> str:
        again = f", thay đổi lần {self.version - 1}" if self.version > 1 else ""
        return f"Giao ước của {self.unit}, năm {self.round.year}{again}"


class PledgeLine(models.Model):
    """Chỉ tiêu đăng ký: what the member sets itself for one indicator, a level or words."""

    pledge = models.ForeignKey(
        Pledge, verbose_name="giao ước", on_delete=models.CASCADE, related_name="lines"
    )
    indicator = models.ForeignKey(
        Indicator, verbose_name="tiêu chí", on_delete=models.PROTECT, related_name="+"
    )
    basis = models.CharField(
        "tính trên", max_length=12, choices=Target.Basis.choices, default=Target.Basis.LEVEL
    )
    operator = models.CharField(
        "phép so",
        max_length=8,
        choices=Target.Operator.choices,
        default=Target.Operator.NONE,
    )
    value = models.DecimalField("mức đăng ký", null=True, blank=True, **NUMBER)
    text = NormalText("nội dung đăng ký", blank=True, limit=WORDS)

    class Meta:
        verbose_name = "chỉ tiêu đăng ký"
        verbose_name_plural = "các chỉ tiêu đăng ký"
        ordering = ["pledge", F("indicator__group__order").asc(), "indicator__order", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["pledge", "indicator"],
                name="one_pledge_line_an_indicator",
                violation_error_message="Tiêu chí này đã có mức đăng ký.",
            ),
            models.CheckConstraint(
                name="pledge_line_says_something",
                condition=Q(operator="none", value__isnull=True) & ~Q(text="")
                | ~Q(operator__in=["none", "between"]) & Q(value__isnull=False),
                violation_error_message="Chỉ tiêu đăng ký phải có mức hoặc nội dung.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.indicator}"
