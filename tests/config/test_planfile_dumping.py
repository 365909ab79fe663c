"""Out of the portal and back: nothing is lost, and the commands say what they did."""

import re
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction

from campaigns.models import Campaign
from config.planfile import load_plans, plan_data, plan_text, read_plan
from dossiers.models import DossierRequirement
from tests.config.planfiles import PLAN, SAMPLE, edited, parse, run, world
from tests.factories import NOW, UnitFactory
from units.models import AuditEntry
from units.services import import_units, read_unit_files

__all__ = ["world"]


# --- out and back --------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def shipped(django_db_setup, django_db_blocker):
    """The five shipped plans, loaded once with their units; all is rolled back."""
    files = [read_plan(path) for path in sorted((SAMPLE / "plans").glob("*.yaml"))]
    trees = sorted((SAMPLE / "units").glob("*.yaml"))
    with django_db_blocker.unblock(), transaction.atomic():
        import_units(read_unit_files(trees), actor=None, now=NOW)
        call_command("load_registries", stdout=StringIO())
        load_plans(files, actor=None, now=NOW)
        yield files
        transaction.set_rollback(True)


def test_load_dump_load_is_the_identity_for_every_shipped_plan(shipped):
    assert len(shipped) == 5
    for file in shipped:
        campaign = Campaign.objects.get(ref=file.ref)
        back = parse(plan_text(campaign))
        assert back.problems == []
        assert back.plan == file.plan == plan_data(campaign)
        assert plan_text(campaign) == plan_text(campaign)
    outcomes = load_plans(shipped, actor=None, now=NOW)
    assert [outcome.done for outcome in outcomes] == ["không đổi"] * 5


def test_dump_of_every_shipped_plan_loads_as_unchanged(shipped):
    again = [parse(plan_text(Campaign.objects.get(ref=file.ref))) for file in shipped]
    assert {outcome.done for outcome in load_plans(again, actor=None, now=NOW)} == {"không đổi"}


@pytest.fixture
def plan_path(tmp_path):
    path = tmp_path / "ke-hoach.yaml"
    path.write_text(PLAN, encoding="utf-8")
    return path


def test_load_plan_command(world, plan_path):
    said = run("load_plan", plan_path, "--check")
    assert "a.2024.so: đã tạo" in said
    assert "chưa ghi gì" in said
    assert not Campaign.objects.exists()
    assert not AuditEntry.objects.filter(action="campaign.loaded").exists()
    assert "đã tạo" in run("load_plan", plan_path, "--sample")
    assert Campaign.objects.get().is_sample
    assert "không đổi" in run("load_plan", plan_path)


def test_load_plan_command_refuses_with_every_error(world, plan_path, tmp_path):
    plan_path.write_text(edited(("level: province", "level: X"), ("value: 90", "value: a")))
    with pytest.raises(CommandError) as error:
        run("load_plan", plan_path)
    assert "ke-hoach.yaml:6: cấp (level)" in str(error.value)
    assert "ke-hoach.yaml:27: " in str(error.value)
    assert "Chưa ghi gì" in str(error.value)
    with pytest.raises(CommandError, match="không đọc được tệp"):
        run("load_plan", tmp_path / "khong-co.yaml")
    big = tmp_path / "to.yaml"
    big.write_bytes(b"#" * 2_000_001)
    with pytest.raises(CommandError, match="2 MB"):
        run("load_plan", big)


def test_dump_plan_command(world, plan_path, tmp_path):
    run("load_plan", plan_path)
    text = run("dump_plan", "a.2024.so")
    assert parse(text).plan == parse(PLAN).plan
    out = tmp_path / "ra.yaml"
    assert "Đã ghi" in run("dump_plan", "a.2024.so", "--out", out)
    assert out.read_text(encoding="utf-8") == text
    with pytest.raises(CommandError, match=r"đang có: a\.2024\.so"):
        run("dump_plan", "khong-co")
    with pytest.raises(CommandError, match="Không ghi được"):
        run("dump_plan", "a.2024.so", "--out", tmp_path / "khong" / "co.yaml")


def test_the_example_names_kinds_levels_and_forms_that_the_sample_holds(shipped):
    file = read_plan(SAMPLE / "plan-example.yaml")
    named = set(re.findall(r"'(vi-du(?:\.[a-z-]+)?)'", str(file.plan)))
    with transaction.atomic():
        for ref in sorted(named):
            UnitFactory(ref=ref)
        (outcome,) = load_plans([file], actor=None, now=NOW)
        paper = DossierRequirement.objects.get(campaign__ref=outcome.ref, ref="bao-cao").form
        assert paper.ref == "mau-07-nd91"
        transaction.set_rollback(True)
