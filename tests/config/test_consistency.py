"""Promises that every part of the house keeps, checked over the whole of it."""

import ast
import inspect
import re
from collections.abc import Iterator
from importlib import import_module
from io import StringIO
from itertools import combinations
from pathlib import Path
from pkgutil import walk_packages

import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import models
from django.db.migrations.loader import MigrationLoader

import awards.queries
import campaigns.queries
from awards.models import AwardRound, CouncilSession, Nomination
from campaigns.models import HandOver, Pledge, PledgeRound
from units.models import Person, User

ORDER = ["units", "criteria", "campaigns", "awards", "dossiers", "reports", "config"]
LAYERS = ("services", "queries", "policies", "documents", "rules")
TEMPLATES = settings.BASE_DIR / "templates"
OURS = [model for model in apps.get_models() if model._meta.app_label in ORDER]
VIETNAMESE = re.compile(r"[à-ỹđ]", re.I)
# Words that are spelt without a mark in Vietnamese too.
PLAIN = {"token", "email", "tag"}

every_model = pytest.mark.parametrize("model", OURS, ids=lambda model: model._meta.label)


# --- templates -----------------------------------------------------------------------------------
def quoted_names() -> set[str]:
    """Every template that Python or another template names, and those that Django asks for."""
    found = {"400.html", "403.html", "403_csrf.html", "404.html", "500.html"}
    name = re.compile(r"""["']([\w/.-]+\.(?:html|txt|css|svg))(?:#[\w-]+)?["']""")
    sources = [p for app in ORDER for p in (settings.BASE_DIR / app).rglob("*.py")]
    for source in [*sources, *TEMPLATES.rglob("*.*")]:
        found |= set(name.findall(source.read_text(encoding="utf-8")))
    return found


def test_every_template_is_used() -> None:
    used = quoted_names()
    there = {str(p.relative_to(TEMPLATES)) for p in TEMPLATES.rglob("*.*")}
    # print/<name>.html is rendered under the name of the part it prints
    assert sorted(name for name in there - used) == []


def test_no_template_is_named_that_is_not_there() -> None:
    there = {str(p.relative_to(TEMPLATES)) for p in TEMPLATES.rglob("*.*")}
    named = {
        name
        for name in quoted_names()
        if name.split("/")[0] in {p.name for p in TEMPLATES.iterdir() if p.is_dir()} and "/" in name
    }
    assert sorted(named - there) == []


# --- models --------------------------------------------------------------------------------------
def is_vietnamese(text: str) -> bool:
    return bool(VIETNAMESE.search(text)) or text.lower() in PLAIN


def own_fields(model: type[models.Model]) -> Iterator[models.Field]:
    for field in model._meta.get_fields():
        if isinstance(field, models.Field) and not field.auto_created:
            yield field


@every_model
def test_models_and_fields_have_vietnamese_names(model: type[models.Model]) -> None:
    meta = model._meta
    derived = re.sub(r"(?<!^)(?=[A-Z])", " ", meta.object_name).lower()
    assert meta.verbose_name != derived
    assert meta.verbose_name_plural != f"{meta.verbose_name}s"
    assert is_vietnamese(str(meta.verbose_name))
    foreign = {"password", "last_login", "is_superuser", "groups", "user_permissions"}
    foreign |= {"user", "group", "permission"} if "Permission" in meta.object_name else set()
    for field in own_fields(model):
        if field.name not in foreign:
            assert str(field.verbose_name) != field.name.replace("_", " "), field.name


@every_model
def test_every_check_constraint_says_why_in_words_of_its_own(model: type[models.Model]) -> None:
    for constraint in model._meta.constraints:
        if isinstance(constraint, models.CheckConstraint):
            message = str(constraint.violation_error_message)
            assert message != str(constraint.default_violation_error_message), constraint.name
            assert VIETNAMESE.search(message), constraint.name


def test_no_two_check_constraints_share_a_name() -> None:
    names = [c.name for model in OURS for c in model._meta.constraints]
    assert len(names) == len(set(names))


@every_model
def test_what_names_a_person_protects_him(model: type[models.Model]) -> None:
    if model.__name__ in {"UnitUserPermission", "UnitGroupPermission"}:
        return  # guardian's rows go with the account
    for field in own_fields(model):
        if field.related_model in {User, Person} and isinstance(field, models.ForeignKey):
            assert field.remote_field.on_delete is models.PROTECT, field.name


# A lower app is asked for its own rows only: units for who takes part is a question of campaigns.
UPWARD: set[tuple[str, str]] = set()


@every_model
def test_nothing_reaches_upward_by_a_reverse_relation(model: type[models.Model]) -> None:
    for field in own_fields(model):
        target = field.related_model
        if not field.is_relation or target is None or target._meta.app_label not in ORDER:
            continue
        below = target._meta.app_label
        if below != model._meta.app_label:
            assert ORDER.index(below) < ORDER.index(model._meta.app_label), field.name
            name = field.remote_field.related_name
            assert str(name).endswith("+") or (model.__name__, field.name) in UPWARD, (
                f"{model.__name__}.{field.name}: related_name={name!r}"
            )


# --- migrations ----------------------------------------------------------------------------------
def test_migrations_of_two_apps_never_depend_on_each_other_in_a_circle() -> None:
    edges = {
        (key[0], parent[0])
        for key, migration in MigrationLoader(None).disk_migrations.items()
        for parent in migration.dependencies
        if key[0] != parent[0] and parent[0] in ORDER and key[0] in ORDER
    }
    for app, other in combinations(ORDER, 2):
        assert not {(app, other), (other, app)} <= edges
    assert {(a, b) for a, b in edges if ORDER.index(a) < ORDER.index(b)} == set()


@pytest.mark.django_db
def test_no_migration_is_missing() -> None:
    out = StringIO()
    try:
        call_command("makemigrations", check=True, dry_run=True, stdout=out)
    except SystemExit:
        pytest.fail(out.getvalue())


# --- modules -------------------------------------------------------------------------------------
def modules_of(layer: str) -> Iterator[str]:
    for app in ORDER:
        path = settings.BASE_DIR / app / layer
        if path.with_suffix(".py").exists() or path.is_dir():
            name = f"{app}.{layer}"
            yield name
            inside = getattr(import_module(name), "__path__", None)
            for module in walk_packages(inside, f"{name}.") if inside else ():
                yield module.name


@pytest.mark.parametrize("name", [name for layer in LAYERS for name in modules_of(layer)])
def test_nothing_below_the_views_sees_a_request(name: str) -> None:
    source = Path(inspect.getfile(import_module(name)))
    for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            given = node.args
            names = {a.arg for a in (*given.posonlyargs, *given.args, *given.kwonlyargs)}
            assert "request" not in names, f"dòng {node.lineno}"


def test_no_module_is_longer_than_it_can_be_read_in_one_go() -> None:
    """Past 400 lines a module becomes a package, or is split where its headings already part it."""
    modules = [path for app in ORDER for path in (settings.BASE_DIR / app).rglob("*.py")]
    lengths = {
        str(path.relative_to(settings.BASE_DIR)): len(path.read_text("utf-8").splitlines())
        for path in modules
        if "migrations" not in path.parts
    }
    assert lengths
    assert {name: lines for name, lines in lengths.items() if lines > 400} == {}


@pytest.mark.parametrize("app", [app for app in ORDER if app != "config"])
def test_views_ask_policies_and_queries_and_never_a_table(app: str) -> None:
    for source in [
        settings.BASE_DIR / app / "views.py",
        *(settings.BASE_DIR / app / "views").glob("*.py"),
    ]:
        if source.exists():
            found = re.findall(
                r".*\.(?:_default_manager|objects)\.\w+.*", source.read_text("utf-8")
            )
            assert found == [], source.name


@pytest.mark.parametrize("app", ["awards", "dossiers", "reports"])
def test_no_paper_holds_points_that_another_scoring_table_could_make_old(app: str) -> None:
    """What was scored is read by the pages of a campaign alone. A paper or a nomination that takes
    it in keeps the revisions of its sheets and their table, and tells when they changed."""
    names = r"\b(?:Score(?:Sheet|Layer|Entry|History)|Ranking|ranking_of|scorings?_of|scorings)\b"
    sources = [*(settings.BASE_DIR / app).rglob("*.py")]
    found = [source.name for source in sources if re.search(names, source.read_text("utf-8"))]
    assert (bool(sources), found) == (True, [])


# --- words ---------------------------------------------------------------------------------------
UNOFFICIAL = re.compile(r"\b(bạn|ông/bà|ông \(bà\)|quý vị|đã xảy ra)\b", re.I)


def test_the_portal_speaks_as_an_office_and_calls_its_reader_by_no_pronoun() -> None:
    """An office says what is to be done; one word for the reader on one page and another on the
    next reads as if two offices spoke."""
    sources = [*(settings.BASE_DIR / "templates").rglob("*.*")]
    sources += [path for app in ORDER for path in (settings.BASE_DIR / app).rglob("*.py")]
    found = [
        f"{path.relative_to(settings.BASE_DIR)}: {line.strip()}"
        for path in sources
        for line in path.read_text(encoding="utf-8").splitlines()
        if UNOFFICIAL.search(line)
    ]
    assert found == []


STEPS = (
    (AwardRound, awards.queries.VERBS),
    (CouncilSession, awards.queries.VERBS),
    (Nomination, awards.queries.VERBS),
    (PledgeRound, campaigns.queries.PLEDGE_VERBS),
    (Pledge, campaigns.queries.PLEDGE_VERBS),
    (HandOver, campaigns.queries.HAND_OVER_VERBS),
)


@pytest.mark.parametrize(("model", "verbs"), STEPS, ids=lambda one: getattr(one, "__name__", ""))
def test_a_history_says_what_somebody_did_and_not_where_a_row_moved(
    model: type[models.Model], verbs: dict[str, str]
) -> None:
    steps = set().union(*model.TRANSITIONS.values())  # type: ignore[attr-defined]
    named = {f"{model._meta.model_name}.{step.value}" for step in steps}
    assert named - set(verbs) == set()
