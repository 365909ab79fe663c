"""The answer to a saved cell is narrow, and says what the whole page would say.

Whatever is written: every piece of a row that the page drawn afterwards shows otherwise than the
page before must come with the answer, and come as that page shows it.
"""

import random
import re
from collections.abc import Callable
from datetime import date, timedelta
from html.parser import HTMLParser
from io import BytesIO
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from campaigns import services
from campaigns.models import ResultSheet
from criteria.models import Indicator, Target
from tests.campaigns.test_doubts import year_before
from tests.campaigns.test_evidence import PDF
from tests.campaigns.world import World
from tests.factories import NOW, GroupFactory, RubricLevelFactory
from units.models import User

ClientOf = Callable[[User], Any]
HTMX = {"HX-Request": "true"}
APART = ("hx-swap-oob", "data-own")  # how an answer reaches the page, and that it came from here
PIECE = re.compile(r"(r\d+-(note|verdict|held|figure|denominator|version|conflict)|left)$")
VOID = {"input", "use", "br", "path"}


class Pieces(HTMLParser):
    """The pieces of a page that a saved cell may change, by id, without what only an answer says.

    The denominator counts where nobody types it: it is the figure of the whole.
    """

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: dict[str, str] = {}
        self.open: list[tuple[str, list[str]]] = []
        self.depth: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value for name, value in attrs if name not in APART}
        key, text = said.get("id") or "", f"<{tag} {sorted(said.items(), key=str)}>"
        typed = key.endswith("-denominator") and "readonly" not in said
        if PIECE.match(key) and not typed:
            self.open.append((key, []))
            self.depth.append("")
        for n, (_key, texts) in enumerate(self.open):
            texts.append(text)
            self.depth[n] += "" if tag in VOID else "+"
        if tag in VOID:
            self.close_what_is_whole()

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        self.depth = [depth[:-1] for depth in self.depth]
        self.close_what_is_whole()

    def handle_data(self, data: str) -> None:
        for _key, texts in self.open:
            texts.append(data)

    def close_what_is_whole(self) -> None:
        while self.open and not self.depth[-1]:
            key, texts = self.open.pop()
            self.depth.pop()
            self.found[key] = " ".join("".join(texts).split())


@pytest.fixture
def world(world: World) -> World:
    """A sheet with every kind of cell and everything that hangs together, and the year before."""
    whole = world.indicator(code="CT01", order=1)
    part = world.indicator(code="CT01a", order=2, of_which=whole, target=50)
    world.indicator(code="CT01b", order=3, of_which=whole, target=None)
    world.indicator(code="CT01a1", order=4, of_which=part, target=None)
    for order, (code, kind) in enumerate(
        (("CT02", "count"), ("CT03", "quantity"), ("CT04", "yes_no"), ("CT05", "narrative")), 5
    ):
        target = {"count": 5, "yes_no": 1}.get(kind)
        world.indicator(code=code, order=order, kind=kind, target=target)
    world.indicator(code="CT06", order=9, kind="count", target=None, evidence_required=True)
    refs = list(Indicator.objects.filter(code__in=["CT02", "CT06"]).values_list("ref", flat=True))
    world.indicator(
        code="CT07", order=10, kind="count", target=None, sum_of=refs, sum_grade="blocks"
    )
    rubric = world.indicator(code="CT08", order=11, kind="qualitative", target=None)
    for order, (name, met) in enumerate((("Tốt", True), ("Chưa đạt", False))):
        RubricLevelFactory(indicator=rubric, name=name, order=order, is_met=met)
    ours = GroupFactory(criteria_set=world.campaign.criteria_set, measured="sum", order=2)
    world.indicator(code="CT09", order=12, group=ours)
    rise = world.indicator(code="CT10", order=13, kind="count", target=None)
    Target.objects.create(indicator=rise, basis="rise", operator=">=", value=3)

    now, world.period = world.period, year_before(world)
    before = {"CT01": ("30", "40"), "CT01a": ("10", ""), "CT02": ("4", ""), "CT10": ("2", "")}
    given = {}
    for code, (first, second) in before.items():
        one = Indicator.objects.get(code=code)
        given[one] = {"numerator": first, "denominator": second, "value": first}
    sheet = world.sheet()
    for one, typed in given.items():
        world.fill(sheet, one, **typed)
    ResultSheet.objects.filter(pk=sheet.pk).update(
        state="verified",
        submitted_at=NOW,
        submitted_by=world.head,
        verified_at=NOW,
        verified_by=world.verifier,
    )
    world.period = now
    now.closes_on = timezone.localdate() + timedelta(days=30)
    now.save()
    return world


def address(name: str, *args: object) -> str:
    return reverse(f"campaigns:{name}", args=args)


def pieces(response: Any) -> dict[str, str]:
    return Pieces(response.content.decode()).found


def shape_on(page: str, pk: int) -> str:
    found = re.search(rf'name="r{pk}-shape" value="(\w+)"', page)
    return found[1] if found else ""


NUMBERS = ("0", "1", "2", "3", "5", "10", "12", "30", "40", "100", "2,5", "mười", "")
WORDS = ("", "Đã làm xong", "Chưa")


def typed_at_random(chance: random.Random, one: Indicator) -> dict[str, str]:
    """What somebody might type in a cell: mostly numbers, now and then an excuse, or nonsense."""
    typed = {
        "ratio": {"numerator": chance.choice(NUMBERS), "denominator": chance.choice(NUMBERS)},
        "yes_no": {"yes": chance.choice(("", "yes", "no", "x"))},
        "narrative": {"text": chance.choice(WORDS)},
        "qualitative": {
            "text": chance.choice(WORDS),
            "level": chance.choice(("", "Tốt", "Chưa đạt", "Khá")),
        },
    }.get(one.kind, {"value": chance.choice(NUMBERS)})
    if one.of_which_id:
        typed.pop("denominator")
    if chance.random() < 0.2:
        typed = dict.fromkeys(typed, "") if chance.random() < 0.7 else typed
        typed["choice"] = chance.choice(("nothing", "not_applicable"))
    return typed | {"reason": chance.choice(("", "", "Tách đơn vị"))}


def check(client: Any, sheet: ResultSheet, one: Indicator, **typed: str) -> None:
    """Write a cell and hold the answer against the page before and after."""
    where = address("result_sheet_detail", sheet.pk)
    before = client.get(where)
    drawn = pieces(before)
    version = re.search(rf'id="r{one.pk}-version"[^>]*value="(\d+)"', before.content.decode())
    assert version
    typed |= {"version": version[1], "shape": shape_on(before.content.decode(), one.pk)}
    sent = {f"r{one.pk}-{name}": word for name, word in typed.items()}
    answer = client.post(address("result_save", sheet.pk, one.pk), sent, headers=HTMX)
    assert answer.status_code == 200
    said, after = pieces(answer), pieces(client.get(where))
    assert {key: after[key] for key in said} == said
    assert {key for key in after if after[key] != drawn.get(key)} <= said.keys()


@pytest.mark.parametrize("seed", range(6))
def test_what_a_saved_cell_answers_is_what_the_page_shows(
    world: World, client_of: ClientOf, seed: int
) -> None:
    chance, sheet = random.Random(seed), world.sheet()
    client = client_of(world.head if seed % 2 else world.clerk)
    asked = list(Indicator.objects.all())
    for _ in range(14):
        one = chance.choice(asked)
        check(client, sheet, one, **typed_at_random(chance, one))


def test_what_hangs_together_moves_together(world: World, client_of: ClientOf) -> None:
    """The same for the steps of which chance might miss one."""
    sheet, client = world.sheet(), client_of(world.clerk)
    by_code = {one.code: one for one in Indicator.objects.all()}
    for code, typed in (
        ("CT01", {"numerator": "30", "denominator": "40"}),  # the year before to the last digit
        ("CT01a", {"numerator": "20"}),
        ("CT01b", {"numerator": "15"}),  # the parts are more than their whole
        ("CT01a1", {"numerator": "12"}),
        ("CT01", {"numerator": "10", "denominator": "40"}),  # smaller than its parts now
        ("CT01", {"numerator": "40", "denominator": "40"}),  # and right again
        ("CT02", {"value": "3"}),
        ("CT07", {"value": "6"}),
        ("CT06", {"value": "2"}),  # the total does not come out
        ("CT02", {"value": "4"}),  # now it does
        ("CT08", {"text": "Đã làm", "level": "Tốt"}),
        ("CT09", {"numerator": "1", "denominator": "2"}),
        ("CT10", {"value": "4"}),
        ("CT10", {"value": "5"}),
    ):
        check(client, sheet, by_code[code], **typed)


def test_on_a_returned_sheet_and_beside_a_file_used_twice(
    world: World, client_of: ClientOf
) -> None:
    sheet, client = world.sheet(), client_of(world.clerk)
    by_code = {one.code: one for one in Indicator.objects.all()}
    for code in ("CT02", "CT06", "CT10"):
        world.fill(sheet, by_code[code], value="4")
    for code in ("CT02", "CT06"):
        services.add_evidence(
            sheet,
            by_code[code],
            BytesIO(PDF),
            name="a.pdf",
            size=len(PDF),
            actor=world.clerk,
            now=NOW,
        )
    check(client, sheet, by_code["CT06"], value="5")
    ResultSheet.objects.filter(pk=sheet.pk).update(
        state="submitted", submitted_at=NOW, submitted_by=world.head
    )
    services.return_sheet(
        ResultSheet.objects.get(pk=sheet.pk),
        reason="Sửa số",
        actor=world.verifier,
        now=timezone.now(),
        revision=None,
        cells={by_code["CT02"].pk: ""},
    )
    check(client, sheet, by_code["CT02"], value="6")
    check(client, sheet, by_code["CT03"], value="6")


def test_an_amended_plan_is_seen_by_the_next_cell(world: World, client_of: ClientOf) -> None:
    sheet, client = world.sheet(), client_of(world.clerk)
    one = Indicator.objects.get(code="CT01")

    def verdict(version: int) -> str:
        typed = {"numerator": f"{30 + version}", "denominator": "40", "version": f"{version}"}
        sent = {f"r{one.pk}-{name}": word for name, word in typed.items()}
        answer = client.post(address("result_save", sheet.pk, one.pk), sent, headers=HTMX)
        return pieces(answer)[f"r{one.pk}-verdict"]

    assert "Chưa đạt" in verdict(0)
    Target.objects.create(
        indicator=one,
        value=70,
        in_force_from=date(2024, 1, 1),
        decision="12/QĐ-UBND",
        reason="Giảm mức",
    )
    assert "Chưa đạt" not in verdict(1)
    world.group.unit_kinds.clear()
    world.group.units.add(world.office)
    one_more = {f"r{one.pk}-numerator": "1", f"r{one.pk}-version": "2"}
    gone = client.post(address("result_save", sheet.pk, one.pk), one_more, headers=HTMX)
    assert gone.status_code == 422
    assert "Phiếu này không hỏi tiêu chí đó" in pieces(gone)[f"r{one.pk}-note"]


def test_a_saved_cell_costs_the_same_however_long_the_sheet(
    world: World,
    client_of: ClientOf,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    sheet, client = world.sheet(), client_of(world.clerk)
    for _ in range(30):
        world.fill(sheet, world.indicator(), numerator="1", denominator="2")
    one = Indicator.objects.get(code="CT02")
    sent = {f"r{one.pk}-version": "0", f"r{one.pk}-value": "3"}
    with django_assert_max_num_queries(14):
        client.post(address("result_save", sheet.pk, one.pk), sent, headers=HTMX)
