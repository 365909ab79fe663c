"""The sample year of a bloc: two rounds of pledges, a lead handed over and one on its way."""

from datetime import date, datetime

from django.utils import timezone

from campaigns import queries, services
from campaigns.models import HandOver, Pledge, PledgeRound
from config.demo.accounts import hand
from config.demo.results import chance
from units.models import Bloc, BlocMembership, Unit
from units.services import set_bloc_year

BLOC = "lam-dong.khoi-snn"
SETTLED, CURRENT = 2024, 2025
NEXT_LEADER = "chi-cuc-thuy-loi"
UNSIGNED = ("trung-tam-khuyen-nong", "ban-qlda")  # in the current year
RAISED = {"ct06b": ("80", "85", "90"), "ct07b": ("10", "12", "15"), "ct08": ("30", "35", "40")}
TITLES = (
    "Tập thể lao động tiên tiến",
    "Tập thể lao động xuất sắc",
    "Tập thể lao động xuất sắc\nBằng khen của Chủ tịch UBND tỉnh",
)
AMENDED = "chi-cuc-kiem-lam"


def at(day: date, hour: int = 8) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=timezone.get_current_timezone())


def run_years() -> None:
    bloc = Bloc.objects.get(ref=BLOC)
    pledge(bloc, SETTLED)
    hand_over(bloc, SETTLED, confirmed=True)
    pledge(bloc, CURRENT)
    list_next_year(bloc)
    hand_over(bloc, CURRENT, confirmed=False)


def pledge(bloc: Bloc, year: int) -> None:
    opened = at(date(year, 1, 10))
    round_ = services.open_pledge_round(
        bloc, year, due_on=date(year, 3, 15), actor=hand("verifier"), now=opened
    )
    PledgeRound.objects.filter(pk=round_.pk).update(is_sample=True)
    seats = bloc.memberships.filter(year=year).select_related("unit__kind")
    for place, seat in enumerate(seats.order_by("unit__ref")):
        name = seat.unit.ref.rpartition(".")[2]
        if year == CURRENT and name in UNSIGNED:
            continue
        made = draft(round_, seat.unit, now=at(date(year, 2, 3 + place)))
        signed = services.sign_pledge(
            made, revision=made.revision, actor=hand("head"), now=at(date(year, 3, 1 + place))
        )
        if year == CURRENT and name == AMENDED:
            amend(signed)
    services.close_pledge_round(
        round_, anyway=True, actor=hand("verifier"), now=at(date(year, 3, 16))
    )


def draft(round_: PledgeRound, unit: Unit, *, now: datetime) -> Pledge:
    made = services.start_pledge(round_, unit, actor=hand("clerk"), now=now)
    typed = {}
    for row in queries.pledge_rows(made):
        ref = row.asked.indicator.ref
        draw = chance("giao ước", ref, unit.ref, round_.year)
        typed[row.asked.indicator.pk] = draw.choice(RAISED[ref]) if ref in RAISED else row.typed
    titles = chance("danh hiệu", unit.ref, round_.year).choice(TITLES)
    return services.write_pledge(
        made, typed=typed, titles=titles, revision=made.revision, actor=hand("clerk"), now=now
    )


def amend(signed: Pledge) -> None:
    """One member pledges more after its work has changed."""
    fresh = services.amend_pledge(
        signed,
        reason="Được giao thêm việc hỗ trợ chủ rừng đưa nông sản lên sàn thương mại điện tử.",
        actor=hand("clerk"),
        now=at(date(CURRENT, 6, 2)),
    )
    services.sign_pledge(
        fresh, revision=fresh.revision, actor=hand("head"), now=at(date(CURRENT, 6, 5))
    )


def list_next_year(bloc: Bloc) -> None:
    """The deputy of the current year leads the next one."""
    roles = BlocMembership.Role
    seats = bloc.memberships.filter(year=CURRENT).select_related("unit")
    set_bloc_year(
        bloc,
        CURRENT + 1,
        members=[
            (one.unit, roles.HEAD if one.unit.ref.endswith(NEXT_LEADER) else roles.MEMBER)
            for one in seats
        ],
        decision="Biên bản hội nghị tổng kết Khối năm 2025 (mẫu của cổng)",
        decided_on=date(CURRENT, 12, 18),
        actor=None,
        now=at(date(CURRENT, 12, 19)),
    )


def hand_over(bloc: Bloc, year: int, *, confirmed: bool) -> None:
    made = services.hand_over_lead(
        bloc,
        year,
        held_on=date(year, 12, 20),
        document=f"Biên bản hội nghị tổng kết Khối năm {year} (mẫu của cổng)",
        note="Sổ theo dõi thi đua của Khối, bản giấy.",
        actor=hand("verifier"),
        now=at(date(year, 12, 22)),
    )
    HandOver.objects.filter(pk=made.pk).update(is_sample=True)
    if confirmed:
        services.confirm_hand_over(made, actor=hand("head"), now=at(date(year, 12, 28)))
