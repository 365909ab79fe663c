"""Decisions and the register of what was conferred."""

from django.db import models

from awards.models.forms import AwardForm, RecipientKind
from awards.models.nominations import Nomination
from campaigns.models import Campaign, Phase
from units.models import NormalText, Person, Unit, User, name_field


class Decision(models.Model):
    """Quyết định khen thưởng, as signed outside the portal: number and date are entered."""

    number = models.CharField("số", max_length=20)
    symbol = models.CharField("ký hiệu", max_length=40)
    issued_on = models.DateField("ngày ký")
    unit = models.ForeignKey(
        Unit, verbose_name="cơ quan quyết định", on_delete=models.PROTECT, related_name="+"
    )
    signer_title = name_field("chức vụ người ký", max_length=200)
    signer_name = name_field("người ký", max_length=150)
    subject_line = name_field("trích yếu", max_length=500)
    recorded_by = models.ForeignKey(
        User, verbose_name="người ghi", on_delete=models.PROTECT, related_name="+"
    )
    recorded_at = models.DateTimeField("ghi lúc")
    is_sample = models.BooleanField("số liệu mẫu", default=False)

    class Meta:
        verbose_name = "quyết định khen thưởng"
        verbose_name_plural = "các quyết định khen thưởng"
        ordering = ["-issued_on", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["unit", "number", "symbol", "issued_on"],
                name="one_decision_a_number",
                violation_error_message="Đã có quyết định cùng số, ký hiệu, ngày và cơ quan.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.number}/{self.symbol}"


class Award(models.Model):
    """One award conferred: a line of the register, with names as they were on the day."""

    decision = models.ForeignKey(
        Decision, verbose_name="quyết định", on_delete=models.PROTECT, related_name="awards"
    )
    nomination = models.OneToOneField(
        Nomination,
        verbose_name="đề nghị",
        on_delete=models.PROTECT,
        related_name="award",
        null=True,
        blank=True,
    )
    campaign = models.ForeignKey(
        Campaign,
        verbose_name="phong trào",
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
    )
    phase = models.ForeignKey(
        Phase,
        verbose_name="giai đoạn",
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
    )
    award_form = models.ForeignKey(
        AwardForm,
        verbose_name="hình thức khen thưởng",
        on_delete=models.PROTECT,
        related_name="awards",
    )
    recipient_kind = models.CharField("đối tượng", max_length=12, choices=RecipientKind.choices)
    recipient_name = name_field("tên đối tượng")
    recipient_post = name_field("chức vụ, đơn vị", blank=True)
    unit = models.ForeignKey(
        Unit,
        verbose_name="đơn vị",
        on_delete=models.PROTECT,
        related_name="+",
        help_text="tập thể được khen, hoặc đơn vị đề nghị",
    )
    person = models.ForeignKey(
        Person,
        verbose_name="cá nhân",
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
    )
    is_direct_worker = models.BooleanField("trực tiếp thực hiện", null=True, blank=True)
    achievement = NormalText("thành tích", blank=True)
    achievement_from = models.DateField("thành tích từ", null=True, blank=True)
    achievement_to = models.DateField("thành tích đến", null=True, blank=True)
    is_sample = models.BooleanField("số liệu mẫu", default=False)
    folded = models.TextField("tên không dấu", editable=False, default="")

    class Meta:
        verbose_name = "khen thưởng"
        verbose_name_plural = "sổ khen thưởng"
        ordering = ["-decision__issued_on", "award_form__rank", "recipient_name", "pk"]

    def __str__(self) -> str:
        return f"{self.recipient_name}: {self.award_form.short_name}"
