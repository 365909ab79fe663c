"""Plans and dossiers on paper; a dossier's facts are frozen first, then printed from them alone."""

from dossiers.documents.compiling import compile_dossier
from dossiers.documents.freezing import freeze
from dossiers.documents.plan import plan_paper, print_plan
from dossiers.documents.pledges import (
    pledge_paper,
    pledge_stamp,
    print_pledge_paper,
    print_pledges,
)

__all__ = [
    "compile_dossier",
    "freeze",
    "plan_paper",
    "pledge_paper",
    "pledge_stamp",
    "print_plan",
    "print_pledge_paper",
    "print_pledges",
]
