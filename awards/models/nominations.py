"""Nominations: who is proposed for what, and why."""

from django.db import models
from django.db.models import F, Q

from awards.models.councils import AwardRound
from awards.models.forms import Quota
from criteria.models import Indicator
from units.models import Blob, Household, NormalText, Person, Unit, User, name_field
from units.rules import REASON, WORDS


class Nomination(models.Model):
    """Đề nghị khen thưởng: exactly one collective, individual or household for one award form.

    The role is as of the day of the proposal and is copied, since people move.
    """

    class State(models.TextChoices):
        DRAFT = "draft", "đang soạn"
        PROPOSED = "proposed", "đã đề nghị"
        PASSED = "passed", "hội đồng đã thông qua"
        NOT_PASSED = "not_passed", "hội đồng không thông qua"
        FORWARDED = "forwarded", "đã trình"
        AWARDED = "awarded", "đã khen thưởng"
        REFUSED = "refused", "không được khen thưởng"
        WITHDRAWN = "withdrawn", "đã rút"

    TRANSITIONS = {
        State.DRAFT: {State.PROPOSED, State.WITHDRAWN},
        State.PROPOSED: {State.DRAFT, State.PASSED, State.NOT_PASSED, State.WITHDRAWN},
        # A tally may be corrected while its session is open, so the two results lead to each other.
        State.PASSED: {State.NOT_PASSED, State.FORWARDED, State.WITHDRAWN},
        State.NOT_PASSED: {State.PASSED},
        State.FORWARDED: {State.AWARDED, State.REFUSED},
        State.AWARDED: set(),
        State.REFUSED: set(),
        State.WITHDRAWN: set(),
    }
    HOLDS_PLACE = (State.PROPOSED, State.PASSED, State.FORWARDED, State.AWARDED)

    award_round = models.ForeignKey(
        AwardRound, verbose_name="đợt xét", on_delete=models.PROTECT, related_name="nominations"
    )
    quota = models.ForeignKey(
        Quota,
        verbose_name="số lượng khen thưởng",
        on_delete=models.PROTECT,
        related_name="nominations",
    )
    proposing_unit = models.ForeignKey(
        Unit, verbose_name="đơn vị đề nghị", on_delete=models.PROTECT, related_name="+"
    )
    unit = models.ForeignKey(
        Unit,
        verbose_name="tập thể",
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
    )
    person = models.ForeignKey(
        Person,
        verbose_name="cá nhân",
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
    )
    household = models.ForeignKey(
        Household,
        verbose_name="hộ gia đình",
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
    )
    post = name_field("chức vụ, đơn vị công tác", blank=True)
    is_direct_worker = models.BooleanField("trực tiếp thực hiện", null=True, blank=True)
    is_leader = models.BooleanField("lãnh đạo, quản lý", null=True, blank=True)
    achievement = NormalText("thành tích", blank=True)
    summary = NormalText("tóm tắt thành tích", blank=True, limit=WORDS)
    achievement_from = models.DateField("thành tích từ", null=True, blank=True)
    achievement_to = models.DateField("thành tích đến", null=True, blank=True)
    state = models.CharField(
        "trạng thái", max_length=12, choices=State.choices, default=State.DRAFT
    )
    revision = models.PositiveIntegerField("lần sửa", default=1)
    created_by = models.ForeignKey(
        User, verbose_name="người lập", on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField("lập lúc")
    proposed_at = models.DateTimeField("đề nghị lúc", null=True, blank=True)
    proposed_by = models.ForeignKey(
        User,
        verbose_name="người đề nghị",
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
    )
    forwarded_on = models.DateField("trình ngày", null=True, blank=True)
    return_reason = NormalText("lý do trả lại", blank=True, limit=REASON)
    sheets_read = models.JSONField(
        "phiếu kết quả đã dùng khi gửi",
        default=dict,
        blank=True,
        help_text="phiếu đã thẩm định → lần sửa của phiếu khi đó",
    )
    targets_read = models.JSONField(
        "dấu của mục tiêu khi gửi",
        default=dict,
        blank=True,
        help_text="kỳ của các phiếu đã dùng → dấu của mục tiêu áp dụng trong kỳ khi đó",
    )
    is_sample = models.BooleanField("số liệu mẫu", default=False)

    class Meta:
        verbose_name = "đề nghị khen thưởng"
        verbose_name_plural = "các đề nghị khen thưởng"
        ordering = ["award_round", "quota__order", "pk"]
        constraints = [
            models.CheckConstraint(
                name="nomination_has_one_nominee",
                condition=Q(unit__isnull=False, person__isnull=True, household__isnull=True)
                | Q(unit__isnull=True, person__isnull=False, household__isnull=True)
                | Q(unit__isnull=True, person__isnull=True, household__isnull=False),
                violation_error_message="Mỗi đề nghị chỉ cho đúng một tập thể, một cá nhân hoặc "
                "một hộ gia đình.",
            ),
            models.CheckConstraint(
                name="nomination_proposed_has_proposer",
                condition=Q(state__in=["draft", "withdrawn"])
                | Q(proposed_at__isnull=False, proposed_by__isnull=False),
                violation_error_message="Đề nghị đã gửi phải có người và ngày đề nghị.",
            ),
            models.CheckConstraint(
                name="nomination_forwarded_has_day",
                condition=~Q(state__in=["forwarded", "awarded", "refused"])
                | Q(forwarded_on__isnull=False),
                violation_error_message="Đề nghị đã trình phải có ngày trình.",
            ),
            models.CheckConstraint(
                name="nomination_period_in_order",
                condition=Q(achievement_from__isnull=True)
                | Q(achievement_to__isnull=True)
                | Q(achievement_to__gte=F("achievement_from")),
                violation_error_message="Thời gian lập thành tích phải kết thúc sau khi bắt đầu.",
            ),
            *(
                models.UniqueConstraint(
                    fields=["award_round", "quota", kind],
                    condition=~Q(state__in=["withdrawn", "not_passed", "refused"]),
                    name=f"one_live_nomination_a_{kind}",
                    violation_error_message="Đối tượng này đã được đề nghị cùng hình thức trong "
                    "đợt xét.",
                )
                for kind in ("unit", "person", "household")
            ),
        ]

    def __str__(self) -> str:
        return self.nominee_name

    @property
    def nominee_name(self) -> str:
        """Needs `unit`, `person` and `household` selected."""
        nominee = self.unit or self.person or self.household
        return str(nominee)

    @property
    def nominee_title(self) -> str:
        """ "Ông Nguyễn Văn A" or the name of the collective."""
        if self.person and self.person.gender:
            return f"{self.person.get_gender_display()} {self.person.full_name}"
        return self.nominee_name


class NominationAnswer(models.Model):
    """What the nomination says to one criterion that the plan sets for its kind of nominee."""

    nomination = models.ForeignKey(
        Nomination, verbose_name="đề nghị", on_delete=models.CASCADE, related_name="answers"
    )
    indicator = models.ForeignKey(
        Indicator, verbose_name="tiêu chuẩn", on_delete=models.PROTECT, related_name="+"
    )
    meets = models.BooleanField("đạt", null=True, blank=True)
    text = NormalText("trả lời", blank=True, limit=WORDS)

    class Meta:
        verbose_name = "trả lời tiêu chuẩn"
        verbose_name_plural = "các trả lời tiêu chuẩn"
        ordering = ["nomination", "indicator__order", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["nomination", "indicator"], name="one_answer_a_criterion"
            )
        ]

    def __str__(self) -> str:
        return self.text[:80]


class NominationEvidence(models.Model):
    """A proof beside a nomination (sáng kiến được công nhận, số liệu, hình ảnh…)."""

    nomination = models.ForeignKey(
        Nomination, verbose_name="đề nghị", on_delete=models.CASCADE, related_name="evidence"
    )
    blob = models.ForeignKey(
        Blob, verbose_name="nội dung tệp", on_delete=models.PROTECT, related_name="+"
    )
    name = name_field("tên tệp", max_length=200)
    uploaded_at = models.DateTimeField("tải lên lúc")
    uploaded_by = models.ForeignKey(
        User, verbose_name="người tải lên", on_delete=models.PROTECT, related_name="+"
    )
    removed_at = models.DateTimeField("gỡ lúc", null=True, blank=True)

    class Meta:
        verbose_name = "tài liệu kèm đề nghị"
        verbose_name_plural = "các tài liệu kèm đề nghị"
        ordering = ["nomination", "uploaded_at", "pk"]

    def __str__(self) -> str:
        return self.name
