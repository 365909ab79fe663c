"""The sentence of a round's page that says what is to be done next, and by whom."""

from datetime import timedelta

import pytest

from awards import queries, services
from tests.awards.factories import LATER, World
from tests.factories import NOW, TODAY, user_with
from units.models import User

pytestmark = pytest.mark.django_db


def step(world: World, user: User, days: int = 0) -> str:
    card = queries.round_card(world.round, user)
    return queries.next_step(card, TODAY + timedelta(days=days))


def test_each_reads_his_own_step_and_else_whom_he_waits_for(world: World) -> None:
    world.round.closes_on = TODAY + timedelta(days=3)
    world.round.save()
    last = f"đến hết ngày {world.round.closes_on:%d/%m/%Y}"
    assert step(world, world.head) == f"Lập đề nghị của đơn vị rồi gửi hội đồng {last}."
    assert step(world, world.standing) == f"Đơn vị tham gia lập và gửi đề nghị {last}."
    assert step(world, world.standing, days=4).startswith("Đã hết ngày nhận đề nghị;")
    assert step(world, world.standing, days=-31).startswith("Đợt xét nhận đề nghị từ ngày")
    assert step(world, world.head, days=4).startswith("Đã hết ngày nhận đề nghị;")

    nomination = world.nominate()
    assert step(world, world.head).startswith("Đơn vị còn 1 đề nghị đang soạn: hoàn thiện")
    assert step(world, world.secretary).startswith("Đơn vị tham gia")  # a draft is the unit's own
    services.propose_nomination(nomination, actor=world.head, now=NOW)
    assert step(world, world.head) == "1 đề nghị chờ thư ký hội đồng mở phiên họp."
    assert step(world, world.secretary) == "Mở phiên họp để hội đồng xét 1 đề nghị đang chờ."

    session = world.session()
    day = f"{session.held_on:%d/%m/%Y}"
    assert step(world, world.standing) == (
        f"Thư ký hội đồng ghi kết quả phiên họp ngày {day}; 1 đề nghị chờ kết quả."
    )
    assert step(world, world.secretary).startswith(f"Ghi kết quả phiên họp ngày {day} rồi")
    world.tally(session, nomination)
    world.close(session)
    assert step(world, world.head).startswith("Hội đồng đã thông qua 1 đề nghị của đơn vị")
    assert "chờ đơn vị đề nghị lập hồ sơ" in step(world, world.secretary)

    nomination.refresh_from_db()
    services.forward_nominations([nomination], on=session.held_on, actor=world.head, now=LATER)
    assert step(world, world.head) == "1 đề nghị đã trình, chờ người có thẩm quyền quyết định."
    assert step(world, world.decider).startswith("Có đề nghị đã trình: ghi quyết định")
    world.decide([nomination])
    assert step(world, world.standing).startswith("Mọi đề nghị đã có kết quả: kết thúc đợt xét")
    services.close_round(world.round, actor=world.standing, now=LATER)
    world.round.refresh_from_db()
    for user in (world.standing, world.head, world.decider):
        assert step(world, user) == "Đợt xét đã kết thúc, không còn việc phải làm."


def test_a_round_without_a_council_says_that_it_waits_for_one(world: World) -> None:
    world.propose()
    world.round.council = None
    world.round.save()
    assert step(world, world.standing).startswith("Đợt xét chưa giao hội đồng nào nên 1 đề nghị")


def test_who_decides_does_so_in_a_closed_round_too(world: World) -> None:
    world.forwarded()
    services.close_round(world.round, actor=world.standing, now=LATER)
    world.round.refresh_from_db()
    assert step(world, world.decider).startswith("Có đề nghị đã trình: ghi quyết định")
    assert step(world, user_with("council_member", world.department)).startswith("Đợt xét đã kết")
