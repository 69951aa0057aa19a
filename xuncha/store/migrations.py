"""How the main database comes to its tables, from whatever version wrote it last. A step, once out, stays as it is."""

from __future__ import annotations

from sqlite_utils import Database, Migrations

from xuncha.store import schema

MIGRATIONS = Migrations("xuncha")


def unknown_migrations(db: Database) -> list[str]:
    """Migrations applied to `db` that this version does not know: a newer version made them."""
    return [m.name for m in MIGRATIONS.applied(db) if m.name not in _known()]


def _known() -> set[str]:
    return {migration.name for migration in MIGRATIONS.pending(Database(memory=True, execute_plugins=False))}


@MIGRATIONS()
def m001_runs_and_assessments(db: Database) -> None:
    # sqlite-utils looks for the ends of a script's statements character by character: 10 ms of every first run.
    for sql in schema.RUNS.split(";\n"):
        db.execute(sql)
    db.create_view("latest_findings", schema.LATEST_FINDINGS)


@MIGRATIONS()
def m002_traps_and_repeats(db: Database) -> None:
    db.executescript("""
        ALTER TABLE sites ADD COLUMN traps TEXT;    -- JSON array of [template, pages opened, addresses left, reason]
        ALTER TABLE sites ADD COLUMN repeats TEXT;  -- JSON array of [address, others with the same bytes]
    """)


@MIGRATIONS()
def m003_ledger(db: Database) -> None:
    for sql in schema.LEDGER.split(";\n"):
        db.execute(sql)


@MIGRATIONS()
def m004_charges(db: Database) -> None:
    # JSON array of [indicator, clause, points]: which clause counted a finding, and what it cost there. Runs of an
    # earlier version have none.
    db.execute("ALTER TABLE findings ADD COLUMN charges TEXT NOT NULL DEFAULT '[]'")


@MIGRATIONS()
def m005_rendered_by(db: Database) -> None:
    # The browser that drew the page, where the evidence is what it drew.
    db.execute("ALTER TABLE findings ADD COLUMN rendered_by TEXT NOT NULL DEFAULT ''")


@MIGRATIONS()
def m006_pages_reused(db: Database) -> None:
    """Of `pages`, those with the very bytes that an earlier visit read."""
    db.execute("ALTER TABLE sites ADD COLUMN reused INTEGER")


@MIGRATIONS()
def m_notice_issued(db: Database) -> None:
    """Notices that went out."""
    for sql in schema.NOTICES.split(";\n"):
        db.execute(sql)
    for table in ("notices", "notice_sites", "notice_findings"):
        for act in ("UPDATE", "DELETE"):
            db.execute(
                f"CREATE TRIGGER {table}_{act.lower()} BEFORE {act} ON {table} "
                "BEGIN SELECT raise(ABORT, 'notices are only ever added'); END"
            )


@MIGRATIONS()
def m_page_what_reports_show(db: Database) -> None:
    """Link targets by what became of them (`outcomes`, JSON object) and by host (`hosts`, JSON array of [host, such an
    object]); how often a place was asked; a column's own limit, and its dated items by week (JSON array)."""
    for table, column in (
        ("sites", "outcomes TEXT"),
        ("sites", "hosts TEXT"),
        ("findings", "asked INTEGER"),
        ("columns", "archived INTEGER NOT NULL DEFAULT 0"),
        ("columns", "days INTEGER"),
        ("columns", "updates TEXT NOT NULL DEFAULT '[]'"),
    ):
        db.execute(f"ALTER TABLE {table} ADD COLUMN {column}")


@MIGRATIONS()
def m_watch_probes(db: Database) -> None:
    """`sites.availability`: a JSON array of days."""
    for sql in schema.PROBES.split(";\n"):
        db.execute(sql)


@MIGRATIONS()
def m_recheck_results(db: Database) -> None:
    """What a run of scope `recheck` says of each finding that it went to look for."""
    db.execute(schema.RECHECKS)


@MIGRATIONS()
def m_recheck_samples(db: Database) -> None:
    """Draws of the sites to inspect; rows are only ever added. A run that inspects one names it in its options."""
    db.execute(schema.SAMPLES)
    for act in ("UPDATE", "DELETE"):
        db.execute(
            f"CREATE TRIGGER samples_{act.lower()} BEFORE {act} ON samples "
            "BEGIN SELECT raise(ABORT, 'samples are only ever added'); END"
        )


@MIGRATIONS()
def m_attach_items(db: Database) -> None:
    """Since when each item of a site's lists is known; hundreds a site, so an address is a number here."""
    db.execute(schema.ITEMS)


@MIGRATIONS()
def m_recheck_exemptions(db: Database) -> None:
    """What is let be until a day; rows are only ever added: of those for one place the last one counts."""
    db.execute(schema.EXEMPTIONS)
    for act in ("UPDATE", "DELETE"):
        db.execute(
            f"CREATE TRIGGER exemptions_{act.lower()} BEFORE {act} ON exemptions "
            "BEGIN SELECT raise(ABORT, 'exemptions are only ever added'); END"
        )


@MIGRATIONS()
def m_watch_turns(db: Database) -> None:
    for sql in schema.TURNS.split(";\n"):
        db.execute(sql)
