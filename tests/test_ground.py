"""The scripts behind the Makefile, on services of their own in a directory of their own."""

import contextlib
import importlib.util
import io
import json
import os
import re
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tarfile
import tempfile
import time
from pathlib import Path

import pytest

from bin import archive, checks, ground, inner, outer, place
from bin.place import CHECKOUT, Trouble
from bin.services import PATIENCE, Services, born, descendants, libpq, psql


@pytest.fixture
def directory(monkeypatch):
    """A service directory with a name short enough for sockets."""
    for name in ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL", "FILES_DIR", "FORCE"):
        monkeypatch.delenv(name, raising=False)
    path = Path(tempfile.mkdtemp(prefix="ground-", dir="/tmp"))
    for name in ("run", "log", "files"):
        (path / name).mkdir()
    yield path
    shutil.rmtree(path)


@pytest.fixture
def services(directory):
    services = Services(directory)
    try:
        services.start_stores()
        yield services
    finally:
        for name in list(services.running):
            services.running[name].send_signal(signal.SIGINT)
        for process in services.running.values():
            process.wait(timeout=30)


def sql(services, text, role="owner"):
    return psql(text, libpq(services.database_url(role)))


# --- services ------------------------------------------------------------------------------------
def test_stores_listen_on_private_sockets_only(services):
    assert sql(services, "SHOW listen_addresses") == ""
    assert sql(services, "SHOW password_encryption") == "scram-sha-256"
    with socket.socket(socket.AF_UNIX) as redis:
        redis.connect(str(services.run_dir / "redis.sock"))
        redis.sendall(b"CONFIG GET port\r\n")
        assert redis.recv(64).split()[-1] == b"0"
    for name in (".s.PGSQL.5432", "redis.sock"):
        assert stat.S_IMODE((services.run_dir / name).stat().st_mode) == 0o700
    assert stat.S_IMODE((services.dir / "env").stat().st_mode) == 0o600


def test_owner_makes_tables_and_the_web_role_does_not(services):
    sql(services, "CREATE TABLE register (id int); CREATE DATABASE test_thidua")
    for refused in ("CREATE TABLE mine (id int)", "CREATE DATABASE mine", "SELECT * FROM register"):
        with pytest.raises(Trouble, match="permission denied"):
            sql(services, refused, role="app")
    wrong = services.database_url("app").replace(services.secrets["APP_PASSWORD"], "guess")
    with pytest.raises(Trouble, match="password authentication failed"):
        psql("SELECT 1", libpq(wrong))


def test_the_web_never_sees_the_owner_password(services):
    environment = services.environment()
    assert services.secrets["OWNER_PASSWORD"] not in " ".join(environment.values())
    assert services.secrets["OWNER_PASSWORD"] in services.owner_environment()["DATABASE_OWNER_URL"]


def test_a_killed_run_is_cleared_and_loses_nothing(services):
    sql(services, "CREATE TABLE note AS SELECT 7 AS n")
    old = services.running["postgres"].pid
    again = Services(services.dir)
    again.start_stores()
    try:
        assert born(old) == ""
        assert sql(again, "SELECT n FROM note") == "7"
    finally:
        for process in again.running.values():
            process.send_signal(signal.SIGINT)
            process.wait(timeout=30)


def test_crash_with_stale_lock_files_and_sockets(services):
    sql(services, "CREATE TABLE note AS SELECT 7 AS n")
    for process in services.running.values():
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    # as after a restart of the machine: the number in the lock file belongs to somebody else now
    lock = services.dir / "pg" / "postmaster.pid"
    lock.write_text(lock.read_text().replace(lock.read_text().split("\n")[0], str(os.getpid()), 1))
    services.running.clear()
    services.start_stores()
    assert sql(services, "SELECT n FROM note") == "7"


def test_a_server_whose_mark_was_lost_is_ended_first(services):
    sql(services, "CREATE TABLE note AS SELECT 7 AS n")
    old = services.running.pop("postgres")
    (services.run_dir / "postgres.pid").unlink()
    services.start_stores()
    assert old.wait(timeout=30) == 0  # an orderly shutdown, before the next one began
    assert sql(services, "SELECT n FROM note") == "7"


def test_the_lock_of_a_living_server_stays(services, monkeypatch):
    lock = services.dir / "pg" / "postmaster.pid"
    before = lock.read_text()
    monkeypatch.setattr("bin.services.end", lambda *_, **__: None)
    monkeypatch.setitem(PATIENCE, "postgres", 0.2)
    with pytest.raises(Trouble, match=r"còn dùng dữ liệu"):
        services.free_data()
    again = Services(services.dir)
    again.start("postgres", [again.postgres_programs() / "postgres", "-D", services.dir / "pg"])
    with pytest.raises(Trouble, match=r"postmaster\.pid[^$]*còn dùng dữ liệu"):
        again.wait("postgres", lambda: False)
    assert lock.read_text() == before
    assert sql(services, "SELECT 1") == "1"


def test_a_half_made_cluster_is_made_again(directory):
    (directory / "pg.part").mkdir()
    (directory / "pg.part" / "PG_VERSION").write_text("15\n")
    (directory / "pg").mkdir()
    services = Services(directory)
    services.make_cluster(services.postgres_programs(), directory / "pg")
    assert (directory / "pg" / "postgresql.conf").exists()
    assert not (directory / "password.part").exists()


def test_lost_passwords_are_not_replaced_while_data_remains(directory):
    (directory / "pg").mkdir()
    (directory / "pg" / "PG_VERSION").write_text("15\n")
    with pytest.raises(Trouble, match="make reset"):
        Services(directory)


def test_database_url_alone_is_refused(directory, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://web@localhost/x")
    with pytest.raises(Trouble, match="DATABASE_OWNER_URL"):
        Services(directory)


def test_nothing_outlives_its_run(directory):
    """A grandchild that hides in a session of its own is found and ended too."""
    script = """
        import os, subprocess, sys
        from pathlib import Path
        from bin.services import Services, adopt_orphans
        adopt_orphans()
        services = Services(Path(sys.argv[1]))
        hide = "setsid sleep 300 & echo $! > $0/part; mv $0/part $0/orphan; wait"
        services.start("worker", ["sh", "-c", hide, sys.argv[1]])
        while not (Path(sys.argv[1]) / "orphan").exists(): pass
        services.stop()
    """
    code = "\n".join(line.strip() for line in script.splitlines())
    subprocess.run(
        [sys.executable, "-c", code, str(directory)], cwd=CHECKOUT, check=True, timeout=60
    )
    orphan = int((directory / "orphan").read_text())
    deadline = time.monotonic() + 10
    while born(orphan) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert born(orphan) == ""


def test_descendants_are_children_and_theirs():
    with subprocess.Popen(["sh", "-c", "sleep 60 & wait"]) as child:
        deadline = time.monotonic() + 10
        while len(found := set(descendants(child.pid))) < 1 and time.monotonic() < deadline:
            time.sleep(0.02)
        assert child.pid in set(descendants(os.getpid()))
        for pid in found:
            os.kill(pid, signal.SIGKILL)
    assert len(found) == 1


# --- backup and restore --------------------------------------------------------------------------
@pytest.fixture
def portal(services):
    sql(
        services,
        "CREATE TABLE django_migrations (id int, app text, name text);"
        "CREATE EXTENSION unaccent; CREATE TABLE figure AS SELECT 79.3 AS value",
    )
    (services.dir / "files" / "ab").mkdir()
    (services.dir / "files" / "ab" / "paper.pdf").write_bytes(b"%PDF")
    return services


def test_a_backup_brings_rows_and_files_back(portal, monkeypatch):
    name = archive.backup(portal)
    path = portal.dir / "backups" / name
    assert re.fullmatch(r"thidua-\d{8}-\d{6}\.tar", name)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    sql(portal, "UPDATE figure SET value = 0")
    (portal.dir / "files" / "ab" / "paper.pdf").unlink()
    with path.open("rb") as stream, pytest.raises(Trouble, match="FORCE=1"):
        archive.restore(portal, stream)
    assert sql(portal, "SELECT value FROM figure") == "0"
    monkeypatch.setenv("FORCE", "1")
    with path.open("rb") as stream:
        archive.restore(portal, stream)
    assert sql(portal, "SELECT value FROM figure") == "79.3"
    assert (portal.dir / "files" / "ab" / "paper.pdf").read_bytes() == b"%PDF"


def test_a_backup_is_whole_while_files_come_and_go(portal, monkeypatch):
    files = portal.dir / "files"
    (files / ".tmp-upload").write_bytes(b"half")
    (files / "ab" / "swept.pdf").write_bytes(b"%PDF swept")
    listed = archive.kept_files

    def meanwhile(folder):
        found = listed(folder)
        (files / "ab" / "later.pdf").write_bytes(b"%PDF later")
        (files / "ab" / "swept.pdf").unlink()
        return found

    monkeypatch.setattr(archive, "kept_files", meanwhile)
    path = portal.dir / "backups" / archive.backup(portal)
    monkeypatch.setenv("FORCE", "1")
    with path.open("rb") as stream:
        archive.restore(portal, stream)
    assert [p.name for p in files.rglob("*") if p.is_file()] == ["paper.pdf"]


@pytest.mark.parametrize("damage", ["short", "other", "flipped"])
def test_a_damaged_backup_changes_nothing(portal, monkeypatch, damage):
    content = bytearray((portal.dir / "backups" / archive.backup(portal)).read_bytes())
    if damage == "short":
        del content[-15_000:]
    elif damage == "other":
        content = bytearray(b"not a backup")
    else:
        place_of_dump = content.index(b"PGDMP")
        content[place_of_dump + 500] ^= 0xFF
    sql(portal, "UPDATE figure SET value = 1")
    monkeypatch.setenv("FORCE", "1")
    file = portal.dir / "damaged.tar"
    file.write_bytes(content)
    with file.open("rb") as stream, pytest.raises(Trouble, match=r"hỏng"):
        archive.restore(portal, stream)
    assert sql(portal, "SELECT value FROM figure") == "1"
    assert (portal.dir / "files" / "ab" / "paper.pdf").exists()


def test_a_backup_of_newer_code_is_refused(portal, monkeypatch):
    sql(portal, "INSERT INTO django_migrations VALUES (1, 'units', '9999_tomorrow')")
    path = portal.dir / "backups" / archive.backup(portal)
    monkeypatch.setenv("FORCE", "1")
    with path.open("rb") as stream, pytest.raises(Trouble, match="units 9999_tomorrow"):
        archive.restore(portal, stream)


def test_an_empty_portal_is_not_backed_up(services):
    with pytest.raises(Trouble, match="chưa có dữ liệu"):
        archive.backup(services)


# --- places, ports, sentences --------------------------------------------------------------------
def test_the_socket_limit_is_that_of_the_kernel(directory):
    stem = len(os.fsencode(directory / "run" / ".s.PGSQL.5432")) + 1
    longest = directory / ("x" * (place.SOCKET_LIMIT - stem))
    for path, fits in ((longest, True), (Path(f"{longest}x"), False)):
        assert place.fits_sockets(path) is fits
        (path / "run").mkdir(parents=True)
        with socket.socket(socket.AF_UNIX) as probe:
            if fits:
                probe.bind(str(path / "run" / ".s.PGSQL.5432"))
            else:
                with pytest.raises(OSError, match="too long"):
                    probe.bind(str(path / "run" / ".s.PGSQL.5432"))
    assert not place.fits_sockets(directory / "thi đua")  # would need quoting everywhere


def test_a_taken_port_names_a_free_one(monkeypatch):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        monkeypatch.setenv("PORT", str(taken.getsockname()[1]))
        with pytest.raises(Trouble, match=r"make demo PORT=\d+") as trouble:
            place.port()
        other = int(str(trouble.value).rpartition("=")[2])
    monkeypatch.setenv("PORT", str(other))
    assert place.port() == other


@pytest.mark.parametrize("text", ["80", "abc", "70000", "-1", "٨٠٠٠"])
def test_a_port_that_cannot_be_used(monkeypatch, text):
    monkeypatch.setenv("PORT", text)
    with pytest.raises(Trouble, match="1024"):
        place.port()


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ("open('/dev/full', 'w', buffering=1).write('x\\n')", "Hết chỗ trên đĩa"),
        ("open('/proc/1/mem')", "Không có quyền"),
        ("1 / 0", "Lỗi ngoài dự kiến"),
        ("raise place.Trouble('Một câu.')", "Một câu."),
        ("import os; os.kill(os.getpid(), 15); import time; time.sleep(9)", "Đã dừng."),
    ],
)
def test_no_traceback_ever(directory, body, sentence):
    code = (
        "from pathlib import Path\nfrom bin import place\n"
        f"with place.plainly(Path({str(directory)!r})):\n    {body}"
    )
    done = subprocess.run(
        [sys.executable, "-X", "utf8", "-c", code], cwd=CHECKOUT, capture_output=True, text=True
    )
    assert done.returncode in (1, 130)
    assert sentence in done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr


def test_environment_files(tmp_path):
    file = tmp_path / "env"
    place.write_secret(file, "# lời\nexport A='một'\nB=x=y\n\nC=\n")
    assert place.read_env(file) == {"A": "một", "B": "x=y", "C": ""}
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_two_runs_take_turns(tmp_path, monkeypatch):
    monkeypatch.setattr(outer, "VAR", tmp_path)
    with outer.turn("demo"):
        with pytest.raises(Trouble, match="make demo"), outer.turn("backup"):
            pass
        (tmp_path / "lock").write_text("demo 1 serving")
        with outer.turn("backup") as joined:
            assert joined
        with pytest.raises(Trouble, match="make demo"), outer.turn("test"):
            pass
    with outer.turn("test") as joined:
        assert not joined


def test_only_plain_files_come_across(tmp_path):
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as sent:
        for name in ("demo/accounts.json", "demo/a.pdf", "../escape", f"{tmp_path}/escape"):
            member = tarfile.TarInfo(name)
            member.size = 1
            sent.addfile(member, io.BytesIO(b"x"))
        link = tarfile.TarInfo("demo/link")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        sent.addfile(link)
    stream.seek(0)
    (tmp_path / "in" / "demo").mkdir(parents=True)
    before = set(tmp_path.rglob("*"))
    ground.unpack(stream, tmp_path / "in")
    new = {str(path.relative_to(tmp_path)) for path in set(tmp_path.rglob("*")) - before}
    assert new == {"in/demo/accounts.json", "in/demo/a.pdf"}
    assert stat.S_IMODE((tmp_path / "in/demo/accounts.json").stat().st_mode) == 0o600


def test_only_what_the_tools_may_rewrite_comes_back(tmp_path, monkeypatch):
    checkout, service = tmp_path / "checkout", tmp_path / "service"
    monkeypatch.setattr(ground, "CHECKOUT", checkout)
    monkeypatch.setattr(ground, "VAR", checkout / "var")
    (checkout / "var").mkdir(parents=True)
    (service / "app").mkdir(parents=True)
    outside = tmp_path / "outside.py"
    outside.write_text("x=1\n")
    before = {"a.py": "x=1\n", "edited.py": "x=1\n", "bin/b.py": "y=2\n", "bin/c.py": "y=2\n"}
    after = {"a.py": "x = 1\n", "edited.py": "x = 1\n", "bin/b.py": "y = 2\n"}
    after |= {"bin/c.py": "y = 3\n", "link.py": "x = 9\n", "Makefile": "all:\n", "new.py": "\n"}
    for folder, content in ((checkout, before), (service / "app", after)):
        for name, text in content.items():
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).write_text(text)
    (checkout / "link.py").symlink_to(outside)
    brought_at = time.time() + 1
    os.utime(checkout / "edited.py", (brought_at + 1, brought_at + 1))
    mine = object.__new__(ground.Ground)
    mine.user, mine.dir, mine.app = None, service, service / "app"
    assert mine.bring_back([*before, "link.py", "gone.py"], brought_at) == ["bin/c.py"]
    assert (checkout / "a.py").read_text() == "x = 1\n"
    assert (checkout / "bin" / "b.py").read_text() == "y = 2\n"
    for name in ("edited.py", "bin/c.py"):
        assert (checkout / name).read_text() == before[name]
    assert outside.read_text() == "x=1\n"
    assert not [*checkout.rglob("Makefile"), *checkout.rglob("new.py")]


@pytest.mark.parametrize("versioned", [True, False])
def test_the_tree_leaves_out_what_is_not_source(tmp_path, monkeypatch, versioned):
    monkeypatch.setattr(ground, "CHECKOUT", tmp_path)
    for name in ("kept.py", "var/env", "app/đơn vị.html", "__pycache__/x.pyc"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x")
    (tmp_path / ".gitignore").write_text("var/\n__pycache__/\n")
    if versioned:
        subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    assert sorted(ground.tree()) == [".gitignore", "app/đơn vị.html", "kept.py"]


# --- files that must agree -----------------------------------------------------------------------
def pins(name):
    text = (CHECKOUT / "requirements" / f"{name}.txt").read_text()
    return dict(re.findall(r"^([A-Za-z0-9_.-]+)==(\S+)", text, re.MULTILINE)), text


def test_requirements_agree_and_name_no_host():
    (base, base_text), (dev, dev_text) = pins("base"), pins("dev")
    assert base.items() <= dev.items()
    for found, text in ((base, base_text), (dev, dev_text)):
        assert "//" not in text
        blocks = re.split(r"^(?=[A-Za-z0-9])", text, flags=re.MULTILINE)[1:]
        assert len(blocks) == len(found)
        assert all("--hash=sha256:" in block for block in blocks)


def test_env_example_lists_what_the_settings_read():
    settings = (CHECKOUT / "config" / "settings.py").read_text()
    read = set(re.findall(r"(?:required|flag|number|environ\.get)\(\s*\"([A-Z_]+)\"", settings))
    listed = ground.read_names(CHECKOUT / ".env.example")
    assert len(listed) == len(set(listed))
    assert read - set(listed) - {"VAR_DIR"} == set()
    assert set(listed) - read <= {"PORT", "CHROMIUM"}


def test_every_target_has_a_command():
    makefile = (CHECKOUT / "Makefile").read_text()
    targets = set(re.search(r"^\.PHONY: (.+)$", makefile, re.MULTILINE).group(1).split())
    assert targets | {"manage"} == outer.COMMANDS


@pytest.mark.parametrize(("code", "ending"), [(0, "1 passed, 0 failed"), (3, "0 passed, 1 failed")])
def test_types_are_checked_beside_the_rest_and_counted(
    directory, monkeypatch, capsys, code, ending
):
    (directory / "cache").mkdir()
    mine = checks.Checks(Services(directory), Path(sys.executable))
    begun = directory / "begun"
    script = f"open({str(begun)!r}, 'w'); print('một dòng'); raise SystemExit({code})"
    monkeypatch.setattr(mine, "module", lambda *_: (sys.executable, "-c", script))
    with mine.types_beside():
        deadline = time.monotonic() + 20
        while not begun.exists() and time.monotonic() < deadline:
            time.sleep(0.02)
        assert begun.exists()
    assert mine.end() == (1 if code else 0)
    told = capsys.readouterr().out
    assert "Kiểu dữ liệu" in told
    assert "một dòng" in told
    assert told.rstrip().endswith(ending)


def test_the_check_of_types_does_not_outlive_the_rest(directory, monkeypatch):
    (directory / "cache").mkdir()
    mine, told = checks.Checks(Services(directory), Path(sys.executable)), directory / "told"
    told.touch()
    script = f"import os, time; open({str(told)!r}, 'w').write(f'{{os.getpid()}}'); time.sleep(60)"
    monkeypatch.setattr(mine, "module", lambda *_: (sys.executable, "-c", script))

    def interrupted():
        with mine.types_beside():
            deadline = time.monotonic() + 20
            while not told.read_text() and time.monotonic() < deadline:
                time.sleep(0.02)
            raise place.Stopped

    with pytest.raises(place.Stopped):
        interrupted()
    assert born(int(told.read_text())) == ""


def test_the_bench_names_a_module_that_is_there(monkeypatch):
    commands = []
    for name in ("set_up", "refuse_foreign", "prepare", "start_workers", "tell"):
        monkeypatch.setattr(inner, name, lambda *_: None)
    monkeypatch.setattr(Services, "environment", lambda **_: {})
    monkeypatch.setattr(Services, "owner_environment", lambda **_: {})
    monkeypatch.setattr(inner, "stores", lambda: contextlib.nullcontext(Services))
    monkeypatch.setattr(inner, "run", lambda command, **_: commands.append(command) or 0)
    assert inner.bench() == 0
    ((_, option, module),) = commands
    assert option == "-m"
    assert importlib.util.find_spec(module)


FILL = """
from django.conf import settings
from django.core.management import call_command
from django.utils import timezone
from campaigns.models import Campaign
from campaigns.queries import candidates
from config.demo import accounts, results

sample = settings.BASE_DIR / "config" / "sample"
call_command("import_units", *map(str, (sample / "units").glob("*.yaml")))
call_command("load_registries")
call_command("load_plan", *map(str, (sample / "plans").glob("00[01]-*.yaml")), "--sample")
accounts.make_accounts(now=timezone.now())
campaign = Campaign.objects.get(ref="dong-thap.snn.2022.chuyen-doi-so")
units = [candidate.unit for candidate in candidates(campaign, campaign.period_from)]
results.enrol_everyone(campaign, units, now=timezone.now())
results.report_year(campaign, campaign.periods.get(ref="2024"))
"""
PRINT = """
import json
from campaigns.models import Campaign
from reports.documents.facts import collect
from reports.models import Report

campaign = Campaign.objects.get(ref="dong-thap.snn.2022.chuyen-doi-so")
period = campaign.periods.get(ref="2024")
report = Report(campaign=campaign, period=period, scope=campaign.issuer, version=1)
print("FIGURES", json.dumps(collect(report), sort_keys=True))
"""


def in_portal(services, script="", command="shell", **extra):
    """Runs a command of manage.py on these services and returns what it printed."""
    done = subprocess.run(
        [sys.executable, "manage.py", command],
        input=script,
        env=services.owner_environment(DEMO="1", **extra),
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr, done.stderr
    return done.stdout


def figures(services):
    printed = in_portal(services, PRINT)
    (line,) = [line for line in printed.splitlines() if line.startswith("FIGURES")]
    return json.loads(line.removeprefix("FIGURES"))


@pytest.mark.worker
def test_a_portal_restored_elsewhere_prints_the_same_report(services):
    owner = {"DATABASE_URL": services.owner_url, "DATABASE_APP_ROLE": services.app_role}
    in_portal(services, command="migrate", **owner)
    in_portal(services, command="grant_database", **owner)
    in_portal(services, FILL)
    before = figures(services)
    assert any(row["numerator"] for group in before["groups"] for row in group["indicators"])
    backup = services.dir / "backups" / archive.backup(services)

    elsewhere = Path(tempfile.mkdtemp(prefix="ground-", dir="/tmp"))
    for name in ("run", "log", "files"):
        (elsewhere / name).mkdir()
    other = Services(elsewhere)
    try:
        other.start_stores()
        with backup.open("rb") as stream:
            archive.restore(other, stream)
        owner = {"DATABASE_URL": other.owner_url, "DATABASE_APP_ROLE": other.app_role}
        in_portal(other, command="grant_database", **owner)
        assert figures(other) == before
    finally:
        for name in list(other.running):
            other.running[name].send_signal(signal.SIGINT)
        for process in other.running.values():
            process.wait(timeout=30)
        shutil.rmtree(elsewhere)
