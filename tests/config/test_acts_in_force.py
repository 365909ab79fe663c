"""The acts that a plan cites, held against the registry on the day the plan is issued."""

from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from campaigns.models import LegalAct
from campaigns.queries import legal_acts
from config.plans.own import Act, Facts, own_findings
from tests.config.test_conformity import LEVELS, PROVINCE, plan_of, said, sheets
from tests.factories import UserFactory

__all__ = ["sheets"]

OLD = Act("91/2017/NĐ-CP", date(2017, 7, 31), None, date(2023, 12, 31), "98/2023/NĐ-CP")
VAGUE = Act("08/2017/TT-BNV", None, None, None, "12/2019/TT-BNV")
NEW = Act("06/2022/QH15", None, date(2024, 1, 1), None)
TODAY = date(2026, 11, 29)
ENDED = (
    "Căn cứ 91/2017/NĐ-CP hết hiệu lực sau ngày 31/12/2023, thay bằng 98/2023/NĐ-CP; vào ngày ban "
    "hành (01/01/2024) không còn hiệu lực."
)
DOCUMENT = {
    "number": "1",
    "symbol": "KH",
    "signer_title": "Giám đốc",
    "signer_name": "Nguyễn Văn Mẫu",
}


def found(issued_on: str | None, *bases: dict[str, Any], state: str = "issued") -> list[tuple]:
    document = DOCUMENT | ({"issued_on": issued_on} if issued_on else {})
    plan = plan_of(state=state, document=document, legal_bases=list(bases))
    facts = Facts({}, {}, {}, {}, acts=(OLD, NEW, VAGUE), today=TODAY)
    rows = own_findings(plan, facts)
    return [(row.state, row.sentence) for row in rows if row.part == "can-cu"]


DECREE = {"code": "91/2017/NĐ-CP", "issued_on": "2017-07-31", "text": "Nghị định"}


@pytest.mark.parametrize(
    ("issued_on", "base", "told"),
    [
        ("2023-12-31", DECREE, []),
        ("2024-01-01", DECREE, [("fault", ENDED)]),
        ("2024-01-01", {"code": "91/2017/nđ-cp", "text": "Nghị định"}, [("fault", ENDED)]),
        (
            "2023-12-31",
            {"code": "06/2022/QH15", "text": "Luật"},
            [
                (
                    "ask",
                    "Căn cứ 06/2022/QH15 có hiệu lực từ ngày 01/01/2024; vào ngày ban hành "
                    "(31/12/2023) chưa có hiệu lực.",
                )
            ],
        ),
        ("2024-01-01", {"code": "06/2022/QH15", "text": "Luật"}, []),
        (
            "2024-01-01",
            {"code": "5/QĐ-TTg", "text": "Quyết định"},
            [("ask", "Chưa có trong sổ văn bản nên chưa đối chiếu được hiệu lực: 5/QĐ-TTg.")],
        ),
        (
            "2024-01-01",
            DECREE | {"issued_on": "2017-08-01"},  # the same number of another day
            [("ask", "Chưa có trong sổ văn bản nên chưa đối chiếu được hiệu lực: 91/2017/NĐ-CP.")],
        ),
        ("2024-01-01", {"text": "Luật Thi đua, khen thưởng"}, []),
        (
            "2024-01-01",
            {"code": "08/2017/TT-BNV", "text": "Thông tư"},
            [
                (
                    "ask",
                    "Căn cứ 08/2017/TT-BNV đã có 12/2019/TT-BNV thay; sổ văn bản chưa ghi ngày hết "
                    "hiệu lực.",
                )
            ],
        ),
        (None, DECREE, []),  # no day to hold it against
    ],
)
def test_an_act_is_held_against_the_day_of_issue(issued_on, base, told):
    assert found(issued_on, base) == told


def test_a_draft_is_held_against_today():
    (one,) = found(None, DECREE, state="draft")
    assert one[0] == "fault"
    assert one[1].endswith("đến hôm nay không còn hiệu lực.")


def test_the_five_plans_cite_the_old_decree_in_its_time(sheets):
    """Plan 001 was issued in June 2022, when Decree 91/2017 was in force."""
    assert not [line for line in said(sheets[PROVINCE], "fault") if line.startswith("Căn cứ")]
    asked = [line for line in said(sheets[PROVINCE], "ask") if "sổ văn bản" in line]
    assert len(asked) == 1
    assert "749/QĐ-TTg" in asked[0]
    assert "91/2017" not in asked[0]
    assert not [line for line in said(sheets[LEVELS], "ask") if "sổ văn bản" in line]  # no day


# --- the registry on its page --------------------------------------------------------------------
@pytest.fixture
def acts(db):
    new = LegalAct.objects.create(
        code="98/2023/NĐ-CP", title="Nghị định mới", valid_from=date(2024, 1, 1)
    )
    LegalAct.objects.create(code="12/2019/TT-BNV", title="Thông tư", note="Chưa có ngày.")
    LegalAct.objects.create(
        code="91/2017/NĐ-CP", title="Nghị định cũ", valid_to=date(2023, 12, 31), replaced_by=new
    )
    LegalAct.objects.create(code="9/2030/QH", title="Luật sau", valid_from=date(2030, 1, 1))


def test_those_in_force_stand_first(acts, django_assert_num_queries):
    with django_assert_num_queries(1):
        lines = [(line.act.code, line.state) for line in legal_acts(TODAY)]
    assert lines == [
        ("98/2023/NĐ-CP", "now"),
        ("9/2030/QH", "later"),
        ("12/2019/TT-BNV", "unknown"),
        ("91/2017/NĐ-CP", "ended"),
    ]


def test_everybody_signed_in_reads_the_registry(acts, client):
    client.force_login(UserFactory())
    page = client.get(reverse("campaigns:legal_act_list")).content.decode()
    assert "thay bằng 98/2023/NĐ-CP" in page
    assert "Hết hiệu lực" in page
    assert "Chưa rõ, chưa ghi ngày" in page
    LegalAct.objects.update(replaced_by=None)
    LegalAct.objects.all().delete()
    assert (
        "Sổ văn bản chưa có gì" in client.get(reverse("campaigns:legal_act_list")).content.decode()
    )


def test_an_act_stands_once_and_ends_after_it_begins(acts):
    with pytest.raises(IntegrityError), transaction.atomic():
        LegalAct.objects.create(code="9/2030/QH", title="Luật sau")
    with pytest.raises(IntegrityError), transaction.atomic():
        LegalAct.objects.filter(code="9/2030/QH").update(valid_to=date(2029, 1, 1))
