"""Backup and restore: one tar with the database, the files and a manifest.

The portal may be serving meanwhile. The database is dumped first: files are never rewritten, so
every file the dump names is there. The manifest comes last and counts what was really written.
"""

import contextlib
import datetime
import hashlib
import json
import shutil
import subprocess
import tarfile
from pathlib import Path

from bin.place import CHECKOUT, Trouble, flag
from bin.services import Services, libpq, psql, tables

FORMAT = 1


def backup(services: Services) -> str:
    """Writes backups/thidua-YYYYMMDD-HHMMSS.tar in the service directory and returns its name."""
    if not tables(services.owner_url):
        raise Trouble("Cổng chưa có dữ liệu nào để sao lưu.")
    part, folder = fresh(services.dir / "backup.part"), services.dir / "backups"
    dump = part / "database.dump"
    command = ["pg_dump", "--format=custom", "--no-owner", "--no-acl", f"--file={dump}"]
    tool(command, services, "Không xuất được cơ sở dữ liệu.")
    files = Path(services.environment()["FILES_DIR"]).resolve()
    files.mkdir(parents=True, exist_ok=True)
    now = datetime.datetime.now().astimezone()
    name = f"thidua-{now:%Y%m%d-%H%M%S}.tar"
    facts = {
        "format": FORMAT,
        "made_at": now.isoformat(timespec="seconds"),
        "postgresql": psql("SHOW server_version", libpq(services.owner_url)),
        "migrations": migrations(services),
        "database_sha256": digest(dump),
    }
    with tarfile.open(part / name, "w") as stream:
        stream.add(dump, "database.dump")
        stream.add(files, "files", recursive=False)
        manifest = facts | {"files": add_files(stream, files, kept_files(files))}
        (part / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n")
        stream.add(part / "manifest.json", "manifest.json")
    (part / name).chmod(0o600)
    folder.mkdir(mode=0o700, exist_ok=True)
    (part / name).replace(folder / name)
    shutil.rmtree(part)
    return name


def kept_files(files: Path) -> list[Path]:
    """Every whole file; `.tmp-…` is an upload under way, which no row names yet."""
    return sorted(
        path
        for path in files.rglob("*")
        if path.is_file() and not path.is_symlink() and not path.name.startswith(".tmp-")
    )


def add_files(stream: tarfile.TarFile, files: Path, paths: list[Path]) -> int:
    """How many were written: one may vanish when the sweep drops what no row uses any more."""
    count = 0
    for path in paths:
        with contextlib.suppress(FileNotFoundError):
            stream.add(path, f"files/{path.relative_to(files)}")
            count += 1
    return count


def restore(services: Services, stream) -> None:
    """Puts a backup in place of an empty portal; FORCE=1 allows one that holds data.

    Everything is unpacked and loaded beside the old before the old goes, so a bad backup
    loses nothing.
    """
    if tables(services.owner_url):
        if not services.private_database:
            raise Trouble("DATABASE_URL không trống. Tạo một cơ sở dữ liệu trống rồi chạy lại.")
        if not flag("FORCE"):
            raise Trouble(
                "Cổng đang có dữ liệu, khôi phục sẽ thay toàn bộ. Nếu chắc chắn, sao lưu trước "
                "(make backup) rồi chạy: make restore FILE=… FORCE=1"
            )
    part = fresh(services.dir / "restore.part")
    options = ["--no-same-owner", "--no-same-permissions"]
    done = subprocess.run(["tar", "-x", *options, "-C", part], stdin=stream, capture_output=True)
    check(part, done.returncode)
    load(services, part / "database.dump")
    files = Path(services.environment()["FILES_DIR"])
    old = files.with_name(files.name + ".old")
    shutil.rmtree(old, ignore_errors=True)
    if files.exists():
        files.replace(old)
    shutil.move(part / "files", files)
    shutil.rmtree(old, ignore_errors=True)
    shutil.rmtree(part)


def check(part: Path, code: int) -> None:
    try:
        manifest = json.loads((part / "manifest.json").read_text())
        whole = digest(part / "database.dump") == manifest["database_sha256"]
        count = sum(path.is_file() for path in (part / "files").rglob("*"))
        links = any(path.is_symlink() for path in part.rglob("*"))
    except (OSError, ValueError, KeyError):
        raise Trouble("Tệp này không phải bản sao lưu của cổng, hoặc đã hỏng.") from None
    if code or links or not whole or count != manifest["files"]:
        raise Trouble("Bản sao lưu bị hỏng hoặc thiếu tệp. Dữ liệu hiện có được giữ nguyên.")
    if manifest["format"] > FORMAT:
        raise Trouble(
            "Bản sao lưu do phiên bản mới hơn tạo ra. Cập nhật mã nguồn rồi khôi phục lại."
        )


def load(services: Services, dump: Path) -> None:
    command = ["pg_restore", "--no-owner", "--no-acl", "--exit-on-error", "--single-transaction"]
    if services.private_database:
        services.as_superuser("DROP DATABASE IF EXISTS thidua_new WITH (FORCE);")
        services.as_superuser("CREATE DATABASE thidua_new OWNER thidua_owner;")
        target = "thidua_new"
    else:
        target = libpq(services.owner_url)["PGDATABASE"]
    tool([*command, f"--dbname={target}", dump], services, "Không nạp được cơ sở dữ liệu.")
    newer = known_missing(services, target)
    if newer:
        raise Trouble(
            f"Bản sao lưu do phiên bản mới hơn tạo ra (có {newer}). "
            "Cập nhật mã nguồn rồi khôi phục lại."
        )
    if services.private_database:
        services.as_superuser("DROP DATABASE IF EXISTS thidua WITH (FORCE);")
        services.as_superuser("ALTER DATABASE thidua_new RENAME TO thidua;")


def known_missing(services: Services, database: str) -> str:
    """A migration of our own apps that the backup has and this code does not."""
    rows = psql(
        "SELECT app || ' ' || name FROM django_migrations ORDER BY id",
        libpq(services.owner_url) | {"PGDATABASE": database},
    ).splitlines()
    for app, name in (row.split(" ", 1) for row in rows):
        folder = CHECKOUT / app / "migrations"
        if folder.is_dir() and not (folder / f"{name}.py").exists():
            return f"{app} {name}"
    return ""


def migrations(services: Services) -> int:
    return int(psql("SELECT count(*) FROM django_migrations", libpq(services.owner_url)))


def tool(command: list, services: Services, sentence: str) -> None:
    words = [str(word) for word in command]
    done = subprocess.run(words, env=libpq(services.owner_url), capture_output=True, text=True)
    if done.returncode:
        raise Trouble(f"{done.stderr.strip()}\n{sentence}")


def fresh(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)
    return folder


def digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
