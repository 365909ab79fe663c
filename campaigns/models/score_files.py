"""Files that prove a score: beside one item, in the layer of whoever scored."""

from django.db import models

from campaigns.models.proof import Proof
from campaigns.models.scores import ScoreLayer
from criteria.models import ScoreItem


class ScoreEvidence(Proof):
    """Minh chứng of a score."""

    score_layer = models.ForeignKey(
        ScoreLayer, verbose_name="lượt chấm", on_delete=models.CASCADE, related_name="evidence"
    )
    item = models.ForeignKey(
        ScoreItem, verbose_name="mục chấm điểm", on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = "minh chứng của điểm"
        verbose_name_plural = "các minh chứng của điểm"
        ordering = ["score_layer", "uploaded_at", "pk"]
