"""The kept papers of a bloc's pledge."""

from django.db.models import QuerySet

from campaigns.models import PledgeRound
from dossiers.models import PledgePaper, PledgePaperFault


def pledge_papers(round_: PledgeRound) -> QuerySet[PledgePaper]:
    """Every version, the newest first, printed or not yet."""
    papers = PledgePaper.objects.filter(round=round_).defer("snapshot")
    return papers.select_related("round__bloc", "pdf")


def pledge_paper_fault(round_: PledgeRound) -> PledgePaperFault | None:
    """Why what was signed last is not kept yet, while the round is closed."""
    if round_.state != PledgeRound.State.CLOSED:
        return None
    return PledgePaperFault.objects.filter(round=round_).first()
