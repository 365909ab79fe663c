"""The lead of a bloc passes from one member to the next at the end of a year."""

from django.db import models
from django.db.models import F, Q

from units.models import Bloc, NormalText, Unit, User, name_field
from units.rules import REASON, WORDS


class HandOver(models.Model):
    """Bàn giao Trưởng Khối, Cụm of one year to the leader of the next: minutes, open matters.

    `matters` are the open matters as the portal knew them when the lead was handed over; the
    rights of the new leader come from the list of the new year, not from this row.
    """

    class State(models.TextChoices):
        SENT = "submitted", "chờ xác nhận"
        RETURNED = "returned", "trả lại để bổ sung"
        CONFIRMED = "confirmed", "đã nhận bàn giao"

    TRANSITIONS = {
        State.SENT: {State.CONFIRMED, State.RETURNED},
        State.RETURNED: {State.SENT},
        State.CONFIRMED: set(),
    }

    bloc = models.ForeignKey(
        Bloc, verbose_name="Khối, Cụm", on_delete=models.PROTECT, related_name="+"
    )
    year = models.PositiveSmallIntegerField("năm bàn giao")
    giver = models.ForeignKey(
        Unit, verbose_name="bên giao", on_delete=models.PROTECT, related_name="+"
    )
    taker = models.ForeignKey(
        Unit, verbose_name="bên nhận", on_delete=models.PROTECT, related_name="+"
    )
    state = models.CharField("trạng thái", max_length=10, choices=State.choices, default=State.SENT)
    held_on = models.DateField("ngày bàn giao")
    document = name_field("biên bản, văn bản")
    note = NormalText("nội dung bàn giao thêm", blank=True, limit=WORDS)
    matters = models.JSONField("việc còn dở khi bàn giao", default=list)
    sent_at = models.DateTimeField("giao lúc")
    sent_by = models.ForeignKey(
        User, verbose_name="người giao", on_delete=models.PROTECT, related_name="+"
    )
    confirmed_at = models.DateTimeField("nhận lúc", null=True, blank=True)
    confirmed_by = models.ForeignKey(
        User,
        verbose_name="người nhận",
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
    )
    return_reason = NormalText("lý do trả lại", blank=True, limit=REASON)
    is_sample = models.BooleanField("số liệu mẫu", default=False)

    class Meta:
        verbose_name = "bàn giao Trưởng Khối, Cụm"
        verbose_name_plural = "các lần bàn giao Trưởng Khối, Cụm"
        ordering = ["bloc", "-year"]
        constraints = [
            models.UniqueConstraint(
                fields=["bloc", "year"],
                name="one_hand_over_a_year",
                violation_error_message="Khối, Cụm đã lập bàn giao của năm này.",
            ),
            models.CheckConstraint(
                name="hand_over_between_two_units",
                condition=~Q(giver=F("taker")),
                violation_error_message="Bên giao và bên nhận phải là hai đơn vị.",
            ),
            models.CheckConstraint(
                name="confirmed_hand_over_has_taker",
                condition=~Q(state="confirmed")
                | Q(confirmed_at__isnull=False, confirmed_by__isnull=False),
                violation_error_message="Bàn giao đã nhận phải có người nhận và ngày nhận.",
            ),
            models.CheckConstraint(
                name="hand_over_not_confirmed_by_giver",
                condition=Q(confirmed_by__isnull=True) | ~Q(confirmed_by=F("sent_by")),
                violation_error_message="Người giao không tự xác nhận bàn giao của mình.",
            ),
            models.CheckConstraint(
                name="returned_hand_over_has_reason",
                condition=~Q(state="returned") | ~Q(return_reason=""),
                violation_error_message="Trả lại bàn giao phải ghi lý do.",
            ),
        ]

    def __str__(self) -> str:
        return f"Bàn giao vai trò Trưởng năm {self.year} từ {self.giver} sang {self.taker}"
