"""What a council said: sessions, attendance, and the tally of each nomination."""

from django.db import models
from django.db.models import F, Q

from awards.models.councils import AwardRound, Council, CouncilSeat
from awards.models.nominations import Nomination
from units.models import NormalText, User, name_field
from units.rules import WORDS


class CouncilSession(models.Model):
    """Phiên họp: who was there; the secretary records the tally of each nomination."""

    class State(models.TextChoices):
        OPEN = "open", "đang ghi"
        CLOSED = "closed", "đã kết thúc"

    TRANSITIONS = {State.OPEN: {State.CLOSED}, State.CLOSED: set()}

    council = models.ForeignKey(
        Council, verbose_name="hội đồng", on_delete=models.PROTECT, related_name="sessions"
    )
    award_round = models.ForeignKey(
        AwardRound, verbose_name="đợt xét", on_delete=models.PROTECT, related_name="sessions"
    )
    held_on = models.DateField("ngày họp")
    opened_at = models.TimeField("bắt đầu lúc", null=True, blank=True)
    ended_at = models.TimeField("kết thúc lúc", null=True, blank=True)
    place = name_field("địa điểm", blank=True)
    minutes_number = models.CharField("số biên bản", max_length=20, blank=True)
    conclusion = NormalText("kết luận của chủ trì", blank=True, limit=WORDS)
    state = models.CharField("trạng thái", max_length=8, choices=State.choices, default=State.OPEN)
    closed_at = models.DateTimeField("đóng lúc", null=True, blank=True)
    recorded_by = models.ForeignKey(
        User, verbose_name="thư ký ghi", on_delete=models.PROTECT, related_name="+"
    )
    is_sample = models.BooleanField("số liệu mẫu", default=False)

    class Meta:
        verbose_name = "phiên họp"
        verbose_name_plural = "các phiên họp"
        ordering = ["-held_on", "pk"]
        constraints = [
            models.CheckConstraint(
                name="closed_session_has_time",
                condition=Q(state="open") | Q(closed_at__isnull=False),
                violation_error_message="Phiên họp đã kết thúc phải có thời điểm kết thúc.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.council}, {self.held_on:%d/%m/%Y}"


class Attendance(models.Model):
    """Whether a seat was there. Nothing here says how anybody voted."""

    class State(models.TextChoices):
        PRESENT = "present", "có mặt"
        EXCUSED = "excused", "vắng có lý do"
        ABSENT = "absent", "vắng không lý do"

    session = models.ForeignKey(
        CouncilSession,
        verbose_name="phiên họp",
        on_delete=models.CASCADE,
        related_name="attendance",
    )
    seat = models.ForeignKey(
        CouncilSeat, verbose_name="thành viên", on_delete=models.PROTECT, related_name="+"
    )
    state = models.CharField("có mặt", max_length=8, choices=State.choices)

    class Meta:
        verbose_name = "dự họp"
        verbose_name_plural = "dự họp"
        ordering = ["session", "seat"]
        constraints = [
            models.UniqueConstraint(fields=["session", "seat"], name="one_attendance_a_seat")
        ]

    def __str__(self) -> str:
        return f"{self.seat}: {self.get_state_display()}"


class Tally(models.Model):
    """Kết quả kiểm phiếu of one nomination: five counts that add up to the membership.

    Recused is not abstained is not absent; no voter's choice is stored. `rule` copies the award
    form's voting rule as applied, since rules change.
    """

    session = models.ForeignKey(
        CouncilSession, verbose_name="phiên họp", on_delete=models.CASCADE, related_name="tallies"
    )
    nomination = models.ForeignKey(
        Nomination, verbose_name="đề nghị", on_delete=models.PROTECT, related_name="tallies"
    )
    members = models.PositiveSmallIntegerField("tổng số thành viên có quyền biểu quyết")
    yes = models.PositiveSmallIntegerField("đồng ý")
    no = models.PositiveSmallIntegerField("không đồng ý")
    abstained = models.PositiveSmallIntegerField("không có ý kiến")
    absent = models.PositiveSmallIntegerField("vắng mặt")
    recused = models.PositiveSmallIntegerField("không tham gia do liên quan")
    chair_agreed = models.BooleanField("chủ tịch hội đồng đồng ý", null=True, blank=True)
    rate = models.DecimalField("tỷ lệ đồng ý (%)", max_digits=7, decimal_places=4)
    passed = models.BooleanField("thông qua")
    rule = models.JSONField("quy tắc đã áp dụng", default=dict)
    recorded_at = models.DateTimeField("ghi lúc")
    recorded_by = models.ForeignKey(
        User, verbose_name="người ghi", on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = "kết quả kiểm phiếu"
        verbose_name_plural = "các kết quả kiểm phiếu"
        ordering = ["session", "nomination"]
        constraints = [
            models.UniqueConstraint(
                fields=["session", "nomination"],
                name="one_tally_a_nomination",
                violation_error_message="Đề nghị này đã có kết quả kiểm phiếu trong phiên họp.",
            ),
            models.CheckConstraint(
                name="tally_adds_up",
                condition=Q(
                    members=F("yes") + F("no") + F("abstained") + F("absent") + F("recused")
                ),
                violation_error_message="Đồng ý, không đồng ý, không có ý kiến, vắng mặt và không "
                "tham gia phải cộng đúng bằng tổng số thành viên.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.yes}/{self.members}"
