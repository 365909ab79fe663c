"""Taking over a figure that another plan has verified: the history of the cell says from where."""

from datetime import datetime

from django.db import transaction

from campaigns import queries
from campaigns.models import Result, ResultHistory, ResultSheet
from campaigns.services.sheets import record_results
from units.models import User
from units.rules import DomainError
from units.workflow import locked

GONE = (
    "Số của kế hoạch khác không còn như đã hiện: phiếu bên đó đã mở lại, đã sửa, hoặc ô này đã có "
    "đúng số ấy. Tải lại trang để xem số hiện có."
)


@transaction.atomic
def take_offer(
    sheet: ResultSheet, source: int, version: int, *, actor: User, now: datetime
) -> Result:
    """Write what is offered into its cell, drawn with `version`; `source` is the key of the result
    that is taken.

    Raises DomainError when it is offered no more, when somebody wrote the cell meanwhile, and as
    `record_results` does.
    """
    locked(sheet)
    offer = next((one for one in queries.offers_of(sheet) if one.source.pk == source), None)
    if offer is None:
        raise DomainError(GONE)
    cells = {offer.indicator.pk: (offer.typed, version)}
    saved = record_results(
        sheet,
        cells,
        actor=actor,
        now=now,
        source=ResultHistory.Source.PLAN,
        taken_from=offer.origin,
    )
    if saved.stale:
        raise DomainError(
            f"{offer.indicator.code} vừa được ghi số khác nên chưa lấy số của kế hoạch khác. Xem "
            "số đang có rồi chọn lại."
        )
    (result,) = saved.results
    return result
