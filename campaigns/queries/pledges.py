"""What a bloc's members pledge: what each may register, where each stands, what holds."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone

from campaigns import policies
from campaigns.models import Campaign, Pledge, PledgeLine, PledgeRound
from campaigns.queries.members import asking_groups
from criteria.models import Indicator
from criteria.queries import facts_of, rules_of, text_of
from criteria.rules import LEVEL, NONE, Rule, change_unit, resolve_target, suffix
from units.models import Bloc, BlocMembership, Prepared, Unit, User
from units.queries import Todo, TodoKind
from units.rules import decimal_text, fold

IN_NUMBERS = (Indicator.Kind.RATIO, Indicator.Kind.QUANTITY, Indicator.Kind.COUNT)
YES, NO = "có", "không"
PLEDGE_VERBS = {
    "pledgeround.opened": "mở đợt ký giao ước",
    "pledgeround.closed": "chốt đợt ký giao ước",
    "pledgeround.open": "mở lại đợt ký giao ước",
    "pledge.started": "bắt đầu soạn",
    "pledge.signed": "ký giao ước",
    "pledge.written": "ghi bản nháp",
    "pledgepaper.kept": "giữ bản giao ước đã ký",
    "pledge.amendment_discarded": "bỏ bản thay đổi chưa ký",
}


def bloc_campaigns(bloc: Bloc, year: int) -> QuerySet[Campaign]:
    """The issued plans of a bloc that run in `year`."""
    return Campaign.objects.filter(
        bloc=bloc, period_from__year__lte=year, period_to__year__gte=year
    ).exclude(state=Campaign.State.DRAFT)


# --- what may be registered -----------------------------------------------------------------------
@dataclass(frozen=True)
class Asked:
    """One indicator of the bloc's plans for one member: the target that holds, why, in words."""

    campaign: Campaign | None  # None: no plan of the year asks it any more
    indicator: Indicator
    rule: Rule | None = None
    why: str = ""
    target: str = ""
    amended: str = ""
    """The target that the plan asks for by now, where that of the day in question was another."""

    @property
    def control(self) -> str:
        """How it is registered: a number, yes or no, or words."""
        if self.indicator.kind in IN_NUMBERS:
            return "number"
        return "choice" if self.indicator.kind == Indicator.Kind.YES_NO else "text"

    @property
    def unit_text(self) -> str:
        """What follows the number that is typed."""
        after = suffix(self.indicator.kind, self.indicator.measure_unit)
        basis = self.rule.basis if self.rule else LEVEL
        return after if basis == LEVEL else change_unit(basis, after)

    @property
    def suggested(self) -> str:
        """The plan's own level, as one would type it: the draft starts from it."""
        if self.rule is None or self.rule.value is None or self.control == "text":
            return ""
        if self.control == "choice":
            return YES if self.rule.value else NO
        return decimal_text(self.rule.value)

    @property
    def required(self) -> bool:
        return self.rule is not None and self.rule.operator != NONE and self.control != "text"


def asked_of(bloc: Bloc, year: int, unit: Unit, on: date | None = None) -> list[Asked]:
    """Every indicator that `unit` answers in the plans of its bloc; six SQL queries.

    `unit` needs its kind selected. `on`: with the targets that held on that day.
    """
    plans = {plan.criteria_set_id: plan for plan in bloc_campaigns(bloc, year)}
    groups = asking_groups(plans.values(), unit)
    indicators = [one for group in groups for one in group.asked]  # type: ignore[attr-defined]
    rules, facts, found = rules_of(indicators), facts_of(unit), []
    for one in indicators:
        rule, why = resolve_target(rules[one.pk], facts, year, on)
        now, target = resolve_target(rules[one.pk], facts, year)[0], text_of(one, rule)
        amended = text_of(one, now) if now != rule else ""
        found.append(Asked(plans[one.criteria_set_id], one, rule, why, target, amended))
    return found


# --- where each member stands ---------------------------------------------------------------------
@dataclass(frozen=True)
class MemberPledge:
    """One member of the year: the pledge that holds, and a draft that is to follow."""

    membership: BlocMembership
    signed: Pledge | None
    draft: Pledge | None

    @property
    def newest(self) -> Pledge | None:
        return self.draft or self.signed

    @property
    def state(self) -> str:
        if self.signed:
            return "signed"
        return "draft" if self.draft else ""


def pledge_round(bloc: Bloc, year: int) -> PledgeRound | None:
    rows = PledgeRound.objects.filter(bloc=bloc, year=year)
    return rows.select_related("bloc", "opened_by", "closed_by").first()


def member_pledges(bloc: Bloc, year: int) -> list[MemberPledge]:
    """Every member of the year by name, the leader first; two SQL queries."""
    found: dict[int, list[Pledge]] = {}
    pledges = Pledge.objects.filter(round__bloc=bloc, round__year=year)
    for one in pledges.select_related("signed_by", "round").order_by("-version"):
        found.setdefault(one.unit_id, []).append(one)
    rows = list(BlocMembership.objects.filter(bloc=bloc, year=year).select_related("unit__kind"))
    head = BlocMembership.Role.HEAD
    rows.sort(key=lambda row: (row.role != head, fold(row.unit.name)))
    return [
        MemberPledge(row, _first(found, row, "signed"), _first(found, row, "draft")) for row in rows
    ]


def _first(found: dict[int, list[Pledge]], row: BlocMembership, state: str) -> Pledge | None:
    return next((one for one in found.get(row.unit_id, []) if one.state == state), None)


def unsigned(rows: Iterable[MemberPledge]) -> list[str]:
    return [row.membership.unit.name for row in rows if row.signed is None]


# --- one pledge -----------------------------------------------------------------------------------
@dataclass(frozen=True)
class PledgeRow:
    """One line of the page: what the plan asks, what is registered, in words and as typed. `other`:
    somebody typed something else than stands there."""

    asked: Asked
    typed: str
    words: str
    problem: str = ""
    other: bool = False

    @property
    def name(self) -> str:
        return f"t{self.asked.indicator.pk}"


def pledge_rows(
    pledge: Pledge, typed: dict[int, str] | None = None, problems: dict[int, str] | None = None
) -> list[PledgeRow]:
    """The table of one pledge. `typed` and `problems` are what a refused form held; a signed pledge
    stands beside what was asked on the day of signing, also if it is asked no longer."""
    on = timezone.localdate(pledge.signed_at) if pledge.signed_at else None
    round_ = pledge.round
    asked = {one.indicator.pk: one for one in asked_of(round_.bloc, round_.year, pledge.unit, on)}
    lines = {
        line.indicator_id: line for line in pledge.lines.select_related("indicator__derived_from")
    }
    gone = {pk: Asked(None, line.indicator) for pk, line in lines.items() if pk not in asked}
    rows = []
    for pk, one in (asked if pledge.state == Pledge.State.DRAFT else asked | gone).items():
        held, problem = lines.get(pk), (problems or {}).get(pk, "")
        stands = typed_of(held)
        entered = typed[pk] if typed is not None and pk in typed else stands
        other = entered.strip() != stands
        rows.append(PledgeRow(one, entered, words_of_line(held), problem, other))
    return rows


def typed_of(line: PledgeLine | None) -> str:
    if line is None:
        return ""
    if line.value is None:
        return line.text
    if line.indicator.kind == Indicator.Kind.YES_NO:
        return YES if line.value else NO
    return decimal_text(line.value)


def is_newest(pledge: Pledge) -> bool:
    rows = Pledge.objects.filter(round=pledge.round_id, unit=pledge.unit_id)
    return not rows.filter(version__gt=pledge.version).exists()


def pledge_versions(pledge: Pledge, user: User) -> list[Pledge]:
    """Every version of the same member's pledge that `user` may see, newest first."""
    rows = policies.viewable_pledges(user).filter(round=pledge.round_id, unit=pledge.unit_id)
    return list(rows.select_related("signed_by", "round", "unit").order_by("-version"))


def rule_of_line(line: PledgeLine) -> Rule:
    return Rule(line.operator, line.value, basis=line.basis)


def words_of_line(line: PledgeLine | None) -> str:
    """ "từ 85% trở lên"; the words themselves where no level was registered."""
    if line is None:
        return ""
    return text_of(line.indicator, rule_of_line(line)) or line.text


SIGNED = Prepared(
    lambda unit, bloc, year: (
        PledgeLine.objects.filter(
            pledge__unit=unit,
            pledge__round__bloc=bloc,
            pledge__round__year=year,
            pledge__state=Pledge.State.SIGNED,
        )
        .select_related("pledge", "indicator__derived_from")
        .order_by()
    )
)


def pledged_words(unit: Unit, bloc: int | None, year: int) -> dict[int, str]:
    """What `unit` has signed for the year, in words by the key of the indicator; one SQL query,
    none for a plan of no bloc."""
    if bloc is None:
        return {}
    rows = SIGNED(unit.pk, bloc, year)
    newest = max((line.pledge.version for line in rows), default=0)
    return {
        line.indicator_id: words_of_line(line) for line in rows if line.pledge.version == newest
    }


# --- the first page -------------------------------------------------------------------------------
def pledge_todo(user: User, now: datetime) -> list[Todo]:
    """Pledges to draft and to sign, and the rounds that the user's office closes; a fixed number
    of SQL queries."""
    open_rounds = PledgeRound.objects.filter(state=PledgeRound.State.OPEN).select_related("bloc")
    rounds = {(one.bloc_id, one.year): one for one in open_rounds}
    if not rounds:
        return []
    wanted = BlocMembership.objects.filter(bloc__in={bloc for bloc, _year in rounds})
    seats = [m for m in wanted.select_related("unit") if (m.bloc_id, m.year) in rounds]
    drafts = Pledge.objects.filter(round__in=rounds.values()).order_by("version")
    newest = {(one.round_id, one.unit_id): one for one in drafts}
    enters = set(policies.enterable_units(user).values_list("pk", flat=True))
    signs = set(policies.signable_units(user).values_list("pk", flat=True))
    leads = set(policies.leading_units(user).values_list("pk", flat=True))
    found = []
    for key, round_ in rounds.items():
        members = [m for m in seats if (m.bloc_id, m.year) == key]
        held = {m.unit_id: newest.get((round_.pk, m.unit_id)) for m in members}
        left = [m for m in members if _owes(held[m.unit_id])]
        for m in left:
            if m.unit_id in enters | signs:
                found.append(_to_sign(round_, m, held[m.unit_id], m.unit_id in signs))
        if any(m.role == BlocMembership.Role.HEAD and m.unit_id in leads for m in members):
            found.append(_to_close(round_, len(left), len(members)))
    return found


def _owes(newest: Pledge | None) -> bool:
    """A change under way of what was signed is no debt."""
    if newest is None:
        return True
    return newest.version == 1 and newest.state == Pledge.State.DRAFT


def _round_url(round_: PledgeRound) -> str:
    return reverse("campaigns:pledge_round", args=[round_.bloc.ref, round_.year])


def _to_sign(
    round_: PledgeRound, member: BlocMembership, draft: Pledge | None, signs: bool
) -> Todo:
    detail = reverse("campaigns:pledge_detail", args=[draft.pk]) if draft else _round_url(round_)
    label = "Soạn giao ước"
    if draft:
        label = "Xem và ký" if signs else "Soạn tiếp"
    return Todo(
        kind=TodoKind.OWED,
        title=f"Ký giao ước thi đua năm {round_.year}",
        url=detail,
        due_on=round_.due_on,
        label=label,
        subject=f"{member.unit}, {round_.bloc}",
    )


def _to_close(round_: PledgeRound, left: int, members: int) -> Todo:
    """What the leader waits for; once all have signed, what he has to do himself."""
    if not left:
        return Todo(
            kind=TodoKind.WAITING,
            title=f"Chốt giao ước thi đua năm {round_.year}: {members} đơn vị đã ký đủ",
            url=_round_url(round_),
            due_on=round_.due_on,
            label="Chốt giao ước",
            subject=round_.bloc.name,
        )
    return Todo(
        kind=TodoKind.OWING,
        title=f"{left} trên {members} đơn vị chưa ký giao ước thi đua năm {round_.year}",
        url=_round_url(round_),
        due_on=round_.due_on,
        label="Xem đơn vị chưa ký",
        subject=round_.bloc.name,
        count=left,
    )
