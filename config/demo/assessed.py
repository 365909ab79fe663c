"""What the sample's verifier finds of criteria in words: something in every state.

Found as the unit claims; found lower, with a reason; not assessed; found, and the answer changed.
"""

from datetime import datetime, timedelta

from campaigns import services
from campaigns.models import ResultHistory, ResultSheet
from campaigns.queries import SHEET_RELATED, sheet_rows
from config.demo.accounts import hand

AS_CLAIMED, LOWER, NOT_YET, CHANGED = range(4)
WHY = "Mới áp dụng trong đơn vị, chưa nơi nào làm theo."
BACK = "Nêu rõ đơn vị nào đã áp dụng rồi gửi lại."
MORE = "Đã có hai đơn vị khác áp dụng, có văn bản xác nhận kèm theo."

Said = dict[int, tuple[str, str]]


def verified(sheet: ResultSheet, state: int, *, at: datetime) -> ResultSheet:
    """A sheet that was sent, accepted with its criteria in words in that state."""
    said = {} if state == NOT_YET else found(sheet, lower=state != AS_CLAIMED)
    if state == CHANGED and said:
        services.assess_cells(sheet, said, actor=hand("verifier"), now=at)
        sheet, said = written_again(sheet, at=at + timedelta(hours=1)), {}
    return services.verify_sheet(
        sheet, actor=hand("verifier"), now=at + timedelta(hours=3), said=said
    )


def found(sheet: ResultSheet, *, lower: bool) -> Said:
    """The level that the unit claims, or the lowest of the rubric."""
    said = {}
    for row in rows_of(sheet):
        levels = list(row.indicator.levels.all())
        claimed = row.assessment.claim if row.assessment else None
        if claimed is None:
            continue
        level = levels[-1] if lower else claimed
        said[row.indicator.pk] = (str(level.pk), WHY if lower else "")
    return said


def written_again(sheet: ResultSheet, *, at: datetime) -> ResultSheet:
    back = services.return_sheet(sheet, reason=BACK, actor=hand("verifier"), now=at)
    cells = {
        row.indicator.pk: (row.typed | {"text": MORE}, row.version)
        for row in rows_of(back)
        if row.assessment
    }
    services.record_results(
        back, cells, actor=hand("clerk"), now=at, source=ResultHistory.Source.SAMPLE
    )
    return services.submit_sheet(back, actor=hand("head"), now=at + timedelta(hours=1))


def rows_of(sheet: ResultSheet) -> list:
    return sheet_rows(ResultSheet.objects.select_related(*SHEET_RELATED).get(pk=sheet.pk))
