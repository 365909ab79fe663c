"""Units as a tree with dates, and the second tree of blocs and clusters (Khối, Cụm thi đua)."""

from typing import ClassVar

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value

from units.models.fields import NormalText, name_field, ref_field
from units.rules import PERMISSIONS


def lifespan() -> Func:
    """The days from `valid_from` to `valid_to`, both included; open ends allowed."""
    return Func(
        F("valid_from"),
        F("valid_to"),
        Value("[]"),
        function="daterange",
        output_field=DateRangeField(),
    )


def lived_in_order(name: str) -> models.CheckConstraint:
    return models.CheckConstraint(
        name=name,
        condition=Q(valid_to__isnull=True)
        | Q(valid_from__isnull=True)
        | Q(valid_to__gte=F("valid_from")),
        violation_error_message="Ngày hết hiệu lực phải sau hoặc trùng ngày bắt đầu.",
    )


class Level(models.Model):
    """Province, district, commune…: data with dates; the district level ended on 30/06/2025."""

    code = models.SlugField("mã", max_length=30, primary_key=True)
    name = name_field("tên cấp")
    rank = models.PositiveSmallIntegerField("thứ bậc", help_text="1 là cấp cao nhất")
    valid_from = models.DateField("hiệu lực từ", null=True, blank=True)
    valid_to = models.DateField("hiệu lực đến", null=True, blank=True)

    class Meta:
        verbose_name = "cấp"
        verbose_name_plural = "các cấp"
        ordering = ["rank", "code"]
        constraints = [lived_in_order("level_lived_in_order")]

    def __str__(self) -> str:
        return self.name


class UnitKind(models.Model):
    """What a unit is (sở, phòng, xã, doanh nghiệp…); the level follows from it."""

    code = models.SlugField("mã", max_length=40, primary_key=True)
    name = name_field("loại đơn vị")
    level = models.ForeignKey(
        Level,
        verbose_name="cấp",
        on_delete=models.PROTECT,
        related_name="kinds",
        null=True,
        blank=True,
    )
    is_enterprise = models.BooleanField("là doanh nghiệp", default=False)

    class Meta:
        verbose_name = "loại đơn vị"
        verbose_name_plural = "các loại đơn vị"
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Unit(models.Model):
    """An office, body or enterprise for as long as it lives.

    `name`, `kind`, `parent` and `path` are those of today (or of its last day); `UnitName` and
    `UnitPlacement` keep what they were on any day. `path` is the chain of keys from the root, each
    followed by "/", so that unit 1/2/ does not swallow 1/22/.
    """

    ref = ref_field()
    name = name_field("tên đơn vị")
    short_name = name_field("tên gọi tắt", max_length=120, blank=True)
    kind = models.ForeignKey(
        UnitKind, verbose_name="loại đơn vị", on_delete=models.PROTECT, related_name="units"
    )
    parent = models.ForeignKey(
        "self",
        verbose_name="đơn vị cấp trên",
        on_delete=models.PROTECT,
        related_name="children",
        null=True,
        blank=True,
    )
    path = models.CharField("đường dẫn cây", max_length=250, blank=True, editable=False)
    symbol = models.CharField("ký hiệu văn bản", max_length=40, blank=True)
    place = name_field("địa danh", max_length=120, blank=True)
    area_code = models.CharField("mã hành chính", max_length=20, blank=True)
    tags = ArrayField(
        models.SlugField(max_length=40), verbose_name="nhãn", default=list, blank=True
    )
    valid_from = models.DateField("hoạt động từ", null=True, blank=True)
    valid_to = models.DateField("hoạt động đến", null=True, blank=True)
    is_sample = models.BooleanField("số liệu mẫu", default=False)
    note = NormalText("ghi chú", blank=True)
    folded = models.TextField("tên không dấu", editable=False, default="")

    class Meta:
        verbose_name = "đơn vị"
        verbose_name_plural = "các đơn vị"
        ordering = ["name", "pk"]
        default_permissions = ()
        permissions: ClassVar = [(p.codename, p.name) for p in PERMISSIONS]
        indexes = [
            models.Index(
                fields=["path"], name="unit_path_prefix", opclasses=["varchar_pattern_ops"]
            ),
        ]
        constraints = [lived_in_order("unit_lived_in_order")]

    def __str__(self) -> str:
        return self.name


class UnitName(models.Model):
    """What a unit was called, and what kind it was, between two days."""

    unit = models.ForeignKey(
        Unit, verbose_name="đơn vị", on_delete=models.CASCADE, related_name="names"
    )
    name = name_field("tên đơn vị")
    short_name = name_field("tên gọi tắt", max_length=120, blank=True)
    kind = models.ForeignKey(
        UnitKind, verbose_name="loại đơn vị", on_delete=models.PROTECT, related_name="+"
    )
    valid_from = models.DateField("từ ngày", null=True, blank=True)
    valid_to = models.DateField("đến ngày", null=True, blank=True)

    class Meta:
        verbose_name = "tên của đơn vị"
        verbose_name_plural = "tên của các đơn vị"
        ordering = ["unit", F("valid_from").asc(nulls_first=True)]
        constraints = [
            lived_in_order("unit_name_lived_in_order"),
            ExclusionConstraint(
                name="one_unit_name_a_day",
                expressions=[("unit", RangeOperators.EQUAL), (lifespan(), RangeOperators.OVERLAPS)],
                violation_error_message="Trong một ngày đơn vị chỉ có một tên.",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class UnitPlacement(models.Model):
    """Under whom a unit stood between two days."""

    unit = models.ForeignKey(
        Unit, verbose_name="đơn vị", on_delete=models.CASCADE, related_name="placements"
    )
    parent = models.ForeignKey(
        Unit, verbose_name="đơn vị cấp trên", on_delete=models.PROTECT, related_name="+"
    )
    valid_from = models.DateField("từ ngày", null=True, blank=True)
    valid_to = models.DateField("đến ngày", null=True, blank=True)

    class Meta:
        verbose_name = "vị trí trong cây đơn vị"
        verbose_name_plural = "vị trí trong cây đơn vị"
        ordering = ["unit", F("valid_from").asc(nulls_first=True)]
        constraints = [
            lived_in_order("unit_placement_lived_in_order"),
            models.CheckConstraint(
                name="unit_not_its_own_parent",
                condition=~Q(unit=F("parent")),
                violation_error_message="Đơn vị không thể là cấp trên của chính mình.",
            ),
            ExclusionConstraint(
                name="one_unit_parent_a_day",
                expressions=[("unit", RangeOperators.EQUAL), (lifespan(), RangeOperators.OVERLAPS)],
                violation_error_message="Trong một ngày đơn vị chỉ có một cấp trên trực tiếp.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.unit} – {self.parent}"


class UnitEvent(models.Model):
    """A change of the map (merge, split, rename, move, dissolve) with its date and its decision."""

    class Kind(models.TextChoices):
        MERGE = "merge", "hợp nhất, sáp nhập"
        SPLIT = "split", "chia, tách"
        RENAME = "rename", "đổi tên"
        MOVE = "move", "chuyển cấp trên"
        DISSOLVE = "dissolve", "giải thể, kết thúc hoạt động"

    ref = ref_field()
    kind = models.CharField("loại", max_length=20, choices=Kind.choices)
    on = models.DateField("ngày")
    decision = name_field("văn bản", blank=True)
    note = NormalText("ghi chú", blank=True)

    class Meta:
        verbose_name = "sắp xếp đơn vị"
        verbose_name_plural = "các lần sắp xếp đơn vị"
        ordering = ["on", "ref"]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.on:%d/%m/%Y}"


class UnitSuccession(models.Model):
    """Who took over from whom; `split` when the predecessor went to several."""

    class How(models.TextChoices):
        WHOLE = "whole", "toàn bộ"
        SPLIT = "split", "một phần"

    event = models.ForeignKey(
        UnitEvent, verbose_name="lần sắp xếp", on_delete=models.PROTECT, related_name="successions"
    )
    predecessor = models.ForeignKey(
        Unit, verbose_name="đơn vị cũ", on_delete=models.PROTECT, related_name="successions"
    )
    successor = models.ForeignKey(
        Unit, verbose_name="đơn vị mới", on_delete=models.PROTECT, related_name="origins"
    )
    how = models.CharField("mức kế thừa", max_length=10, choices=How.choices, default=How.WHOLE)

    class Meta:
        verbose_name = "kế thừa giữa đơn vị"
        verbose_name_plural = "kế thừa giữa các đơn vị"
        ordering = ["event", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["event", "predecessor", "successor"], name="one_succession_an_event"
            ),
            models.CheckConstraint(
                name="unit_not_its_own_successor",
                condition=~Q(predecessor=F("successor")),
                violation_error_message="Đơn vị không thể kế thừa chính mình.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.predecessor} → {self.successor}"


class Bloc(models.Model):
    """Khối (units alike in function) or Cụm (localities): a second hierarchy, led in rotation."""

    class Kind(models.TextChoices):
        BLOC = "bloc", "Khối thi đua"
        CLUSTER = "cluster", "Cụm thi đua"

    ref = ref_field()
    name = name_field("tên Khối, Cụm")
    kind = models.CharField("loại", max_length=10, choices=Kind.choices, default=Kind.BLOC)
    organiser = models.ForeignKey(
        Unit, verbose_name="cơ quan tổ chức", on_delete=models.PROTECT, related_name="blocs"
    )
    symbol = models.CharField("ký hiệu văn bản", max_length=40, blank=True)
    is_sample = models.BooleanField("số liệu mẫu", default=False)

    class Meta:
        verbose_name = "Khối, Cụm thi đua"
        verbose_name_plural = "các Khối, Cụm thi đua"
        ordering = ["name", "pk"]

    def __str__(self) -> str:
        return self.name

    @property
    def short_kind(self) -> str:
        """ "Khối" or "Cụm", as people speak of it."""
        return "Cụm" if self.kind == self.Kind.CLUSTER else "Khối"


class BlocMembership(models.Model):
    """One unit in one bloc for one year; the leader changes every year (domain, section 6)."""

    class Role(models.TextChoices):
        HEAD = "head", "Trưởng"
        DEPUTY = "deputy", "Phó"
        MEMBER = "member", "thành viên"

    bloc = models.ForeignKey(
        Bloc, verbose_name="Khối, Cụm", on_delete=models.PROTECT, related_name="memberships"
    )
    unit = models.ForeignKey(
        Unit, verbose_name="đơn vị", on_delete=models.PROTECT, related_name="bloc_memberships"
    )
    year = models.PositiveSmallIntegerField("năm")
    role = models.CharField("vai trò", max_length=10, choices=Role.choices, default=Role.MEMBER)

    class Meta:
        verbose_name = "thành viên Khối, Cụm"
        verbose_name_plural = "thành viên các Khối, Cụm"
        ordering = ["bloc", "year", "unit"]
        constraints = [
            models.UniqueConstraint(
                fields=["bloc", "unit", "year"],
                name="one_bloc_membership_a_year",
                violation_error_message="Đơn vị đã là thành viên của Khối, Cụm này trong năm.",
            ),
            models.UniqueConstraint(
                fields=["bloc", "year"],
                condition=Q(role="head"),
                name="one_bloc_head_a_year",
                violation_error_message="Mỗi năm Khối, Cụm chỉ có một đơn vị làm Trưởng.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.unit} ({self.bloc}, {self.year})"


class BlocYear(models.Model):
    """The decision or minutes that name the members and the leader of one year.

    A year loaded from a file has no such row; one set in the portal always has.
    """

    bloc = models.ForeignKey(
        Bloc, verbose_name="Khối, Cụm", on_delete=models.PROTECT, related_name="years"
    )
    year = models.PositiveSmallIntegerField("năm")
    decision = name_field("văn bản")
    decided_on = models.DateField("ngày văn bản")
    set_at = models.DateTimeField("ghi lúc")
    set_by = models.ForeignKey(
        "units.User",
        verbose_name="người ghi",
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
    )

    class Meta:
        verbose_name = "danh sách năm của Khối, Cụm"
        verbose_name_plural = "danh sách các năm của Khối, Cụm"
        ordering = ["bloc", "-year"]
        constraints = [
            models.UniqueConstraint(
                fields=["bloc", "year"],
                name="one_bloc_year",
                violation_error_message="Khối, Cụm đã có danh sách của năm này.",
            ),
            models.CheckConstraint(
                name="bloc_year_has_decision",
                condition=~Q(decision=""),
                violation_error_message="Danh sách năm phải ghi văn bản quyết định.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.bloc}, năm {self.year}"
