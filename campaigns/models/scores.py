"""Scores of a plan that scores: one sheet a unit and period, its layers side by side, the rank."""

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Q

from campaigns.models.calendar import Period
from campaigns.models.plan import Participation
from criteria.models import POINTS, Layer, ScoreGate, ScoreItem, ScoreTable
from units.models import NormalText, Unit, User
from units.rules import REASON


class ScoreSheet(models.Model):
    """Phiếu chấm điểm: one unit, one period. Its layers carry the workflow.

    `revision` rises with every change of a layer, so that a published ranking can tell whether it
    still stands. `tie_place` is the order that a meeting gave where the table shares no rank.
    """

    participation = models.ForeignKey(
        Participation,
        verbose_name="đơn vị tham gia",
        on_delete=models.PROTECT,
        related_name="score_sheets",
    )
    period = models.ForeignKey(
        Period, verbose_name="kỳ chấm điểm", on_delete=models.PROTECT, related_name="score_sheets"
    )
    table = models.ForeignKey(
        ScoreTable, verbose_name="bảng chấm điểm", on_delete=models.PROTECT, related_name="+"
    )
    revision = models.PositiveIntegerField("lần sửa", default=1)
    opened_at = models.DateTimeField("mở lúc")
    opened_by = models.ForeignKey(
        User,
        verbose_name="người mở",
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
    )
    tie_place = models.PositiveSmallIntegerField("thứ tự khi bằng điểm", null=True, blank=True)
    tie_reason = NormalText("căn cứ của thứ tự", blank=True, limit=REASON)

    class Meta:
        verbose_name = "phiếu chấm điểm"
        verbose_name_plural = "các phiếu chấm điểm"
        ordering = ["period", "participation", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["participation", "period"],
                name="one_score_sheet_a_period",
                violation_error_message="Đơn vị đã có phiếu chấm điểm của kỳ này.",
            ),
            models.CheckConstraint(
                name="settled_tie_has_reason",
                condition=Q(tie_place__isnull=True) | ~Q(tie_reason=""),
                violation_error_message="Thứ tự khi bằng điểm phải ghi căn cứ.",
            ),
        ]

    def __str__(self) -> str:
        return f"Phiếu chấm điểm {self.period.in_a_sentence}"


class ScoreLayer(models.Model):
    """One scoring of a sheet: by the unit itself, by another member, by the bloc, by the agency.

    `scorer` is the unit that scores; of the layer *chấm chéo* there are as many as were assigned.
    `result_revision` is the result sheet that was read when the layer was sent, `targets_read` the
    stamp of the targets then (criteria.rules.Yardstick).
    """

    class State(models.TextChoices):
        DRAFT = "draft", "đang chấm"
        SENT = "sent", "đã gửi"
        REOPENED = "reopened", "mở lại để chấm lại"

    TRANSITIONS = {
        State.DRAFT: {State.SENT},
        State.REOPENED: {State.SENT},
        State.SENT: {State.REOPENED},
    }

    score_sheet = models.ForeignKey(
        ScoreSheet, verbose_name="phiếu chấm điểm", on_delete=models.CASCADE, related_name="layers"
    )
    layer = models.CharField("lớp chấm", max_length=8, choices=Layer.choices)
    scorer = models.ForeignKey(
        Unit, verbose_name="đơn vị chấm", on_delete=models.PROTECT, related_name="+"
    )
    state = models.CharField("trạng thái", max_length=8, choices=State.choices, default=State.DRAFT)
    sent_at = models.DateTimeField("gửi lúc", null=True, blank=True)
    sent_by = models.ForeignKey(
        User,
        verbose_name="người gửi",
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
    )
    reopen_reason = NormalText("lý do mở lại", blank=True, limit=REASON)
    result_revision = models.PositiveIntegerField(
        "lần sửa của phiếu kết quả", null=True, blank=True
    )
    targets_read = models.CharField("dấu của mục tiêu khi gửi", max_length=16, blank=True)

    class Meta:
        verbose_name = "lượt chấm điểm"
        verbose_name_plural = "các lượt chấm điểm"
        ordering = ["score_sheet", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["score_sheet", "layer", "scorer"],
                name="one_score_layer_a_scorer",
                violation_error_message="Đơn vị này đã được giao chấm phiếu.",
            ),
            models.UniqueConstraint(
                fields=["score_sheet", "layer"],
                condition=~Q(layer="peer"),
                name="one_score_layer_but_of_peers",
                violation_error_message="Phiếu đã có lượt chấm của lớp này.",
            ),
            models.CheckConstraint(
                name="score_layer_sent_has_sender",
                condition=~Q(state="sent") | Q(sent_at__isnull=False, sent_by__isnull=False),
                violation_error_message="Lượt chấm đã gửi phải có người gửi và ngày gửi.",
            ),
            models.CheckConstraint(
                name="score_layer_reopened_has_reason",
                condition=~Q(state="reopened") | ~Q(reopen_reason=""),
                violation_error_message="Mở lại lượt chấm phải ghi lý do.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_layer_display()} ({self.scorer})"


class ScoreValues(models.Model):
    """The columns that an entry and each line of its history share.

    `points` is what counts, `computed` what the result gives, `how` the arithmetic in words.
    """

    applies = models.BooleanField("có áp dụng", default=True)
    points = models.DecimalField("điểm", null=True, blank=True, **POINTS)
    count = models.PositiveIntegerField("số lần", null=True, blank=True)
    reason = NormalText("lý do, minh chứng", blank=True, limit=REASON)
    computed = models.DecimalField("điểm tính từ kết quả", null=True, blank=True, **POINTS)
    how = NormalText("cách tính", blank=True, limit=None)
    typed = models.JSONField("đã gõ", default=dict, blank=True)
    problem = NormalText("chưa hợp lệ vì", blank=True, limit=None)

    class Meta:
        abstract = True


class ScoreEntry(ScoreValues):
    """Điểm of one item in one layer."""

    score_layer = models.ForeignKey(
        ScoreLayer, verbose_name="lượt chấm", on_delete=models.CASCADE, related_name="entries"
    )
    item = models.ForeignKey(
        ScoreItem, verbose_name="mục chấm điểm", on_delete=models.PROTECT, related_name="+"
    )
    version = models.PositiveIntegerField("lần ghi", default=0)
    saved_at = models.DateTimeField("lưu lúc")
    saved_by = models.ForeignKey(
        User,
        verbose_name="người chấm",
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
    )

    class Meta:
        verbose_name = "điểm của mục"
        verbose_name_plural = "điểm của các mục"
        ordering = ["score_layer", "item"]
        constraints = [
            models.UniqueConstraint(
                fields=["score_layer", "item"],
                name="one_score_an_item",
                violation_error_message="Mục này đã có điểm trong lượt chấm.",
            ),
            models.CheckConstraint(
                name="score_not_applicable_has_reason",
                condition=Q(applies=True) | ~Q(reason=""),
                violation_error_message="Mục không áp dụng phải ghi lý do.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item}"


class ScoreHistory(ScoreValues):
    """One write of an entry: what it became, who wrote it and when."""

    entry = models.ForeignKey(
        ScoreEntry, verbose_name="điểm của mục", on_delete=models.PROTECT, related_name="history"
    )
    version = models.PositiveIntegerField("lần ghi")
    at = models.DateTimeField("lúc")
    by = models.ForeignKey(
        User,
        verbose_name="người ghi",
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
    )

    class Meta:
        verbose_name = "lần ghi điểm"
        verbose_name_plural = "các lần ghi điểm"
        ordering = ["entry", "-version"]
        indexes = [BrinIndex(fields=["at"], name="score_history_at")]
        constraints = [
            models.UniqueConstraint(
                fields=["entry", "version"],
                name="one_score_history_a_version",
                violation_error_message="Lần ghi điểm này đã có.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.entry} lần {self.version}"


class GateHit(models.Model):
    """A gate that a layer declares by hand to hold against the unit; what the last layer says
    counts."""

    score_layer = models.ForeignKey(
        ScoreLayer, verbose_name="lượt chấm", on_delete=models.CASCADE, related_name="gate_hits"
    )
    gate = models.ForeignKey(
        ScoreGate, verbose_name="điều kiện loại", on_delete=models.PROTECT, related_name="+"
    )
    reason = NormalText("lý do", limit=REASON)
    at = models.DateTimeField("ghi lúc")
    by = models.ForeignKey(
        User,
        verbose_name="người ghi",
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
    )

    class Meta:
        verbose_name = "điều kiện loại đã ghi"
        verbose_name_plural = "các điều kiện loại đã ghi"
        ordering = ["score_layer", "gate"]
        constraints = [
            models.UniqueConstraint(
                fields=["score_layer", "gate"],
                name="one_gate_hit_a_layer",
                violation_error_message="Lượt chấm đã ghi điều kiện loại này.",
            ),
            models.CheckConstraint(
                name="gate_hit_has_reason",
                condition=~Q(reason=""),
                violation_error_message="Ghi điều kiện loại phải có lý do.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.gate}"


class Ranking(models.Model):
    """A published ranking of one table in one period, frozen; a new one is a new version.

    `snapshot` holds the rows as published and the revision of every score sheet that was read.
    """

    period = models.ForeignKey(
        Period, verbose_name="kỳ chấm điểm", on_delete=models.PROTECT, related_name="rankings"
    )
    table = models.ForeignKey(
        ScoreTable, verbose_name="bảng chấm điểm", on_delete=models.PROTECT, related_name="+"
    )
    version = models.PositiveIntegerField("lần công bố")
    snapshot = models.JSONField("nội dung công bố")
    reason = NormalText("lý do công bố lại", blank=True, limit=REASON)
    published_at = models.DateTimeField("công bố lúc")
    published_by = models.ForeignKey(
        User, verbose_name="người công bố", on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = "bảng xếp hạng đã công bố"
        verbose_name_plural = "các bảng xếp hạng đã công bố"
        ordering = ["period", "table", "-version"]
        constraints = [
            models.UniqueConstraint(
                fields=["period", "table", "version"],
                name="one_ranking_a_version",
                violation_error_message="Lần công bố này đã có.",
            ),
            models.CheckConstraint(
                name="ranking_again_has_reason",
                condition=Q(version=1) | ~Q(reason=""),
                violation_error_message="Công bố lại xếp hạng phải ghi lý do.",
            ),
        ]

    def __str__(self) -> str:
        return f"Xếp hạng {self.period.in_a_sentence}, lần {self.version}"
