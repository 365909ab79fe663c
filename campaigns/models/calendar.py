"""When a plan asks for what: phases, reporting periods, duties."""

from datetime import date

from django.db import models
from django.db.models import F, Q

from campaigns.models.plan import Campaign
from criteria.models import Group
from units.models import NormalText, Unit, name_field, ref_field


class Phase(models.Model):
    """Giai đoạn: launch, yearly review, interim review (sơ kết), final review (tổng kết)."""

    class Kind(models.TextChoices):
        LAUNCH = "launch", "phát động"
        YEARLY = "yearly", "hằng năm"
        AD_HOC = "ad_hoc", "đột xuất"
        INTERIM = "interim", "sơ kết"
        FINAL = "final", "tổng kết"

    campaign = models.ForeignKey(
        Campaign, verbose_name="kế hoạch", on_delete=models.CASCADE, related_name="phases"
    )
    ref = ref_field(unique=False)
    order = models.PositiveSmallIntegerField("thứ tự", default=0)
    kind = models.CharField("loại", max_length=10, choices=Kind.choices)
    name = name_field("tên giai đoạn")
    period_from = models.DateField("thành tích từ", null=True, blank=True)
    period_to = models.DateField("thành tích đến", null=True, blank=True)
    held_on = models.DateField("ngày tổ chức", null=True, blank=True)
    held_text = name_field("thời gian (như văn bản)", blank=True)
    note = NormalText("ghi chú", blank=True)

    class Meta:
        verbose_name = "giai đoạn"
        verbose_name_plural = "các giai đoạn"
        ordering = ["campaign", "order", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["campaign", "ref"], name="one_phase_ref_a_campaign"),
            models.CheckConstraint(
                name="phase_period_in_order",
                condition=Q(period_from__isnull=True)
                | Q(period_to__isnull=True)
                | Q(period_to__gte=F("period_from")),
                violation_error_message="Thời gian tính thành tích phải kết thúc sau khi bắt đầu.",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Period(models.Model):
    """Kỳ báo cáo: the time one result sheet speaks of, and the day on which it closes."""

    class Kind(models.TextChoices):
        YEAR = "year", "năm"
        HALF = "half", "6 tháng"
        INTERIM = "interim", "sơ kết"
        FINAL = "final", "tổng kết"

    campaign = models.ForeignKey(
        Campaign, verbose_name="kế hoạch", on_delete=models.CASCADE, related_name="periods"
    )
    ref = ref_field(unique=False)
    kind = models.CharField("loại", max_length=8, choices=Kind.choices, default=Kind.YEAR)
    name = name_field("tên kỳ", max_length=80)
    period_from = models.DateField("từ ngày")
    period_to = models.DateField("đến ngày")
    closes_on = models.DateField("khóa sau ngày")
    closed_at = models.DateTimeField("đã khóa lúc", null=True, blank=True)

    class Meta:
        verbose_name = "kỳ báo cáo"
        verbose_name_plural = "các kỳ báo cáo"
        ordering = ["campaign", "period_from", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["campaign", "ref"], name="one_period_ref_a_campaign"),
            models.CheckConstraint(
                name="period_in_order",
                condition=Q(period_to__gte=F("period_from"), closes_on__gte=F("period_from")),
                violation_error_message="Kỳ báo cáo phải kết thúc và khóa sau khi bắt đầu.",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def in_a_sentence(self) -> str:
        """ "Năm 2024" → "năm 2024"."""
        return self.name[:1].lower() + self.name[1:]

    def is_open(self, today: date, until: date | None = None) -> bool:
        """Whether figures are still taken: the day decides, even before the row is closed.

        `until` is the last day of a unit whose time was extended.
        """
        extended = until is not None and today <= until
        return extended or (self.closed_at is None and today <= self.closes_on)


class ReportingDuty(models.Model):
    """Who owes which report, or their own plan, to whom, before or on which day.

    Yearly duties give day and month; a duty with a single day gives `on`; a plan that leaves the
    day open gives neither, and the page says so.
    """

    class What(models.TextChoices):
        REPORT = "report", "báo cáo kết quả"
        CONSOLIDATED = "consolidated", "báo cáo tổng hợp"
        OWN_PLAN = "own_plan", "kế hoạch của đơn vị"
        DOSSIER = "dossier", "hồ sơ khen thưởng"

    class Rhythm(models.TextChoices):
        YEARLY = "yearly", "hằng năm"
        HALF_YEARLY = "half_yearly", "6 tháng một lần"
        INTERIM = "interim", "sơ kết"
        FINAL = "final", "tổng kết"
        ONCE = "once", "một lần"
        AD_HOC = "ad_hoc", "khi có yêu cầu"

    class Relation(models.TextChoices):
        BEFORE = "before", "trước ngày"
        ON = "on", "vào ngày"
        WITHIN = "within", "trong"

    class Owner(models.TextChoices):
        MEMBERS = "members", "đơn vị tham gia"
        STANDING = "standing", "cơ quan thường trực"

    campaign = models.ForeignKey(
        Campaign, verbose_name="kế hoạch", on_delete=models.CASCADE, related_name="duties"
    )
    ref = ref_field(unique=False)
    order = models.PositiveSmallIntegerField("thứ tự", default=0)
    what = models.CharField("phải gửi", max_length=14, choices=What.choices)
    name = name_field("tên báo cáo")
    rhythm = models.CharField("nhịp", max_length=12, choices=Rhythm.choices)
    relation = models.CharField(
        "hạn", max_length=8, choices=Relation.choices, default=Relation.BEFORE
    )
    month = models.PositiveSmallIntegerField("tháng", null=True, blank=True)
    day = models.PositiveSmallIntegerField("ngày", null=True, blank=True)
    on = models.DateField("ngày cụ thể", null=True, blank=True)
    due_text = name_field("hạn (như văn bản)", max_length=150, blank=True)
    owed_by = models.CharField(
        "ai gửi", max_length=10, choices=Owner.choices, default=Owner.MEMBERS
    )
    groups = models.ManyToManyField(
        Group, verbose_name="nhóm phải gửi", related_name="+", blank=True
    )
    owed_to = models.ForeignKey(
        Unit,
        verbose_name="gửi đến",
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
    )
    owed_to_text = name_field("gửi đến (như văn bản)", blank=True)

    class Meta:
        verbose_name = "hạn báo cáo"
        verbose_name_plural = "các hạn báo cáo"
        ordering = ["campaign", "order", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["campaign", "ref"], name="one_duty_ref_a_campaign"),
            models.CheckConstraint(
                name="duty_day_is_whole",
                condition=Q(day__isnull=True, month__isnull=True)
                | Q(day__range=(1, 31), month__range=(1, 12)),
                violation_error_message="Hạn hằng năm phải có đủ ngày và tháng.",
            ),
        ]

    def __str__(self) -> str:
        return self.name
