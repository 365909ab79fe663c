"""The ruler: what is measured, for whom, how much is enough. It never asks who was measured."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from units.models import Level, NormalText, Unit, UnitKind, name_field, ref_field
from units.rules import REASON

NUMBER = {"max_digits": 18, "decimal_places": 4}


class CriteriaSet(models.Model):
    """Bộ tiêu chí: the indicators of one plan, or of another programme that a plan quotes."""

    ref = ref_field()
    name = name_field("tên bộ tiêu chí")
    note = NormalText("ghi chú", blank=True)
    is_quoted = models.BooleanField(
        "của chương trình khác", default=False, help_text="kế hoạch dẫn mã, không tự đặt ra"
    )

    class Meta:
        verbose_name = "bộ tiêu chí"
        verbose_name_plural = "các bộ tiêu chí"
        ordering = ["ref"]

    def __str__(self) -> str:
        return self.name


class Group(models.Model):
    """Whom a part of the set measures (đối tượng thi đua)."""

    class SubjectKind(models.TextChoices):
        COLLECTIVE = "collective", "tập thể"
        INDIVIDUAL = "individual", "cá nhân"
        HOUSEHOLD = "household", "hộ gia đình"

    class Measured(models.TextChoices):
        # who enters, and on what the target is held
        EACH = "each", "từng đơn vị"
        SUM = "sum", "toàn kế hoạch, cộng từ các đơn vị"
        ONCE = "once", "toàn kế hoạch, cơ quan thường trực nhập"
        NOMINEE = "nominee", "người, tập thể được đề nghị khen thưởng"

    criteria_set = models.ForeignKey(
        CriteriaSet, verbose_name="bộ tiêu chí", on_delete=models.CASCADE, related_name="groups"
    )
    ref = ref_field(unique=False)
    order = models.PositiveSmallIntegerField("thứ tự", default=0)
    name = name_field("đối tượng")
    subject_kind = models.CharField(
        "loại đối tượng",
        max_length=12,
        choices=SubjectKind.choices,
        default=SubjectKind.COLLECTIVE,
    )
    measured = models.CharField(
        "cách đo", max_length=10, choices=Measured.choices, default=Measured.EACH
    )
    unit_kinds = models.ManyToManyField(
        UnitKind, verbose_name="loại đơn vị", related_name="+", blank=True
    )
    units = models.ManyToManyField(
        Unit,
        verbose_name="đơn vị nêu đích danh",
        related_name="+",
        blank=True,
    )
    note = NormalText("ghi chú", blank=True)

    class Meta:
        verbose_name = "nhóm đối tượng"
        verbose_name_plural = "các nhóm đối tượng"
        ordering = ["criteria_set", "order", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["criteria_set", "ref"], name="one_group_ref_a_set")
        ]

    def __str__(self) -> str:
        return self.name


class Indicator(models.Model):
    """One criterion (tiêu chí, chỉ số): what is measured. How much is enough is a `Target`."""

    class Kind(models.TextChoices):
        RATIO = "ratio", "tỷ lệ"
        QUANTITY = "quantity", "số lượng đo được"
        COUNT = "count", "số đếm"
        YES_NO = "yes_no", "có hoặc không"
        QUALITATIVE = "qualitative", "định tính"
        NARRATIVE = "narrative", "trả lời bằng lời"
        DERIVED = "derived", "tính từ đơn vị khác"

    class Numbers(models.TextChoices):
        WHOLE = "whole", "số nguyên"
        DECIMAL = "decimal", "có phần thập phân"

    class SumRule(models.TextChoices):
        EQUAL = "equal", "các phần cộng lại phải bằng số này"
        WITHIN = "within", "các phần cộng lại không vượt số này"

    class SumGrade(models.TextChoices):
        BLOCKS = "blocks", "chặn gửi phiếu"
        ASKS = "asks", "phải giải trình"
        NOTES = "notes", "chỉ lưu ý"

    class Derivation(models.TextChoices):
        SUM = "sum", "cộng tử số và mẫu số"
        SHARE = "share", "tỷ lệ đơn vị đạt"
        COUNT = "count", "số đơn vị đạt"

    criteria_set = models.ForeignKey(
        CriteriaSet, verbose_name="bộ tiêu chí", on_delete=models.CASCADE, related_name="indicators"
    )
    group = models.ForeignKey(
        Group, verbose_name="đối tượng", on_delete=models.CASCADE, related_name="indicators"
    )
    ref = ref_field(unique=False)
    code = models.CharField("mã hiển thị", max_length=20)
    order = models.PositiveSmallIntegerField("thứ tự", default=0)
    heading = name_field("mục", blank=True)
    name = NormalText("tên tiêu chí")
    short_name = name_field("tên gọi tắt", blank=True)
    kind = models.CharField("loại", max_length=12, choices=Kind.choices)
    measure_unit = name_field("đơn vị tính", max_length=60, blank=True)
    numerator_label = name_field("tên tử số", max_length=120, blank=True)
    denominator_label = name_field("tên mẫu số", max_length=120, blank=True)
    numbers = models.CharField(
        "kiểu số",
        max_length=8,
        choices=Numbers.choices,
        blank=True,
        help_text="để trống: theo loại và đơn vị tính",
    )
    exclusion = name_field("trừ trường hợp", blank=True)
    cumulative = models.BooleanField("lũy kế cả giai đoạn", default=False)
    of_which = models.ForeignKey(
        "self",
        verbose_name="trong đó, của",
        on_delete=models.PROTECT,
        related_name="parts",
        null=True,
        blank=True,
        help_text="mẫu số là tử số của tiêu chí này",
    )
    quotes = models.ForeignKey(
        "self",
        verbose_name="hỏi chỉ tiêu của bộ khác",
        on_delete=models.PROTECT,
        related_name="asked_as",
        null=True,
        blank=True,
        help_text="không ghi mức thì theo mức của chỉ tiêu này",
    )
    sum_of = ArrayField(
        models.SlugField(max_length=80),
        verbose_name="là tổng của",
        default=list,
        blank=True,
        help_text="mã tham chiếu của các tiêu chí cùng bộ",
    )
    sum_rule = models.CharField(
        "các phần so với tổng", max_length=8, choices=SumRule.choices, default=SumRule.EQUAL
    )
    sum_grade = models.CharField(
        "khi tổng không khớp", max_length=8, choices=SumGrade.choices, default=SumGrade.ASKS
    )
    derivation = models.CharField("cách tính", max_length=8, choices=Derivation.choices, blank=True)
    derived_from = models.ForeignKey(
        "self",
        verbose_name="tính từ tiêu chí",
        on_delete=models.PROTECT,
        related_name="derived",
        null=True,
        blank=True,
    )
    external_code = models.CharField("mã ở bộ tiêu chí khác", max_length=30, blank=True)
    external_set = name_field("bộ tiêu chí khác", blank=True)
    lead_unit = models.ForeignKey(
        Unit,
        verbose_name="chủ trì",
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
    )
    co_units = models.ManyToManyField(Unit, verbose_name="phối hợp", related_name="+", blank=True)
    evidence_required = models.BooleanField("phải có minh chứng", default=False)
    is_default = models.BooleanField(
        "mẫu mặc định của cổng", default=False, help_text="văn bản kế hoạch không nêu"
    )
    source = NormalText("trích văn bản", blank=True)

    class Meta:
        verbose_name = "tiêu chí"
        verbose_name_plural = "các tiêu chí"
        ordering = ["criteria_set", "group__order", "order", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["criteria_set", "ref"], name="one_indicator_ref_a_set"),
            models.UniqueConstraint(
                fields=["criteria_set", "quotes"],
                name="one_question_a_quoted_indicator",
                violation_error_message="Chỉ tiêu của bộ khác chỉ hỏi một lần trong một kế hoạch.",
            ),
            models.CheckConstraint(
                name="derived_indicator_has_source",
                condition=(Q(kind="derived") & ~Q(derivation="") & Q(derived_from__isnull=False))
                | (~Q(kind="derived") & Q(derivation="") & Q(derived_from__isnull=True)),
                violation_error_message="Tiêu chí tính từ đơn vị khác phải nêu cách tính và "
                "tiêu chí gốc; tiêu chí khác thì không.",
            ),
            models.CheckConstraint(
                name="of_which_is_a_ratio",
                condition=Q(of_which__isnull=True) | Q(kind="ratio"),
                violation_error_message="Chỉ tiêu “trong đó” phải là tỷ lệ.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.short_name or self.name}"

    @property
    def by_hand(self) -> bool:
        """Whether a figure of another set is typed in as a whole, since no unit here reports it.
        Needs `group` selected."""
        return (
            bool(self.external_code)
            and self.group.measured == Group.Measured.ONCE
            and not (self.derivation or self.quotes_id)
        )


class RubricLevel(models.Model):
    """Mức đánh giá of a qualitative criterion, in the order of the rubric (thang mức).

    `is_met` says whether a unit on this level meets the criterion. It is never turned into a
    number: what is judged is counted beside what is measured, not with it.
    """

    indicator = models.ForeignKey(
        Indicator, verbose_name="tiêu chí", on_delete=models.CASCADE, related_name="levels"
    )
    ref = ref_field(unique=False)
    order = models.PositiveSmallIntegerField("thứ tự", default=0)
    name = name_field("tên mức", max_length=40)
    text = NormalText("mô tả mức", blank=True)
    is_met = models.BooleanField("tính là đạt", default=False)

    class Meta:
        verbose_name = "mức đánh giá"
        verbose_name_plural = "các mức đánh giá"
        ordering = ["indicator", "order", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["indicator", "ref"], name="one_level_ref_an_indicator"),
            models.UniqueConstraint(
                fields=["indicator", "name"],
                name="one_level_name_an_indicator",
                deferrable=models.Deferrable.DEFERRED,  # two levels may change their names at once
                violation_error_message="Hai mức của một tiêu chí không được trùng tên.",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Target(models.Model):
    """Chỉ tiêu: how much is enough, for which group of units, from when.

    A rule, not a row per unit: the most specific rule that fits a unit wins (criteria.rules). A
    revised target is a new row with `in_force_from`, reason and decision; the old one stays.
    `value` of a ratio is in percent units (90 means 90 %); that of its rise or fall in percentage
    points, unless `basis` says per cent of the year before.
    """

    class Operator(models.TextChoices):
        GE = ">=", "từ … trở lên"
        GT = ">", "trên"
        LE = "<=", "không quá"
        LT = "<", "dưới"
        EQ = "=", "đúng"
        BETWEEN = "between", "từ … đến"
        NONE = "none", "không có mức"

    class Basis(models.TextChoices):
        LEVEL = "level", "mức"
        RISE = "rise", "tăng so với năm trước"
        FALL = "fall", "giảm so với năm trước"
        RISE_PERCENT = "rise_percent", "tăng so với năm trước, tính bằng %"
        FALL_PERCENT = "fall_percent", "giảm so với năm trước, tính bằng %"

    indicator = models.ForeignKey(
        Indicator, verbose_name="tiêu chí", on_delete=models.CASCADE, related_name="targets"
    )
    level = models.ForeignKey(
        Level, verbose_name="cấp", on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    unit_kind = models.ForeignKey(
        UnitKind,
        verbose_name="loại đơn vị",
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
    )
    unit = models.ForeignKey(
        Unit,
        verbose_name="đơn vị",
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
    )
    region = models.SlugField("vùng (nhãn đơn vị)", max_length=40, blank=True)
    year = models.PositiveSmallIntegerField("năm", null=True, blank=True)
    basis = models.CharField("tính trên", max_length=12, choices=Basis.choices, default=Basis.LEVEL)
    operator = models.CharField(
        "phép so", max_length=8, choices=Operator.choices, default=Operator.GE
    )
    value = models.DecimalField("mức", null=True, blank=True, **NUMBER)
    value_to = models.DecimalField("mức trên", null=True, blank=True, **NUMBER)
    in_force_from = models.DateField("áp dụng từ", null=True, blank=True)
    decision = name_field("văn bản điều chỉnh", blank=True)
    reason = NormalText("lý do điều chỉnh", blank=True, limit=REASON)
    note = NormalText("ghi chú", blank=True)

    class Meta:
        verbose_name = "chỉ tiêu"
        verbose_name_plural = "các chỉ tiêu"
        ordering = [
            "indicator",
            "level__rank",
            "year",
            F("in_force_from").asc(nulls_first=True),
            "pk",
        ]
        constraints = [
            models.UniqueConstraint(
                fields=[
                    "indicator",
                    "level",
                    "unit_kind",
                    "unit",
                    "region",
                    "year",
                    "in_force_from",
                ],
                name="one_target_a_rule",
                nulls_distinct=False,
                violation_error_message="Đã có chỉ tiêu cho đúng đối tượng, năm và ngày này.",
            ),
            models.CheckConstraint(
                name="target_value_fits_operator",
                condition=Q(operator="none", value__isnull=True, value_to__isnull=True)
                | Q(operator="between", value__isnull=False, value_to__gt=F("value"))
                | (
                    ~Q(operator__in=["none", "between"])
                    & Q(value__isnull=False, value_to__isnull=True)
                ),
                violation_error_message="Mức của chỉ tiêu không khớp phép so: “từ … đến” cần hai "
                "mức tăng dần, “không có mức” để trống, còn lại cần một mức.",
            ),
            models.CheckConstraint(
                name="change_target_has_value",
                condition=Q(basis="level") | ~Q(operator="none"),
                violation_error_message="Mức tăng, giảm so với năm trước phải ghi con số.",
            ),
            models.CheckConstraint(
                name="revised_target_has_reason",
                condition=Q(in_force_from__isnull=True) | (~Q(decision="") & ~Q(reason="")),
                violation_error_message="Chỉ tiêu điều chỉnh phải ghi văn bản và lý do.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_operator_display()} {self.value}"
