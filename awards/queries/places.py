"""How many may be commended and how many are left; the make-up of a round's list."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum

from awards.models import AwardRound, CompositionRule, Nomination, Quota, QuotaPosting
from awards.rules import composition, percent_text, share_of
from campaigns.models import Campaign

Kind = QuotaPosting.Kind
State = Nomination.State
BASIS_TEXT = {
    Quota.Basis.LATER: "phân bổ sau",
    Quota.Basis.UNLIMITED: "không giới hạn",
    Quota.Basis.GUIDANCE: "theo hướng dẫn riêng",
    Quota.Basis.OWN: "theo thẩm quyền",
}


@dataclass(frozen=True)
class PlaceRow:
    """One line of the table of places. `limit` None: nothing limits it; `left` likewise.

    `proposed` wait for a decision and `awarded` have theirs, so that both and `left` add up to
    `limit`. Of a limited quota they count what its ledger holds, so a child plan's upward
    nominations are among them. `over` is how many too many, after an amendment cut the number.
    """

    quota: Quota
    phase: str
    form: str
    form_short: str
    recipient: str
    limit: int | None
    limit_text: str
    drafts: int
    proposed: int
    awarded: int
    left: int | None
    over: int
    waits_allotment: bool

    @property
    def held(self) -> int:
        """Places that are taken."""
        return self.proposed + self.awarded

    @property
    def note(self) -> str:
        """The plan's own words, until an allotment letter answers a promise to allot later."""
        answered = self.quota.basis == Quota.Basis.LATER and not self.waits_allotment
        return "" if answered else self.quota.note

    @property
    def left_text(self) -> str:
        """ "còn 3 chỗ", "hết chỗ", "phân bổ sau"."""
        if self.left is None:
            return self.limit_text
        return f"còn {self.left} chỗ" if self.left > 0 else "hết chỗ"


def places(campaign: Campaign) -> list[PlaceRow]:
    """The quotas of a plan in the order of its phases, in three SQL queries."""
    quotas = Quota.objects.filter(campaign=campaign).select_related(
        "phase", "award_form", "campaign", "parent__campaign", "decider"
    )
    return place_rows(quotas.order_by("phase__order", "phase", "order", "pk"))


def quota_names(campaign: Campaign, refs: Iterable[str]) -> dict[str, str]:
    """What each quota is for, by its ref: "Giấy khen, tập thể (Tổng kết)"; one SQL query."""
    rows = Quota.objects.filter(campaign=campaign, ref__in=refs)
    return {
        row.ref: f"{row.award_form.short_name}, {row.get_recipient_kind_display()} "
        f"({row.phase.name})"
        for row in rows.select_related("award_form", "phase")
    }


def place_rows(quotas: QuerySet[Quota]) -> list[PlaceRow]:
    """Needs `phase` and `award_form` selected."""
    rows = list(quotas)
    keys = [quota.pk for quota in rows]
    ledger = _ledger_sums(keys)
    counts = _nomination_counts(keys)
    return [_row(quota, ledger.get(quota.pk, {}), counts.get(quota.pk, {})) for quota in rows]


def _ledger_sums(keys: list[int]) -> dict[int, dict[str, Any]]:
    given = Q(kind__in=[Kind.ALLOT, Kind.WITHDRAW])
    sums = (
        QuotaPosting.objects.filter(quota__in=keys)
        .values("quota")
        .order_by("quota")
        .annotate(
            given=Sum("places", filter=given, default=0),
            held=-Sum("places", filter=~given, default=0),
            awarded=-Sum("places", filter=~given & Q(nomination__state=State.AWARDED), default=0),
            lines=Count("pk", filter=Q(kind=Kind.ALLOT)),
        )
    )
    return {row["quota"]: dict(row) for row in sums}


def _nomination_counts(keys: list[int]) -> dict[int, dict[str, Any]]:
    counts = (
        Nomination.objects.filter(quota__in=keys)
        .values("quota")
        .order_by("quota")
        .annotate(
            drafts=Count("pk", filter=Q(state=State.DRAFT)),
            held=Count("pk", filter=Q(state__in=Nomination.HOLDS_PLACE)),
            awarded=Count("pk", filter=Q(state=State.AWARDED)),
        )
    )
    return {row["quota"]: dict(row) for row in counts}


def _row(quota: Quota, ledger: dict[str, Any], counts: dict[str, Any]) -> PlaceRow:
    limited = quota.basis in Quota.LIMITED
    waits = quota.basis == Quota.Basis.LATER and not ledger.get("lines")
    limit = (quota.number or 0) + ledger.get("given", 0) if limited and not waits else None
    source = ledger if limited else counts
    held, awarded = source.get("held", 0), source.get("awarded", 0)
    left = None if limit is None else limit - held
    return PlaceRow(
        quota=quota,
        phase=quota.phase.name,
        form=quota.award_form.name,
        form_short=quota.award_form.short_name,
        recipient=quota.get_recipient_kind_display(),
        limit=limit,
        limit_text=BASIS_TEXT[Quota.Basis(quota.basis)] if limit is None else str(limit),
        drafts=counts.get("drafts", 0),
        proposed=held - awarded,
        awarded=awarded,
        left=left,
        over=max(0, -left) if left is not None else 0,
        waits_allotment=waits,
    )


def place_row(quota: Quota) -> PlaceRow:
    rows = place_rows(
        Quota.objects.filter(pk=quota.pk).select_related(
            "phase", "award_form", "campaign", "parent__campaign", "decider"
        )
    )
    return rows[0]


def ledger(campaign: Campaign) -> list[QuotaPosting]:
    """The lines of the ledger of a plan's quotas, newest first."""
    return list(
        QuotaPosting.objects.filter(quota__campaign=campaign)
        .select_related(
            "quota__award_form",
            "quota__phase",
            "nomination__unit",
            "nomination__person",
            "nomination__household",
            "nomination__proposing_unit",
            "by",
        )
        .order_by("-at", "-pk")
    )


# --- the make-up of a list -----------------------------------------------------------------------
NAMES = {
    CompositionRule.Counts.DIRECT: "người trực tiếp thực hiện",
    CompositionRule.Counts.LEADER: "lãnh đạo, phối hợp, tuyên truyền",
}
OTHER = {
    CompositionRule.Counts.DIRECT: "người lãnh đạo, phối hợp, tuyên truyền",
    CompositionRule.Counts.LEADER: "người trực tiếp thực hiện",
}


@dataclass(frozen=True)
class CompositionRow:
    """How a round's list stands against one rule of the plan. `share` is in percent units."""

    rule: CompositionRule
    label: str
    counted: int
    others: int
    base: int
    percent: Decimal
    required: int
    gap: int
    ok: bool
    sentence: str
    ways: tuple[str, ...]
    share: Fraction

    @property
    def share_text(self) -> str:
        return percent_text(self.share, 1)

    @property
    def bar_counted(self) -> int:
        """How long the counted part of a bar of 1000 is."""
        return round(self.share * 10)

    @property
    def bar_mark(self) -> int:
        """Where on a bar of 1000 the rule stands, kept inside its end."""
        return min(988, round(self.percent * 10))

    @property
    def ways_text(self) -> str:
        """ "Thêm 2 người trực tiếp thực hiện hoặc bớt 1 …", two ways to mend it."""
        text = " hoặc ".join([*self.ways[:1], *(way[0].lower() + way[1:] for way in self.ways[1:])])
        return f"{text}." if text else ""


def composition_rules(campaign: Campaign) -> list[tuple[str, CompositionRule]]:
    """The rules of a plan, each with its words."""
    rules = CompositionRule.objects.filter(campaign=campaign)
    return [(rule_label(rule), rule) for rule in rules]


def rule_label(rule: CompositionRule) -> str:
    """ "ít nhất 70% người trực tiếp thực hiện"."""
    name = NAMES[CompositionRule.Counts(rule.counts)]
    return f"{rule.get_operator_display()} {percent_text(rule.percent)} {name}"


def round_composition(award_round: AwardRound) -> list[CompositionRow]:
    """Each rule of the plan against what is proposed in the round.

    Counted are the nominations that hold a place; drafts are not yet in the list.
    """
    return compositions([award_round])[award_round.pk]


def compositions(award_rounds: Iterable[AwardRound]) -> dict[int, list[CompositionRow]]:
    """The same of many rounds at once, by the key of the round, in two SQL queries."""
    rounds = {one.pk: one.campaign_id for one in award_rounds}
    rules = list(CompositionRule.objects.filter(campaign__in=set(rounds.values())))
    ruled = {rule.campaign_id for rule in rules}
    counts = (
        Nomination.objects.filter(
            award_round__in=[pk for pk, campaign in rounds.items() if campaign in ruled],
            state__in=Nomination.HOLDS_PLACE,
        )
        .values("award_round")
        .order_by("award_round")
        .annotate(
            all=Count("pk"),
            individuals=Count("person"),
            direct=Count("pk", filter=Q(person__isnull=False, is_direct_worker=True)),
        )
    )
    found: dict[int, dict[str, Any]] = {row["award_round"]: {**row} for row in counts}
    nobody: dict[str, Any] = {"all": 0, "individuals": 0, "direct": 0}
    return {
        pk: [
            _composition_row(rule, found.get(pk, nobody))
            for rule in rules
            if rule.campaign_id == campaign
        ]
        for pk, campaign in rounds.items()
    }


def _composition_row(rule: CompositionRule, counts: dict[str, Any]) -> CompositionRow:
    direct = rule.counts == CompositionRule.Counts.DIRECT
    counted = counts["direct"] if direct else counts["individuals"] - counts["direct"]
    base = counts["all" if rule.base == CompositionRule.Base.ALL else "individuals"]
    found = composition(
        rule.percent,
        rule.operator,
        counted,
        base,
        rule.rounding,
        counted_name=NAMES[CompositionRule.Counts(rule.counts)],
        other_name=OTHER[CompositionRule.Counts(rule.counts)],
    )
    return CompositionRow(
        rule=rule,
        label=rule_label(rule),
        counted=counted,
        others=base - counted,
        base=base,
        percent=rule.percent,
        required=found.required,
        gap=found.gap,
        ok=found.ok,
        sentence=found.sentence,
        ways=found.ways,
        share=share_of(counted, base),
    )
