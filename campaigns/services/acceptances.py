"""Accepting a large workbook as work for a worker: asked for on a page that may be left."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from campaigns.models import ImportAcceptance, ResultImport
from campaigns.services.imports import (
    ChangedMeanwhile,
    accept_import,
    refuse_amended,
    undecided,
)
from campaigns.services.weighing import Key
from units import jobs
from units.models import User
from units.rules import DomainError, decimal_text

SEEN = re.compile(r"([0-9a-f]{64})?")


def is_large(pending: ResultImport) -> bool:
    """Whether it takes longer than somebody should wait for a page: then what it would change is
    kept as a worker found it (`told`), and a worker stores it."""
    return len(pending.cells) > settings.IMPORT_AT_ONCE


@transaction.atomic
def request_acceptance(
    pending: ResultImport,
    *,
    actor: User,
    now: datetime,
    seen: str = "",
    mine: Mapping[Key, int] | None = None,
) -> ImportAcceptance:
    """Ask a worker to store it. Raises DomainError when somebody has decided or asked already, for
    a plan that was amended and for a `seen` that no page has shown."""
    pending = undecided(pending)
    refuse_amended(pending)
    if not SEEN.fullmatch(seen):
        raise DomainError("Trang gửi lên không đủ nên chưa ghi gì. Tải lại trang, xem rồi ghi.")
    asked = pending.acceptances.filter(state=ImportAcceptance.State.QUEUED).first()
    if asked is not None:
        raise DomainError(
            f"Tệp “{pending}” đang được ghi theo yêu cầu của {asked.requested_by}. Chờ ghi xong, "
            "kết quả hiện trên trang này."
        )
    job = ImportAcceptance.objects.create(
        imported=pending,
        seen=seen,
        mine=[[*key, version] for key, version in (mine or {}).items()],
        requested_by=actor,
        requested_at=now,
    )
    jobs.submit(job)
    return job


def perform_acceptance(job: ImportAcceptance, progress: jobs.Progress) -> dict[str, Any]:
    """Store the workbook once: who comes second, after a worker that died, finds it stored."""
    pending, actor = job.imported, job.requested_by
    assert actor is not None  # somebody looked at the differences and agreed
    if pending.state == ResultImport.State.ACCEPTED:
        return {}
    progress(f"Đang ghi {decimal_text(len(pending.cells))} ô vào các phiếu")
    try:
        accept_import(
            pending,
            actor=actor,
            now=timezone.now(),
            seen=job.seen,
            mine={(unit, indicator): version for unit, indicator, version in job.mine},
        )
    except ChangedMeanwhile as error:
        if pending.told_at is None:
            raise
        raise DomainError(
            "Chưa ghi gì: vừa có người khác ghi trên cổng những ô mà tệp cũng sửa. Bấm Kiểm tra "
            "lại, xem số của hai bên rồi ghi."
        ) from error
    return {}
