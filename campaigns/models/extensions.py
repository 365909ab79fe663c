"""More time for one unit, with a reason."""

from django.db import models
from django.db.models import Q

from campaigns.models.calendar import Period
from campaigns.models.plan import Participation
from units.models import NormalText, User
from units.rules import REASON


class Extension(models.Model):
    """Gia hạn: one unit may fill in and send its sheet of one period until a later day.

    A row is never changed; a further extension is a further row, and the latest day counts.
    """

    participation = models.ForeignKey(
        Participation,
        verbose_name="đơn vị tham gia",
        on_delete=models.PROTECT,
        related_name="extensions",
    )
    period = models.ForeignKey(
        Period, verbose_name="kỳ báo cáo", on_delete=models.PROTECT, related_name="extensions"
    )
    until = models.DateField("gia hạn đến hết ngày")
    reason = NormalText("lý do", limit=REASON)
    granted_by = models.ForeignKey(
        User,
        verbose_name="người cho gia hạn",
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
    )
    granted_at = models.DateTimeField("cho lúc")

    class Meta:
        verbose_name = "gia hạn"
        verbose_name_plural = "các lần gia hạn"
        ordering = ["participation", "period", "until"]
        constraints = [
            models.UniqueConstraint(
                fields=["participation", "period", "until"],
                name="one_extension_a_day",
                violation_error_message="Đơn vị đã được gia hạn đến ngày này.",
            ),
            models.CheckConstraint(
                name="extension_has_reason",
                condition=~Q(reason=""),
                violation_error_message="Gia hạn phải ghi lý do.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.participation.unit}, {self.period}, đến hết ngày {self.until:%d/%m/%Y}"
