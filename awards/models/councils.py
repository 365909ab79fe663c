"""Councils, the rounds they review, and who sits on them."""

from django.db import models
from django.db.models import Q

from campaigns.models import Campaign, Phase
from units.models import Person, Unit, lived_in_order, name_field, ref_field


class Council(models.Model):
    """Hội đồng Thi đua - Khen thưởng of a unit, set up by a decision."""

    ref = ref_field()
    name = name_field("tên hội đồng")
    unit = models.ForeignKey(
        Unit, verbose_name="của đơn vị", on_delete=models.PROTECT, related_name="+"
    )
    decision = name_field("quyết định thành lập")
    symbol = models.CharField("ký hiệu biên bản", max_length=40, blank=True)
    valid_from = models.DateField("hoạt động từ")
    valid_to = models.DateField("hoạt động đến", null=True, blank=True)
    is_sample = models.BooleanField("số liệu mẫu", default=False)

    class Meta:
        verbose_name = "hội đồng"
        verbose_name_plural = "các hội đồng"
        ordering = ["name", "pk"]
        constraints = [lived_in_order("council_lived_in_order")]

    def __str__(self) -> str:
        return self.name


class CouncilSeat(models.Model):
    """A seat on a council. A table, not a grant: who appointed whom must be on record."""

    class Role(models.TextChoices):
        CHAIR = "chair", "Chủ tịch hội đồng"
        STANDING_VICE = "standing_vice", "Phó Chủ tịch thường trực"
        MEMBER = "member", "Ủy viên"
        SECRETARY = "secretary", "Thư ký"

    council = models.ForeignKey(
        Council, verbose_name="hội đồng", on_delete=models.CASCADE, related_name="seats"
    )
    person = models.ForeignKey(
        Person, verbose_name="cá nhân", on_delete=models.PROTECT, related_name="+"
    )
    role = models.CharField("vai trò", max_length=14, choices=Role.choices)
    votes = models.BooleanField("có quyền biểu quyết", default=True)
    post = name_field("chức vụ chính quyền", blank=True)
    valid_from = models.DateField("từ ngày")
    valid_to = models.DateField("đến ngày", null=True, blank=True)

    class Meta:
        verbose_name = "thành viên hội đồng"
        verbose_name_plural = "các thành viên hội đồng"
        ordering = ["council", "pk"]
        constraints = [
            lived_in_order("seat_lived_in_order"),
            models.UniqueConstraint(
                fields=["council", "person", "valid_from"], name="one_seat_a_person"
            ),
            models.UniqueConstraint(
                fields=["council"],
                condition=Q(role="chair", valid_to__isnull=True),
                name="one_chair_a_council",
                violation_error_message="Hội đồng chỉ có một chủ tịch đương nhiệm.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person}, {self.get_role_display()}"


class AwardRound(models.Model):
    """Đợt xét: one campaign, one phase, one time of asking."""

    class State(models.TextChoices):
        OPEN = "open", "đang nhận đề nghị"
        CLOSED = "closed", "đã kết thúc"

    TRANSITIONS = {State.OPEN: {State.CLOSED}, State.CLOSED: {State.OPEN}}

    campaign = models.ForeignKey(
        Campaign, verbose_name="kế hoạch", on_delete=models.PROTECT, related_name="+"
    )
    phase = models.ForeignKey(
        Phase, verbose_name="giai đoạn", on_delete=models.PROTECT, related_name="+"
    )
    ref = ref_field()
    name = name_field("tên đợt xét")
    council = models.ForeignKey(
        Council,
        verbose_name="hội đồng xét",
        on_delete=models.PROTECT,
        related_name="rounds",
        null=True,
        blank=True,
    )
    opens_on = models.DateField("nhận đề nghị từ")
    closes_on = models.DateField("nhận đề nghị đến", null=True, blank=True)
    state = models.CharField("trạng thái", max_length=8, choices=State.choices, default=State.OPEN)
    is_sample = models.BooleanField("số liệu mẫu", default=False)

    class Meta:
        verbose_name = "đợt xét"
        verbose_name_plural = "các đợt xét"
        ordering = ["campaign", "opens_on", "pk"]

    def __str__(self) -> str:
        return self.name
