"""How a plan scores: a table of items with their methods, who scores it, the next one in draft."""

from datetime import date

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q

from criteria.models.ruler import CriteriaSet, Group, Indicator
from units.models import NormalText, User, name_field, ref_field
from units.rules import REASON

POINTS = {"max_digits": 10, "decimal_places": 4}


class Layer(models.TextChoices):
    """Who scores, in this order; which of them a table uses is data."""

    SELF = "self", "tự chấm"
    PEER = "peer", "chấm chéo"
    BLOC = "bloc", "Khối, Cụm thẩm định"
    STANDING = "standing", "cơ quan thường trực thẩm định"


class ScoreTable(models.Model):
    """Bảng chấm điểm of one group, from a year on; a later year's table replaces it, and one that a
    dated amendment brings does so for the periods that end on its day or after.

    What must add up is told by `criteria.rules.table_faults`; a table with a fault stays a draft.
    """

    class State(models.TextChoices):
        DRAFT = "draft", "dự thảo"
        ACTIVE = "active", "đang áp dụng"

    TRANSITIONS = {State.DRAFT: {State.ACTIVE}, State.ACTIVE: set()}

    class Rounding(models.TextChoices):
        HALF_UP = "half_up", "đến số gần nhất"
        UP = "up", "lên"
        DOWN = "down", "xuống"

    class NotApplicable(models.TextChoices):
        FULL = "full", "cho đủ điểm"
        RESCALE = "rescale", "bỏ mục, quy đổi theo tổng điểm tối đa"
        ZERO = "zero", "0 điểm"

    class TieEnd(models.TextChoices):
        SHARED = "shared", "xếp đồng hạng"
        DECIDED = "decided", "không xếp đồng hạng, hội nghị quyết định thứ tự"

    criteria_set = models.ForeignKey(
        CriteriaSet,
        verbose_name="bộ tiêu chí",
        on_delete=models.CASCADE,
        related_name="score_tables",
    )
    group = models.ForeignKey(
        Group, verbose_name="đối tượng", on_delete=models.CASCADE, related_name="score_tables"
    )
    ref = ref_field(unique=False)
    order = models.PositiveSmallIntegerField("thứ tự", default=0)
    name = name_field("tên bảng chấm điểm")
    from_year = models.PositiveSmallIntegerField("áp dụng từ năm")
    state = models.CharField("trạng thái", max_length=8, choices=State.choices, default=State.DRAFT)
    max_points = models.DecimalField("tổng điểm tối đa", **POINTS)
    may_exceed = models.BooleanField("tổng được vượt điểm tối đa nhờ điểm thưởng", default=False)
    bonus_ceiling = models.DecimalField("trần điểm thưởng", null=True, blank=True, **POINTS)
    penalty_ceiling = models.DecimalField("trần điểm trừ", null=True, blank=True, **POINTS)
    not_applicable = models.CharField(
        "mục không áp dụng",
        max_length=8,
        choices=NotApplicable.choices,
        default=NotApplicable.RESCALE,
    )
    digits = models.PositiveSmallIntegerField("số chữ số thập phân của điểm", default=2)
    rounding = models.CharField(
        "làm tròn", max_length=8, choices=Rounding.choices, default=Rounding.HALF_UP
    )
    tie_end = models.CharField(
        "khi vẫn bằng nhau", max_length=8, choices=TieEnd.choices, default=TieEnd.SHARED
    )
    decided_places = models.PositiveSmallIntegerField(
        "không đồng hạng ở các hạng đầu",
        null=True,
        blank=True,
        help_text="để trống: ở mọi hạng",
    )
    in_force_from = models.DateField("áp dụng từ ngày", null=True, blank=True)
    decision = name_field("văn bản điều chỉnh", blank=True)
    reason = NormalText("lý do điều chỉnh", blank=True, limit=REASON)
    note = NormalText("ghi chú", blank=True)

    class Meta:
        verbose_name = "bảng chấm điểm"
        verbose_name_plural = "các bảng chấm điểm"
        ordering = ["criteria_set", "order", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["criteria_set", "ref"],
                name="one_score_table_ref_a_set",
                violation_error_message="Bộ tiêu chí đã có bảng chấm điểm mang mã này.",
            ),
            models.UniqueConstraint(
                fields=["group", "from_year", "in_force_from"],
                name="one_score_table_a_day",
                nulls_distinct=False,
                violation_error_message="Nhóm đã có bảng chấm điểm áp dụng từ năm, từ ngày này.",
            ),
            models.CheckConstraint(
                name="amended_score_table_has_reason",
                condition=Q(in_force_from__isnull=True) | (~Q(decision="") & ~Q(reason="")),
                violation_error_message="Bảng chấm điểm điều chỉnh phải ghi văn bản và lý do.",
            ),
            models.CheckConstraint(
                name="score_table_numbers_make_sense",
                condition=Q(max_points__gt=0, digits__lte=4)
                & (Q(bonus_ceiling__isnull=True) | Q(bonus_ceiling__gte=0))
                & (Q(penalty_ceiling__isnull=True) | Q(penalty_ceiling__gte=0)),
                violation_error_message="Tổng điểm tối đa phải lớn hơn 0, trần thưởng và trần trừ "
                "không âm, điểm có nhiều nhất 4 chữ số thập phân.",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def holds_on(self, day: date) -> bool:
        """Whether it is for a period that ends on `day`, unless another replaces it."""
        since = self.in_force_from
        return self.from_year <= day.year and (since is None or since <= day)


class TableDraft(models.Model):
    """The next table of a group while it is written for a plan that is issued.

    `values` are what the plan's file will say of it. A dated amendment puts it in force; then the
    draft is gone.
    """

    group = models.OneToOneField(
        Group, verbose_name="đối tượng", on_delete=models.CASCADE, related_name="table_draft"
    )
    values = models.JSONField("nội dung", encoder=DjangoJSONEncoder)
    saved_at = models.DateTimeField("lưu lúc")
    saved_by = models.ForeignKey(
        User,
        verbose_name="người soạn",
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
    )

    class Meta:
        verbose_name = "bảng chấm điểm đang soạn"
        verbose_name_plural = "các bảng chấm điểm đang soạn"
        ordering = ["group"]

    def __str__(self) -> str:
        return str(self.values["name"])


class TableLayer(models.Model):
    """A layer that the table uses, and how many days after the period closes it is due."""

    table = models.ForeignKey(
        ScoreTable, verbose_name="bảng chấm điểm", on_delete=models.CASCADE, related_name="layers"
    )
    order = models.PositiveSmallIntegerField("thứ tự", default=0)
    layer = models.CharField("lớp chấm", max_length=8, choices=Layer.choices)
    days = models.PositiveSmallIntegerField("số ngày sau khi khóa kỳ", null=True, blank=True)

    class Meta:
        verbose_name = "lớp chấm của bảng"
        verbose_name_plural = "các lớp chấm của bảng"
        ordering = ["table", "order", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["table", "layer"],
                name="one_layer_a_score_table",
                violation_error_message="Bảng chấm điểm đã có lớp chấm này.",
            )
        ]

    def __str__(self) -> str:
        return self.get_layer_display()


class ScoreItem(models.Model):
    """One line of the table: a heading that sums its parts, an item, a bonus or a penalty.

    Points of a penalty are written positive and taken off.
    """

    class Kind(models.TextChoices):
        ITEM = "item", "mục chấm"
        BONUS = "bonus", "điểm thưởng"
        PENALTY = "penalty", "điểm trừ"

    class Method(models.TextChoices):
        SUM = "sum", "cộng các mục con"
        MANUAL = "manual", "chấm điểm"
        STEPS = "steps", "theo bậc"
        PROPORTIONAL = "proportional", "theo tỷ lệ đạt"
        YES_NO = "yes_no", "đạt hoặc không"
        COUNT = "count", "theo số lần"
        LEVEL = "level", "theo mức đánh giá"

    class Basis(models.TextChoices):
        RESULT = "result", "trên kết quả"
        TARGET = "target", "trên tỷ lệ đạt chỉ tiêu (%)"

    table = models.ForeignKey(
        ScoreTable, verbose_name="bảng chấm điểm", on_delete=models.CASCADE, related_name="items"
    )
    parent = models.ForeignKey(
        "self",
        verbose_name="thuộc mục",
        on_delete=models.RESTRICT,
        related_name="parts",
        null=True,
        blank=True,
    )
    ref = ref_field(unique=False)
    order = models.PositiveSmallIntegerField("thứ tự", default=0)
    code = models.CharField("mã hiển thị", max_length=20)
    name = NormalText("nội dung")
    kind = models.CharField("loại", max_length=8, choices=Kind.choices, default=Kind.ITEM)
    method = models.CharField(
        "cách chấm", max_length=12, choices=Method.choices, default=Method.MANUAL
    )
    indicator = models.ForeignKey(
        Indicator,
        verbose_name="tính từ tiêu chí",
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
    )
    max_points = models.DecimalField("điểm tối đa", **POINTS)
    floor = models.DecimalField("điểm sàn", null=True, blank=True, **POINTS)
    each = models.DecimalField("điểm mỗi lần", null=True, blank=True, **POINTS)
    basis = models.CharField("bậc tính", max_length=8, choices=Basis.choices, default=Basis.TARGET)
    evidence_required = models.BooleanField("phải có minh chứng", default=False)
    note = NormalText("hướng dẫn chấm", blank=True)

    class Meta:
        verbose_name = "mục chấm điểm"
        verbose_name_plural = "các mục chấm điểm"
        ordering = ["table", "order", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["table", "ref"],
                name="one_item_ref_a_score_table",
                violation_error_message="Bảng chấm điểm đã có mục mang mã này.",
            ),
            models.CheckConstraint(
                name="score_item_max_not_negative",
                condition=Q(max_points__gte=0),
                violation_error_message="Điểm tối đa của mục không được âm.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class ScoreStep(models.Model):
    """One band of a method by steps: from `lower` on, below `upper`, an open end left empty."""

    item = models.ForeignKey(
        ScoreItem, verbose_name="mục chấm điểm", on_delete=models.CASCADE, related_name="steps"
    )
    order = models.PositiveSmallIntegerField("thứ tự", default=0)
    lower = models.DecimalField("từ", null=True, blank=True, **POINTS)
    upper = models.DecimalField("đến dưới", null=True, blank=True, **POINTS)
    points = models.DecimalField("điểm", **POINTS)

    class Meta:
        verbose_name = "bậc điểm"
        verbose_name_plural = "các bậc điểm"
        ordering = ["item", "order", "pk"]

    def __str__(self) -> str:
        return f"{self.item.code}: {self.points}"


class ScoreLevel(models.Model):
    """What a method by level gives on one level of the rubric of its indicator, named by its
    ref."""

    item = models.ForeignKey(
        ScoreItem, verbose_name="mục chấm điểm", on_delete=models.CASCADE, related_name="levels"
    )
    order = models.PositiveSmallIntegerField("thứ tự", default=0)
    level = ref_field(unique=False)
    points = models.DecimalField("điểm", **POINTS)

    class Meta:
        verbose_name = "điểm của mức đánh giá"
        verbose_name_plural = "điểm của các mức đánh giá"
        ordering = ["item", "order", "pk"]

    def __str__(self) -> str:
        return f"{self.item.code}, {self.level}: {self.points}"
