"""The plan of a campaign (kế hoạch phong trào thi đua), its members and its amendments."""

from datetime import date

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from criteria.models import CriteriaSet
from units.models import (
    Bloc,
    Level,
    NormalText,
    Unit,
    User,
    name_field,
    ref_field,
)
from units.rules import REASON


class Campaign(models.Model):
    """A plan as signed: who launches what, for whom, from when to when.

    Exactly one body issues it: a unit, or a bloc (then `issuer` is the unit that organises the
    bloc, and who verifies is the bloc's leader of the year).
    """

    class State(models.TextChoices):
        DRAFT = "draft", "dự thảo"
        ISSUED = "issued", "đang thực hiện"
        CLOSED = "closed", "đã tổng kết"

    TRANSITIONS = {
        State.DRAFT: {State.ISSUED},
        State.ISSUED: {State.CLOSED},
        State.CLOSED: {State.ISSUED},
    }

    class Method(models.TextChoices):
        REGULAR = "regular", "thường xuyên"
        THEMATIC = "thematic", "theo chuyên đề"

    ref = ref_field()
    title = NormalText("tên kế hoạch")
    short_title = name_field("tên gọi tắt")
    theme = NormalText("chủ đề", blank=True)
    method = models.CharField(
        "hình thức tổ chức", max_length=10, choices=Method.choices, default=Method.THEMATIC
    )
    level = models.ForeignKey(Level, verbose_name="cấp", on_delete=models.PROTECT, related_name="+")
    parent = models.ForeignKey(
        "self",
        verbose_name="kế hoạch cấp trên",
        on_delete=models.PROTECT,
        related_name="children",
        null=True,
        blank=True,
    )
    parent_document = NormalText("văn bản cấp trên (ngoài cổng)", blank=True)
    issuer = models.ForeignKey(
        Unit, verbose_name="cơ quan ban hành", on_delete=models.PROTECT, related_name="+"
    )
    bloc = models.ForeignKey(
        Bloc,
        verbose_name="Khối, Cụm ban hành",
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
    )
    standing_agency = models.ForeignKey(
        Unit,
        verbose_name="cơ quan thường trực",
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
        help_text="để trống với kế hoạch của Khối, Cụm: đơn vị Trưởng của năm",
    )
    document_type = name_field("tên loại văn bản", max_length=60, default="Kế hoạch")
    doc_number = models.CharField("số", max_length=20, blank=True)
    doc_symbol = models.CharField("ký hiệu", max_length=40, blank=True)
    issued_on = models.DateField("ngày ban hành", null=True, blank=True)
    issued_text = name_field("ngày ban hành (như văn bản)", max_length=120, blank=True)
    place = name_field("địa danh", max_length=120, blank=True)
    signing_capacity = name_field("quyền hạn ký", max_length=200, blank=True)
    signer_title = name_field("chức vụ người ký", max_length=200, blank=True)
    signer_name = name_field("người ký", max_length=150, blank=True)
    period_from = models.DateField("thực hiện từ")
    period_to = models.DateField("thực hiện đến")
    outlook = models.PositiveSmallIntegerField("định hướng đến năm", null=True, blank=True)
    criteria_set = models.OneToOneField(
        CriteriaSet, verbose_name="bộ tiêu chí", on_delete=models.PROTECT, related_name="+"
    )
    state = models.CharField(
        "trạng thái", max_length=10, choices=State.choices, default=State.DRAFT
    )
    revision = models.PositiveIntegerField("bản sửa", default=1)
    leads_first = models.BooleanField(
        "chỉ thẩm định phiếu khi các đơn vị chủ trì đã xác nhận đủ", default=False
    )
    is_sample = models.BooleanField("số liệu mẫu", default=False)
    folded = models.TextField("tên không dấu", editable=False, default="")

    class Meta:
        verbose_name = "phong trào thi đua"
        verbose_name_plural = "các phong trào thi đua"
        ordering = ["level__rank", "period_from", "short_title", "pk"]
        constraints = [
            models.CheckConstraint(
                name="campaign_period_in_order",
                condition=Q(period_to__gte=F("period_from")),
                violation_error_message="Thời gian thực hiện phải kết thúc sau khi bắt đầu.",
            ),
            models.CheckConstraint(
                name="campaign_not_its_own_parent",
                condition=Q(parent__isnull=True) | ~Q(parent=F("pk")),
                violation_error_message="Kế hoạch không thể là cấp trên của chính nó.",
            ),
            models.CheckConstraint(
                name="campaign_someone_verifies",
                condition=Q(bloc__isnull=False) | Q(standing_agency__isnull=False),
                violation_error_message="Kế hoạch phải có cơ quan thường trực, hoặc do Khối, Cụm "
                "ban hành.",
            ),
        ]

    def __str__(self) -> str:
        return self.short_title

    @property
    def years(self) -> str:
        """ "2022–2025", or "2025" for a plan of one year."""
        first, last = self.period_from.year, self.period_to.year
        return str(first) if first == last else f"{first}–{last}"

    @property
    def number_text(self) -> str:
        """ "207/KH-UBND"; a number that the signed paper leaves blank stays blank."""
        return f"{self.doc_number or '…'}/{self.doc_symbol}" if self.doc_symbol else ""

    @property
    def issuer_name(self) -> str:
        return self.bloc.name if self.bloc else self.issuer.name


class Participation(models.Model):
    """A unit enrolled in a campaign (đăng ký thi đua), the precondition of being commended.

    `away` are the days on which it left and came back before, by turns.
    """

    campaign = models.ForeignKey(
        Campaign, verbose_name="kế hoạch", on_delete=models.PROTECT, related_name="participations"
    )
    unit = models.ForeignKey(
        Unit, verbose_name="đơn vị", on_delete=models.PROTECT, related_name="+"
    )
    registered_on = models.DateField("đăng ký ngày")
    left_on = models.DateField("thôi tham gia ngày", null=True, blank=True)
    away = ArrayField(
        models.DateField(),
        verbose_name="những lần vắng mặt",
        default=list,
        db_default=[],
        blank=True,
    )
    registered_by = models.ForeignKey(
        User,
        verbose_name="người ghi",
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
    )

    class Meta:
        verbose_name = "đơn vị tham gia"
        verbose_name_plural = "các đơn vị tham gia"
        ordering = ["campaign", "unit__name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "unit"],
                name="one_participation_a_unit",
                violation_error_message="Đơn vị đã tham gia kế hoạch này.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.unit} – {self.campaign}"

    @property
    def times_away(self) -> list[tuple[date, date]]:
        return list(zip(self.away[::2], self.away[1::2], strict=True))


class Amendment(models.Model):
    """A dated change of an issued plan: the only way in which it changes."""

    campaign = models.ForeignKey(
        Campaign, verbose_name="kế hoạch", on_delete=models.PROTECT, related_name="amendments"
    )
    document = name_field("văn bản điều chỉnh")
    in_force_from = models.DateField("áp dụng từ")
    reason = NormalText("lý do", limit=REASON)
    changes = models.JSONField("thay đổi", default=list)
    made_at = models.DateTimeField("ghi lúc")
    made_by = models.ForeignKey(
        User,
        verbose_name="người ghi",
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
    )

    class Meta:
        verbose_name = "điều chỉnh kế hoạch"
        verbose_name_plural = "các điều chỉnh kế hoạch"
        ordering = ["campaign", "in_force_from", "pk"]
        constraints = [
            models.CheckConstraint(
                name="amendment_has_document",
                condition=~Q(document="") & ~Q(reason=""),
                violation_error_message="Điều chỉnh kế hoạch phải ghi văn bản và lý do.",
            )
        ]

    def __str__(self) -> str:
        return self.document
