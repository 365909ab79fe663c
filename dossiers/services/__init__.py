"""Every write of dossiers."""

from dossiers.services.builds import (
    record_build_download,
    record_part_download,
    request_build,
    retry_build,
)
from dossiers.services.dossiers import (
    add_part,
    edit_dossier,
    open_dossier,
    remove_part,
    send_dossier,
)
from dossiers.services.pledges import freeze_due_pledge_papers, freeze_pledge_paper
from dossiers.services.registry import save_paper_forms

__all__ = [
    "add_part",
    "edit_dossier",
    "freeze_due_pledge_papers",
    "freeze_pledge_paper",
    "open_dossier",
    "record_build_download",
    "record_part_download",
    "remove_part",
    "request_build",
    "retry_build",
    "save_paper_forms",
    "send_dossier",
]
