"""The kept papers of a bloc's pledge."""

from django.db.models import QuerySet

from campaigns.models import PledgeRound
from dossiers.models import PledgePaper


def pledge_papers(round_: PledgeRound) -> QuerySet[PledgePaper]:
    """Every version, the newest first, printed or not yet."""
    papers = PledgePaper.objects.filter(round=round_).defer("snapshot")
    return papers.select_related("round__bloc", "pdf")
