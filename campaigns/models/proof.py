"""What every file has that proves something: beside a result, beside a score."""

from django.db import models

from units.models import Blob, User, name_field


class Proof(models.Model):
    """A kept file beside what it proves. Taken away is marked, so that history stays whole."""

    blob = models.ForeignKey(
        Blob, verbose_name="nội dung tệp", on_delete=models.PROTECT, related_name="+"
    )
    name = name_field("tên tệp", max_length=200)
    uploaded_at = models.DateTimeField("tải lên lúc")
    uploaded_by = models.ForeignKey(
        User, verbose_name="người tải lên", on_delete=models.PROTECT, related_name="+"
    )
    removed_at = models.DateTimeField("gỡ lúc", null=True, blank=True)
    removed_by = models.ForeignKey(
        User,
        verbose_name="người gỡ",
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
    )

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name
