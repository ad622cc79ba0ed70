"""``lianxin doctor``: what works, what does not, and what to do about it. It changes nothing."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import Connection, Engine, create_engine, func, select, text
from sqlalchemy.exc import SQLAlchemyError

from bot.server_key import OTHER_KEY, known_seal
from bot.settings import Settings
from knowledge.group_standing import TROUBLES
from knowledge.sealing import is_shut
from knowledge.shipped import broken
from storage import backup_runs, dead_letters, group_connecting, group_home, inbox, migrate, own_sign_in
from storage.postgres import postgres_engine
from storage.tables import inbox as inbox_table
from storage.tables import messages
from storage.transaction import Tx

Verdict = Literal["ok", "warn", "bad"]
MEBIBYTE = 1 << 20
LITTLE_SPACE, NO_SPACE = 1024 * MEBIBYTE, 200 * MEBIBYTE
LEAST_POSTGRES = 13
BUILT = datetime(2026, 1, 1, tzinfo=UTC)
"""No clock that is right shows a time before this program was written."""
CLOCKS_APART = timedelta(seconds=30)
LONG_WAIT = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at; ``advice`` says what to do unless it is ok."""

    subject: str
    verdict: Verdict
    found: str
    advice: str = ""


async def examine(settings: Settings, *, now: datetime) -> list[Finding]:
    """Everything, in the order to read it."""
    folder = settings.data_dir if settings.is_postgres else settings.sqlite_path.parent
    findings = [*knowledge(), data_folder(folder), disk(folder), clock(now), *database(settings, now)]
    return [*findings, service(settings), await telegram(settings), *await staff_group(settings)]


def knowledge() -> list[Finding]:
    """Can every data file be read?"""
    advice = "mend that line; the service does not start before"
    found = [Finding("knowledge", "bad", str(problem), advice) for problem in broken(phrases=True)]
    return found or [Finding("knowledge", "ok", "every data file can be read")]


def data_folder(folder: Path) -> Finding:
    """Can the service write its files?"""
    nearest = next(place for place in (folder, *folder.absolute().parents) if place.exists())
    try:
        with tempfile.TemporaryFile(dir=nearest):
            pass
    except OSError as error:
        advice = f"let the user that runs the service write there: chown or chmod {nearest}"
        return Finding("data folder", "bad", f"{folder} cannot be written ({error.strerror})", advice)
    return Finding("data folder", "ok", f"{folder} can be written")


def disk(folder: Path) -> Finding:
    nearest = next(place for place in (folder, *folder.absolute().parents) if place.exists())
    free = shutil.disk_usage(nearest).free
    found = f"{free // MEBIBYTE} MiB free"
    if free < NO_SPACE:
        return Finding("disk", "bad", found, "make room now: without it nothing residents send can be kept")
    if free < LITTLE_SPACE:
        return Finding("disk", "warn", found, "make room soon")
    return Finding("disk", "ok", found)


def clock(now: datetime) -> Finding:
    try:
        here = now.astimezone(ZoneInfo("Asia/Shanghai"))
    except ZoneInfoNotFoundError:
        return Finding("clock", "bad", "this machine knows no time zones", "install tzdata")
    if now < BUILT:
        return Finding("clock", "bad", f"it says {here:%Y-%m-%d %H:%M}", "set the clock (timedatectl set-ntp true)")
    return Finding("clock", "ok", f"{here:%Y-%m-%d %H:%M} in Chongqing")


def database(settings: Settings, now: datetime) -> Iterator[Finding]:
    if not settings.is_postgres and not settings.sqlite_path.exists():
        yield Finding("database", "warn", f"no file at {settings.sqlite_path} yet", "`lianxin serve` makes it")
        return
    engine = _engine(settings)
    try:
        with engine.connect() as connection:
            yield _reached(connection)
            yield _migrations(connection)
            yield _clocks_agree(connection, now)
            if migrate.current(connection) == migrate.newest():
                yield from queues(Tx(connection, now))
                yield authenticators(Tx(connection, now), settings)
                yield backups(Tx(connection, now))
                yield from groups(Tx(connection, now), settings)
    except (SQLAlchemyError, sqlite3.Error) as error:
        reason = str(getattr(error, "orig", error)).splitlines()[0]
        yield Finding(
            "database", "bad", f"cannot be used: {reason}", "check LIANXIN_DATABASE_URL and that it is running"
        )
    finally:
        engine.dispose()


def backups(tx: Tx) -> Finding:
    """Is there one that could be restored, and is it young enough?"""
    newest = backup_runs.verified_at(tx)
    if backup_runs.wants_somebody(tx):
        found = f"the newest that could be restored is of {newest:%Y-%m-%d %H:%M} UTC" if newest else "none yet"
        return Finding("backup", "bad", found, "see Backups in the console, or `lianxin backup FILE` now")
    return Finding("backup", "ok", f"restored for a trial: {newest:%Y-%m-%d %H:%M} UTC" if newest else "due tonight")


def groups(tx: Tx, settings: Settings) -> Iterator[Finding]:
    """Which group is whose staff group, and what the service has seen there. Nothing without Telegram."""
    for one in group_connecting.lines(tx, None) if settings.telegram_token else ():
        if one.chat_id is None:
            continue
        place = one.name or "the house"
        by = "LIANXIN_STAFF_CHAT_ID" if one.by_setting else "the console"
        found = f"{place}: “{one.title or '…'}”, by {by}"
        if one.standing == "closed" or TROUBLES & {*one.lacks}:
            advice = "see “Staff groups” in the console: what the bot lacks there stands beside it"
            yield Finding("work groups", "warn", f"{found}; lacks: {', '.join(one.lacks) or one.standing}", advice)
        else:
            yield Finding("work groups", "ok", found)
    named = settings.staff_chat_id and group_home.community_with(tx, settings.staff_chat_id)
    if named:
        advice = "take the line out, or disconnect that group first on the console's page “Staff groups”"
        yield Finding("work groups", "bad", f"LIANXIN_STAFF_CHAT_ID names the group of {named}: it is not used", advice)


def _engine(settings: Settings) -> Engine:
    if settings.is_postgres:
        return postgres_engine(settings.database_url)
    address = f"file:{settings.sqlite_path}?mode=ro"
    return create_engine("sqlite://", creator=lambda: sqlite3.connect(address, uri=True), hide_parameters=True)


def _reached(connection: Connection) -> Finding:
    if connection.dialect.name == "sqlite":
        connection.execute(text("SELECT count(*) FROM sqlite_master"))
        return Finding("database", "ok", f"SQLite {sqlite3.sqlite_version}")
    version = str(connection.scalar(text("SHOW server_version")))
    if int(version.split(".")[0]) < LEAST_POSTGRES:
        return Finding("database", "bad", f"PostgreSQL {version}", f"needs {LEAST_POSTGRES} or newer")
    return Finding("database", "ok", f"PostgreSQL {version}")


def _migrations(connection: Connection) -> Finding:
    current, newest = migrate.current(connection), migrate.newest()
    if current == newest:
        return Finding("migrations", "ok", f"at {current}")
    if current in migrate.known():
        return Finding(
            "migrations", "warn", f"at {current}, newest is {newest}", "`lianxin serve` brings it up to date"
        )
    advice = "this database was made by a newer version: use that one, or restore a backup"
    return Finding("migrations", "bad", f"at {current}, which this version does not know", advice)


def _clocks_agree(connection: Connection, now: datetime) -> Finding:
    """The database's clock, and the latest message: a time in the future means that a clock went back."""
    if connection.dialect.name == "postgresql":
        apart = abs(datetime.now(UTC) - connection.scalar(text("SELECT clock_timestamp()")))
        if apart > CLOCKS_APART:
            return Finding("clocks", "bad", f"the database's is {apart.seconds} s off", "let both use time servers")
    if migrate.current(connection) == migrate.newest():
        latest = connection.scalar(select(func.max(messages.c.at)))
        if latest is not None and latest > now + CLOCKS_APART:
            return Finding("clocks", "bad", f"the last message is from {latest:%Y-%m-%d %H:%M} UTC", "set the clock")
    return Finding("clocks", "ok", "agree")


def authenticators(tx: Tx, settings: Settings) -> Finding:
    """Can what colleagues' authenticators are compared with be opened here?"""
    subject, seal = "authenticators", known_seal(settings)
    kept = [secret for secret in own_sign_in.kept_secrets(tx) if is_shut(secret)]
    strange = len(kept) if seal is None else sum(seal.open(secret) is None for secret in kept)
    if strange:
        return Finding(subject, "bad", f"{strange} of {len(kept)} were sealed with another key", OTHER_KEY)
    return Finding(subject, "ok", f"{len(kept)} sealed")


def queues(tx: Tx) -> Iterator[Finding]:
    """What waits, and what was put aside."""
    coming, going = inbox.depth(tx), dead_letters.depth(tx)
    oldest = tx.scalar(select(func.min(inbox_table.c.received_at)).where(inbox_table.c.state == "pending"))
    waiting = f"{coming['pending']} coming in, {going['pending']} going out"
    if oldest is not None and tx.now - oldest > LONG_WAIT:
        yield Finding("queues", "warn", f"{waiting}; the oldest since {oldest:%H:%M} UTC", "is the service running?")
    else:
        yield Finding("queues", "ok", waiting)
    yield _aside("parked", coming["parked"], "messages the service could not handle", "look at them in the console")
    lost = going["dead"] + going["doubtful"]
    yield _aside("dead letters", lost, "replies that did not arrive", "send them again from the console")


def _aside(subject: str, number: int, what: str, advice: str) -> Finding:
    return Finding(subject, "warn", f"{number} {what}", advice) if number else Finding(subject, "ok", "none")


def service(settings: Settings, *, ask: Callable[[str], int] | None = None) -> Finding:
    """Does the service answer here?"""
    host = "127.0.0.1" if settings.http_host in ("0.0.0.0", "::") else settings.http_host
    address = f"http://{f'[{host}]' if ':' in host else host}:{settings.http_port}/readyz"
    try:
        status = (ask or _status)(address)
    except OSError:
        return Finding("service", "warn", f"nothing answers at {address}", "start it: `lianxin serve`")
    if status == 200:
        return Finding("service", "ok", f"ready at {address}")
    return Finding("service", "bad", f"{address} says {status}", "look at its log")


def _status(address: str) -> int:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(address, timeout=3) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


async def telegram(settings: Settings) -> Finding:
    """Does the bot's token work, and do updates arrive?"""
    if not settings.telegram_token:
        return Finding("telegram", "ok", "off: no LIANXIN_TELEGRAM_TOKEN")
    from bot.telegram.checkup import checkup  # aiogram takes seconds to load

    verdict, found, advice = await checkup(settings)
    return Finding("telegram", verdict, found, advice)


async def staff_group(settings: Settings) -> list[Finding]:
    """Can the bot do in the staff group what it should? Nothing where there is none."""
    if not settings.telegram_token or settings.staff_chat_id is None:
        return []
    from bot.telegram.checkup import group_checkup

    verdict, found, advice = await group_checkup(settings)
    return [Finding("staff group", verdict, found, advice)]
