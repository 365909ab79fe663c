"""A workbook that somebody filled in and sent: kept and checked, stored only when accepted."""

from django.db import models
from django.db.models import Q

from campaigns.models.calendar import Period
from units.models import Blob, Job, Unit, User, name_field


class Workbook(models.Model):
    """A file as somebody sent it. A large one is removed some time after it was refused or decided
    (campaigns.services.retention): then `removed_at` says when."""

    blob = models.ForeignKey(
        Blob,
        verbose_name="nội dung tệp",
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
    )
    name = name_field("tên tệp", max_length=200)
    removed_at = models.DateTimeField("xóa tệp lúc", null=True, blank=True)

    class Meta:
        abstract = True

    @staticmethod
    def file_constraint(name: str, waiting: str) -> models.CheckConstraint:
        """`waiting`: the state in which the file is still needed."""
        return models.CheckConstraint(
            name=f"{name}_has_its_file_or_was_decided",
            condition=Q(blob__isnull=False, removed_at__isnull=True)
            | Q(~Q(state=waiting), blob__isnull=True, removed_at__isnull=False),
            violation_error_message="Tệp chỉ xóa sau khi đã quyết định, và phải ghi thời điểm xóa.",
        )


class ResultImport(Workbook):
    """Tệp Excel nhập kết quả: of one unit (`unit`), or of many units of one period.

    `cells` is what the file says where it differs from the portal, or cannot be read: a list of
    lists, see campaigns.services.imports.Said. `left` is what accepting it left out, and why.
    `told` is, of a large one, what accepting it would change, as a worker found it at `told_at`;
    once decided, only what was left out of that.
    """

    class State(models.TextChoices):
        CHECKED = "checked", "chờ ghi"
        ACCEPTED = "accepted", "đã ghi"
        DISCARDED = "discarded", "đã bỏ"

    TRANSITIONS = {
        State.CHECKED: {State.ACCEPTED, State.DISCARDED},
        State.ACCEPTED: set(),
        State.DISCARDED: set(),
    }

    HEAVY = ("cells", "left", "told")  # tens of megabytes of a large one: read where they are used

    period = models.ForeignKey(
        Period, verbose_name="kỳ báo cáo", on_delete=models.PROTECT, related_name="imports"
    )
    unit = models.ForeignKey(
        Unit,
        verbose_name="đơn vị",
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
        help_text="để trống với bảng của nhiều đơn vị",
    )
    plan_revision = models.PositiveIntegerField("bản sửa kế hoạch")
    state = models.CharField(
        "trạng thái", max_length=10, choices=State.choices, default=State.CHECKED
    )
    cells = models.JSONField("nội dung ô", default=list)
    left = models.JSONField("ô không ghi", default=list)
    notes = models.JSONField("lưu ý về tệp", default=list)
    told = models.JSONField("đã đối chiếu", null=True, blank=True)
    told_at = models.DateTimeField("đối chiếu lúc", null=True, blank=True)
    read = models.PositiveIntegerField("số tiêu chí đã đọc", default=0)
    written = models.PositiveIntegerField("số tiêu chí đã ghi", default=0)
    uploaded_at = models.DateTimeField("tải lên lúc")
    uploaded_by = models.ForeignKey(
        User,
        verbose_name="người tải lên",
        on_delete=models.PROTECT,
        related_name="+",
    )
    decided_at = models.DateTimeField("quyết định lúc", null=True, blank=True)
    decided_by = models.ForeignKey(
        User,
        verbose_name="người quyết định",
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
    )

    class Meta:
        verbose_name = "tệp nhập kết quả"
        verbose_name_plural = "các tệp nhập kết quả"
        ordering = ["-uploaded_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="decided_import_has_time",
                condition=Q(state="checked") | Q(decided_at__isnull=False),
                violation_error_message="Tệp đã ghi hoặc đã bỏ phải có thời điểm.",
            ),
            Workbook.file_constraint("import", "checked"),
        ]

    def __str__(self) -> str:
        return self.name


class ImportCheck(Workbook, Job):
    """Lượt kiểm tra: a large workbook of many units being read and held against the portal by a
    worker; it is his who asked for it.

    `imported` is what came of it; of one that is checked again it is there from the start.
    """

    period = models.ForeignKey(
        Period, verbose_name="kỳ báo cáo", on_delete=models.PROTECT, related_name="import_checks"
    )
    imported = models.ForeignKey(
        ResultImport,
        verbose_name="tệp nhập",
        on_delete=models.PROTECT,
        related_name="checks",
        null=True,
        blank=True,
    )

    class Meta:
        verbose_name = "lượt kiểm tra tệp nhập"
        verbose_name_plural = "các lượt kiểm tra tệp nhập"
        ordering = ["-requested_at", "-pk"]
        constraints = [
            *Job.job_constraints("import_check"),
            Workbook.file_constraint("import_check", "queued"),
            models.UniqueConstraint(
                fields=["period", "blob", "requested_by"],
                condition=Q(state="queued"),
                name="one_check_under_way",
                violation_error_message="Tệp này đang được kiểm tra.",
            ),
        ]

    def __str__(self) -> str:
        return f"Kiểm tra tệp “{self.name}”"


class ImportAcceptance(Job):
    """Lượt ghi: a large workbook being stored by a worker, as somebody agreed to it.

    `seen` and `mine` are what he looked at and chose (campaigns.services.accept_import).
    """

    imported = models.ForeignKey(
        ResultImport, verbose_name="tệp nhập", on_delete=models.PROTECT, related_name="acceptances"
    )
    seen = models.CharField("đã xem", max_length=64, blank=True)
    mine = models.JSONField("ô lấy số trong tệp", default=list)

    class Meta:
        verbose_name = "lượt ghi tệp nhập"
        verbose_name_plural = "các lượt ghi tệp nhập"
        ordering = ["-requested_at", "-pk"]
        constraints = [
            *Job.job_constraints("import_acceptance"),
            models.UniqueConstraint(
                fields=["imported"],
                condition=Q(state="queued"),
                name="one_acceptance_under_way",
                violation_error_message="Tệp này đang được ghi.",
            ),
        ]

    def __str__(self) -> str:
        return f"Ghi tệp “{self.imported}”"
