"""The words of a plan's paper, line by line in its order."""

from django.db import models
from django.db.models import F, Q

from campaigns.models.plan import Campaign
from criteria.models import Indicator
from units.models import NormalText, Unit, name_field
from units.rules import REASON


class PlanLine(models.Model):
    """One line of the plan's paper, in its order."""

    campaign = models.ForeignKey(
        Campaign, verbose_name="kế hoạch", on_delete=models.CASCADE, related_name="%(class)s_lines"
    )
    order = models.PositiveSmallIntegerField("thứ tự", default=0)
    text = NormalText("nội dung")

    class Meta:
        abstract = True
        ordering = ["campaign", "order", "pk"]

    def __str__(self) -> str:
        return self.text[:80]


class Section(PlanLine):
    """A part of the plan's text: purpose, content, measures, funding…"""

    class Kind(models.TextChoices):
        PURPOSE = "purpose", "mục đích, yêu cầu"
        SCOPE = "scope", "phạm vi, đối tượng"
        CONTENT = "content", "nội dung thi đua"
        MEASURES = "measures", "biện pháp thực hiện"
        AWARDS = "awards", "khen thưởng"
        FUNDING = "funding", "kinh phí"
        SCHEDULE = "schedule", "tiến độ"
        ORGANISATION = "organisation", "tổ chức thực hiện"

    kind = models.CharField("loại phần", max_length=14, choices=Kind.choices)
    heading = name_field("đề mục")

    class Meta(PlanLine.Meta):
        verbose_name = "phần nội dung"
        verbose_name_plural = "các phần nội dung"


class Assignment(PlanLine):
    """A task given to a body; `body` is its name where it is no unit of the portal."""

    class Part(models.TextChoices):
        LEAD = "lead", "chủ trì"
        ASSIST = "assist", "phối hợp"

    unit = models.ForeignKey(
        Unit,
        verbose_name="đơn vị",
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
    )
    body = name_field("cơ quan, tổ chức", blank=True)
    part = models.CharField("vai trò", max_length=8, choices=Part.choices, default=Part.LEAD)

    class Meta(PlanLine.Meta):
        verbose_name = "phân công"
        verbose_name_plural = "các phân công"
        constraints = [
            models.CheckConstraint(
                name="assignment_names_a_body",
                condition=Q(unit__isnull=False) | ~Q(body=""),
                violation_error_message="Phân công phải nêu cơ quan, tổ chức thực hiện.",
            )
        ]


class RouteStep(PlanLine):
    """One stop on the way of results and dossiers (trình tự gửi)."""

    unit = models.ForeignKey(
        Unit,
        verbose_name="đơn vị",
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
    )

    class Meta(PlanLine.Meta):
        verbose_name = "bước gửi"
        verbose_name_plural = "trình tự gửi"


class LegalBasis(PlanLine):
    """Căn cứ: what the plan stands on, as printed."""

    code = models.CharField("số, ký hiệu", max_length=60, blank=True)
    issued_on = models.DateField("ngày", null=True, blank=True)

    class Meta(PlanLine.Meta):
        verbose_name = "căn cứ"
        verbose_name_plural = "các căn cứ"


class LegalAct(models.Model):
    """Sổ văn bản: an act that plans cite, from when to when it is in force and what replaced it."""

    code = models.CharField("số, ký hiệu", max_length=60)
    title = NormalText("tên văn bản")
    issued_on = models.DateField("ngày ban hành", null=True, blank=True)
    valid_from = models.DateField("hiệu lực từ", null=True, blank=True)
    valid_to = models.DateField("hiệu lực đến", null=True, blank=True)
    replaced_by = models.ForeignKey(
        "self",
        verbose_name="được thay bằng",
        on_delete=models.PROTECT,
        related_name="replaces",
        null=True,
        blank=True,
    )
    note = NormalText("ghi chú", blank=True)

    class Meta:
        verbose_name = "văn bản căn cứ"
        verbose_name_plural = "sổ văn bản căn cứ"
        ordering = [F("valid_from").desc(nulls_last=True), "code"]
        constraints = [
            models.UniqueConstraint(
                fields=["code", "issued_on"],
                name="one_legal_act_a_code",
                nulls_distinct=False,
                violation_error_message="Văn bản số này, ngày này đã có trong sổ.",
            ),
            models.CheckConstraint(
                name="legal_act_ends_after_it_begins",
                condition=Q(valid_to__isnull=True)
                | Q(valid_from__isnull=True)
                | Q(valid_to__gte=F("valid_from")),
                violation_error_message="Ngày hết hiệu lực phải sau ngày bắt đầu.",
            ),
        ]

    def __str__(self) -> str:
        return self.code


class ParentIndicator(PlanLine):
    """How a plan carries out one indicator of the plan above; `text` says to whom it was given, or
    why it was set aside.
    """

    class Way(models.TextChoices):
        COVERED = "covered", "có tiêu chí tương ứng"
        DELEGATED = "delegated", "giao cho đơn vị khác"
        SET_ASIDE = "set_aside", "không thực hiện"

    parent_indicator = models.ForeignKey(
        Indicator, verbose_name="tiêu chí cấp trên", on_delete=models.PROTECT, related_name="+"
    )
    way = models.CharField("cách thực hiện", max_length=10, choices=Way.choices)
    indicator = models.ForeignKey(
        Indicator,
        verbose_name="tiêu chí tương ứng",
        on_delete=models.CASCADE,
        related_name="+",
        null=True,
        blank=True,
    )
    text = NormalText("nơi giao, lý do", blank=True, limit=REASON)

    class Meta(PlanLine.Meta):
        verbose_name = "thực hiện tiêu chí cấp trên"
        verbose_name_plural = "thực hiện các tiêu chí cấp trên"
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "parent_indicator"],
                name="one_answer_a_parent_indicator",
                violation_error_message="Tiêu chí cấp trên này đã nêu cách thực hiện.",
            ),
            models.CheckConstraint(
                name="parent_indicator_is_answered",
                condition=Q(way="covered", indicator__isnull=False)
                | (~Q(way="covered") & ~Q(text="")),
                violation_error_message="Nêu tiêu chí tương ứng; giao đơn vị khác hoặc không thực "
                "hiện thì ghi nơi giao, lý do.",
            ),
        ]


class Recipient(PlanLine):
    """Nơi nhận."""

    class Meta(PlanLine.Meta):
        verbose_name = "nơi nhận"
        verbose_name_plural = "các nơi nhận"


class Remark(PlanLine):
    """A slip or a gap of the signed text, kept visible and not mended."""

    heading = name_field("vấn đề", blank=True)

    class Meta(PlanLine.Meta):
        verbose_name = "ghi chú văn bản"
        verbose_name_plural = "các ghi chú văn bản"
