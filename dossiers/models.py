"""The papers: what a plan asks for, what a dossier holds, and the files that were built."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from awards.models import AwardForm, AwardRound, Nomination
from campaigns.models import Campaign, PledgeRound
from dossiers.rules import dossier_code
from units.models import Blob, Job, NormalText, Unit, User, lived_in_order, name_field, ref_field


class PaperForm(models.Model):
    """Mẫu văn bản with its legal basis and its life; a dead form says what replaced it."""

    ref = ref_field()
    code = name_field("số mẫu", max_length=60)
    name = name_field("tên mẫu")
    basis = name_field("ban hành kèm theo", blank=True)
    valid_from = models.DateField("hiệu lực từ", null=True, blank=True)
    valid_to = models.DateField("hiệu lực đến", null=True, blank=True)
    replaced_by = models.ForeignKey(
        "self",
        verbose_name="thay bằng",
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
    )
    note = NormalText("ghi chú", blank=True)

    class Meta:
        verbose_name = "mẫu văn bản"
        verbose_name_plural = "các mẫu văn bản"
        ordering = ["ref"]
        constraints = [lived_in_order("paper_form_lived_in_order")]

    def __str__(self) -> str:
        return self.code


class DossierRequirement(models.Model):
    """Thành phần hồ sơ: one paper that this plan's dossier must hold.

    `is_default` marks the parts of the law (article 84) used where the plan is silent.
    """

    class Part(models.TextChoices):
        LETTER = "letter", "tờ trình"
        MINUTES = "minutes", "biên bản"
        ACHIEVEMENT_REPORT = "achievement_report", "báo cáo thành tích"
        SUMMARY = "summary", "tóm tắt thành tích"
        CAMPAIGN_REPORT = "campaign_report", "báo cáo kết quả phong trào"
        LAUNCH_PLAN = "launch_plan", "kế hoạch phát động của đơn vị"
        PROOF = "proof", "tài liệu chứng minh"

    GENERATED = (
        Part.LETTER,
        Part.MINUTES,
        Part.ACHIEVEMENT_REPORT,
        Part.SUMMARY,
        Part.CAMPAIGN_REPORT,
    )

    campaign = models.ForeignKey(
        Campaign, verbose_name="kế hoạch", on_delete=models.CASCADE, related_name="+"
    )
    ref = ref_field(unique=False)
    order = models.PositiveSmallIntegerField("thứ tự", default=0)
    part = models.CharField("loại giấy tờ", max_length=20, choices=Part.choices)
    title = name_field("tên giấy tờ")
    required = models.BooleanField("bắt buộc", default=True)
    copies = models.PositiveSmallIntegerField("số bộ", default=1)
    original = models.BooleanField("bản chính", default=True)
    form = models.ForeignKey(
        PaperForm,
        verbose_name="mẫu",
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
    )
    confirmation = name_field("xác nhận của", blank=True)
    is_default = models.BooleanField("thành phần mặc định", default=False)
    note = NormalText("ghi chú", blank=True)

    class Meta:
        verbose_name = "thành phần hồ sơ"
        verbose_name_plural = "các thành phần hồ sơ"
        ordering = ["campaign", "order", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "ref"], name="one_requirement_ref_a_campaign"
            )
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_generated(self) -> bool:
        return self.part in self.GENERATED


class Dossier(models.Model):
    """Hồ sơ khen thưởng: what one unit submits in one round for one award form.

    A draft holds what the unit proposes in the round for the form and has not sent yet; sending
    writes down which nominations went along, and what comes later takes a dossier of its own.
    Drafting is never blocked, sending is, until every required part is there and bound.
    """

    class State(models.TextChoices):
        DRAFT = "draft", "đang lập"
        SENT = "sent", "đã trình"

    TRANSITIONS = {State.DRAFT: {State.SENT}, State.SENT: set()}

    award_round = models.ForeignKey(
        AwardRound, verbose_name="đợt xét", on_delete=models.PROTECT, related_name="+"
    )
    proposing_unit = models.ForeignKey(
        Unit, verbose_name="đơn vị đề nghị", on_delete=models.PROTECT, related_name="+"
    )
    award_form = models.ForeignKey(
        AwardForm, verbose_name="hình thức khen thưởng", on_delete=models.PROTECT, related_name="+"
    )
    state = models.CharField("trạng thái", max_length=8, choices=State.choices, default=State.DRAFT)
    revision = models.PositiveIntegerField("lần sửa", default=1)
    letter_number = models.CharField("số tờ trình", max_length=20, blank=True)
    letter_on = models.DateField("ngày tờ trình", null=True, blank=True)
    signing_capacity = name_field("quyền hạn ký", max_length=200, blank=True)
    signer_title = name_field("chức vụ người ký", max_length=200, blank=True)
    signer_name = name_field("người ký", max_length=150, blank=True)
    created_at = models.DateTimeField("lập lúc")
    created_by = models.ForeignKey(
        User, verbose_name="người lập", on_delete=models.PROTECT, related_name="+"
    )
    sent_at = models.DateTimeField("trình lúc", null=True, blank=True)
    sent_by = models.ForeignKey(
        User,
        verbose_name="người trình",
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
    )
    nominations = models.ManyToManyField(
        Nomination, verbose_name="đề nghị đã trình theo hồ sơ", related_name="+", blank=True
    )
    is_sample = models.BooleanField("số liệu mẫu", default=False)

    class Meta:
        verbose_name = "hồ sơ khen thưởng"
        verbose_name_plural = "các hồ sơ khen thưởng"
        ordering = ["award_round", "proposing_unit", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["award_round", "proposing_unit", "award_form"],
                condition=Q(state="draft"),
                name="one_draft_a_form",
                violation_error_message="Đơn vị đang lập hồ sơ cho hình thức này trong đợt xét.",
            ),
            models.CheckConstraint(
                name="dossier_sent_has_sender",
                condition=Q(state="draft")
                | Q(sent_at__isnull=False, sent_by__isnull=False, letter_on__isnull=False),
                violation_error_message="Hồ sơ đã trình phải có người trình và ngày tờ trình.",
            ),
        ]

    def __str__(self) -> str:
        """The code tells a supplementary dossier from the one before it."""
        return f"Hồ sơ {self.code}, {self.award_form.short_name}, {self.proposing_unit}"

    @property
    def code(self) -> str:
        return dossier_code(timezone.localtime(self.created_at).year, self.pk)


SentNomination = Dossier.nominations.through


class DossierPart(models.Model):
    """A file put into a dossier for a part that the portal cannot write, or instead of it."""

    dossier = models.ForeignKey(
        Dossier, verbose_name="hồ sơ", on_delete=models.CASCADE, related_name="parts"
    )
    requirement = models.ForeignKey(
        DossierRequirement, verbose_name="thành phần", on_delete=models.PROTECT, related_name="+"
    )
    nomination = models.ForeignKey(
        Nomination,
        verbose_name="của đề nghị",
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
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
        verbose_name = "giấy tờ trong hồ sơ"
        verbose_name_plural = "các giấy tờ trong hồ sơ"
        ordering = ["dossier", "requirement__order", "uploaded_at", "pk"]

    def __str__(self) -> str:
        return self.name


class Build(Job):
    """One bound PDF of a dossier: made by a worker from a frozen snapshot, never edited."""

    dossier = models.ForeignKey(
        Dossier, verbose_name="hồ sơ", on_delete=models.CASCADE, related_name="builds"
    )
    version = models.PositiveIntegerField("phiên bản")
    snapshot = models.JSONField("số liệu đã chốt", null=True, blank=True)
    frozen_at = models.DateTimeField("chốt số liệu lúc", null=True, blank=True)
    pdf = models.ForeignKey(
        Blob,
        verbose_name="tệp PDF",
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
    )
    pages = models.PositiveIntegerField("số trang", null=True, blank=True)

    class Meta:
        verbose_name = "bản hồ sơ"
        verbose_name_plural = "các bản hồ sơ"
        ordering = ["dossier", "-version"]
        constraints = [
            *Job.job_constraints("build"),
            models.UniqueConstraint(fields=["dossier", "version"], name="one_build_a_version"),
            models.UniqueConstraint(
                fields=["dossier"],
                condition=Q(state="queued"),
                name="one_build_under_way",
                violation_error_message="Bản hồ sơ này đang được lập.",
            ),
            models.CheckConstraint(
                name="done_build_has_file",
                condition=~Q(state="done") | Q(pdf__isnull=False, pages__gt=0),
                violation_error_message="Bản hồ sơ đã xong phải có tệp.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.dossier}, bản {self.version}"


class PledgePaper(Job):
    """Bản giao ước thi đua of a round that is closed: the facts as they were signed and the file
    printed from them. A pledge that is changed later makes a new version.

    `stamp` stands for the signatures that the version holds. The database refuses to change facts
    or file, and to delete a version (migration 0003).
    """

    round = models.ForeignKey(
        PledgeRound, verbose_name="đợt ký giao ước", on_delete=models.PROTECT, related_name="+"
    )
    version = models.PositiveIntegerField("phiên bản")
    stamp = models.CharField("các chữ ký", max_length=64)
    snapshot = models.JSONField("nội dung đã chốt")
    frozen_at = models.DateTimeField("chốt lúc")
    pdf = models.ForeignKey(
        Blob,
        verbose_name="tệp PDF",
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
    )

    class Meta:
        verbose_name = "bản in giao ước"
        verbose_name_plural = "các bản in giao ước"
        ordering = ["round", "-version"]
        constraints = [
            *Job.job_constraints("pledge_paper"),
            models.UniqueConstraint(
                fields=["round", "version"],
                name="one_pledge_paper_a_version",
                violation_error_message="Phiên bản này của bản giao ước đã có.",
            ),
            models.CheckConstraint(
                name="done_pledge_paper_has_file",
                condition=~Q(state="done") | Q(pdf__isnull=False),
                violation_error_message="Bản in giao ước đã xong phải có tệp.",
            ),
        ]

    def __str__(self) -> str:
        return f"Bản giao ước thi đua năm {self.round.year}, bản in {self.version}"


class PledgePaperFault(models.Model):
    """Why a closed round has no version of its pledge yet, and when the portal tries again; gone
    once it is kept."""

    round = models.OneToOneField(
        PledgeRound, verbose_name="đợt ký giao ước", on_delete=models.PROTECT, related_name="+"
    )
    reason = NormalText("lý do chưa giữ được", limit=None)
    tries = models.PositiveIntegerField("số lần thử", default=1)
    tried_at = models.DateTimeField("thử lúc")
    again_at = models.DateTimeField("thử lại lúc")

    class Meta:
        verbose_name = "lỗi giữ bản in giao ước"
        verbose_name_plural = "các lỗi giữ bản in giao ước"
        ordering = ["round"]

    def __str__(self) -> str:
        return f"{self.round}, chưa giữ được bản in"
