"""Files that prove a score: beside one item, in the layer of whoever scored."""

from django.db import models

from campaigns.models.scores import ScoreLayer
from criteria.models import ScoreItem
from units.models import Blob, User, name_field


class ScoreEvidence(models.Model):
    """Minh chứng of a score. Taken away is marked, so that history stays whole."""

    score_layer = models.ForeignKey(
        ScoreLayer, verbose_name="lượt chấm", on_delete=models.CASCADE, related_name="evidence"
    )
    item = models.ForeignKey(
        ScoreItem, verbose_name="mục chấm điểm", on_delete=models.PROTECT, related_name="+"
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
    removed_by = models.ForeignKey(
        User,
        verbose_name="người gỡ",
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
    )

    class Meta:
        verbose_name = "minh chứng của điểm"
        verbose_name_plural = "các minh chứng của điểm"
        ordering = ["score_layer", "uploaded_at", "pk"]

    def __str__(self) -> str:
        return self.name
