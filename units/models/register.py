"""What happened, what was stored, and what is being worked on."""

from typing import ClassVar

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Q

from units.models.fields import NormalText, name_field
from units.models.people import User
from units.models.tree import Unit


class AuditEntry(models.Model):
    """One act. The role that web and workers use may only insert and read here."""

    at = models.DateTimeField("lúc")
    actor = models.ForeignKey(
        User,
        verbose_name="người thực hiện",
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
    )
    action = models.CharField("việc", max_length=60)
    subject_type = models.CharField("loại đối tượng", max_length=60)
    subject_id = models.BigIntegerField("khóa đối tượng")
    subject_name = name_field("tên đối tượng", max_length=500)
    unit = models.ForeignKey(
        Unit,
        verbose_name="đơn vị",
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
    )
    before = models.CharField("trạng thái trước", max_length=40, blank=True)
    after = models.CharField("trạng thái sau", max_length=40, blank=True)
    note = NormalText("nội dung", blank=True, limit=None)
    data = models.JSONField("chi tiết", default=dict, blank=True)

    class Meta:
        verbose_name = "dòng nhật ký"
        verbose_name_plural = "nhật ký"
        ordering = ["-at", "-pk"]
        default_permissions = ()
        indexes = [
            models.Index(fields=["subject_type", "subject_id", "-at"], name="audit_of_subject"),
            BrinIndex(fields=["at"], name="audit_at"),
        ]

    def __str__(self) -> str:
        return f"{self.at:%d/%m/%Y %H:%M} {self.action}"


class AuditDigest(models.Model):
    """One local day of the register, sealed: its digest holds the one of the day before.

    Rows are only added and read, as in the register itself; the digests also leave the database by
    mail and on reports, so that nobody can change both unseen.
    """

    day = models.DateField("ngày", primary_key=True)
    entries = models.PositiveIntegerField("số dòng")
    first_id = models.BigIntegerField("khóa dòng đầu", null=True, blank=True)
    last_id = models.BigIntegerField("khóa dòng cuối", null=True, blank=True)
    digest = models.CharField("mã kiểm", max_length=64)
    sealed_at = models.DateTimeField("lập lúc")

    class Meta:
        verbose_name = "mã kiểm nhật ký"
        verbose_name_plural = "các mã kiểm nhật ký"
        ordering = ["day"]
        default_permissions: ClassVar = ()
        constraints = [
            models.CheckConstraint(
                name="audit_digest_names_its_entries",
                condition=Q(entries=0, first_id__isnull=True, last_id__isnull=True)
                | Q(entries__gt=0, first_id__isnull=False, last_id__isnull=False),
                violation_error_message="Ngày có dòng nhật ký phải ghi dòng đầu và dòng cuối.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.day.isoformat()}:{self.digest}"


class Blob(models.Model):
    """The bytes of a file, stored once by content (SHA-256) whatever it is called."""

    sha256 = models.CharField("mã băm", max_length=64, primary_key=True)
    size = models.PositiveBigIntegerField("dung lượng (byte)")
    media_type = models.CharField("kiểu nội dung", max_length=120)
    stored_at = models.DateTimeField("lưu lúc")

    class Meta:
        verbose_name = "nội dung tệp"
        verbose_name_plural = "nội dung các tệp"
        default_permissions = ()

    def __str__(self) -> str:
        return self.sha256[:12]


class Job(models.Model):
    """Work for a worker. The row is the message; Celery only wakes somebody (see units.jobs)."""

    class State(models.TextChoices):
        QUEUED = "queued", "đang chờ"
        DONE = "done", "đã xong"
        FAILED = "failed", "không thành"

    state = models.CharField(
        "trạng thái", max_length=10, choices=State.choices, default=State.QUEUED
    )
    attempts = models.PositiveSmallIntegerField("số lần thử", default=0)
    lease_until = models.DateTimeField("giữ việc đến", null=True, blank=True)
    token = models.UUIDField("thẻ giữ việc", null=True, blank=True)
    step = name_field("đang làm", blank=True)
    progress_done = models.PositiveIntegerField("đã làm", default=0)
    progress_total = models.PositiveIntegerField("tổng việc", default=0)
    error = NormalText("lý do không thành", blank=True, limit=None)
    requested_by = models.ForeignKey(
        User,
        verbose_name="người yêu cầu",
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
    )
    requested_at = models.DateTimeField("yêu cầu lúc")
    started_at = models.DateTimeField("bắt đầu lúc", null=True, blank=True)
    finished_at = models.DateTimeField("xong lúc", null=True, blank=True)

    class Meta:
        abstract = True

    @staticmethod
    def job_constraints(name: str) -> list[models.BaseConstraint]:
        """What a state implies, for the Meta of each kind of job."""
        return [
            models.CheckConstraint(
                name=f"{name}_finished_has_time",
                condition=Q(state="queued") | Q(finished_at__isnull=False),
                violation_error_message="Việc đã kết thúc phải có thời điểm kết thúc.",
            ),
            models.CheckConstraint(
                name=f"{name}_failed_has_reason",
                condition=~Q(state="failed") | ~Q(error=""),
                violation_error_message="Việc không thành phải nêu lý do.",
            ),
        ]


class Beat(models.Model):
    """When a worker last showed itself; what `/healthz` reads."""

    name = models.CharField("tên", max_length=30, primary_key=True)
    seen_at = models.DateTimeField("thấy lúc")

    class Meta:
        verbose_name = "nhịp của tiến trình nền"
        verbose_name_plural = "nhịp của các tiến trình nền"
        default_permissions: ClassVar = ()

    def __str__(self) -> str:
        return self.name
