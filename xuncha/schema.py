"""Tables of the main database, in plain SQLite: readable in Datasette without this program.

A sentence is stored twice: as people read it, and as template and values (`*_json`, see `crawler.message`), so that it
can be told in another language later. Times are ISO 8601 with their offset; yes and no are 1 and 0.
"""

from __future__ import annotations

from sqlite_utils import Database, Migrations

MIGRATIONS = Migrations("xuncha")
_TABLES = """
CREATE TABLE runs (
    id       TEXT PRIMARY KEY,  -- sorts by time
    as_of    TEXT NOT NULL,     -- 监测时间点
    started  TEXT NOT NULL,
    finished TEXT,
    edition  TEXT NOT NULL,
    scope    TEXT NOT NULL,
    version  TEXT NOT NULL,     -- of the program
    options  TEXT NOT NULL      -- JSON: what is needed to resume
);
CREATE TABLE sites (            -- one site of one run; a NULL result was not judged (yet)
    id                INTEGER PRIMARY KEY,
    run               TEXT NOT NULL REFERENCES runs(id),
    position          INTEGER NOT NULL,
    state             TEXT NOT NULL CHECK (state IN ('pending', 'done', 'failed')),
    reason            TEXT,     -- why our own job failed
    name              TEXT NOT NULL,
    code              TEXT NOT NULL,
    organ             TEXT NOT NULL,
    url               TEXT NOT NULL,
    kind              TEXT,
    kind_guessed      INTEGER,
    result            TEXT CHECK (result IN ('qualified', 'unqualified', 'undetermined')),
    score             REAL,
    score_is_estimate INTEGER,
    measured_points   REAL,
    vetoes            TEXT,     -- JSON array of indicator codes
    why               TEXT,     -- what could not be done at an undetermined site
    why_json          TEXT,
    edition           TEXT,
    as_of             TEXT,
    started           TEXT,
    finished          TEXT,
    pages             INTEGER,
    links             INTEGER,
    blocked_hosts     TEXT,     -- JSON array
    skipped           TEXT,     -- JSON object: reason -> addresses known and not asked
    complete          INTEGER,
    site_json         TEXT NOT NULL,
    UNIQUE (run, url)
);
CREATE INDEX sites_by_url ON sites (url, run);
CREATE TABLE checks (           -- one clause tried once at one site
    id        INTEGER PRIMARY KEY,
    site      INTEGER NOT NULL REFERENCES sites(id),
    indicator TEXT NOT NULL,
    clause    INTEGER NOT NULL,
    rule      TEXT,             -- NULL: a person must look
    part      TEXT NOT NULL,
    status    TEXT NOT NULL,
    subjects  INTEGER NOT NULL,
    problems  INTEGER NOT NULL,
    points    REAL NOT NULL,
    why       TEXT,
    why_json  TEXT,
    verified  INTEGER NOT NULL
);
CREATE INDEX checks_by_site ON checks (site);
CREATE INDEX checks_by_indicator ON checks (indicator, status);
CREATE TABLE findings (
    id            INTEGER PRIMARY KEY,
    site          INTEGER NOT NULL REFERENCES sites(id),
    fingerprint   TEXT NOT NULL,
    rule          TEXT NOT NULL,
    indicator     TEXT,         -- the most severe of `indicators`
    indicators    TEXT NOT NULL,  -- JSON array
    part          TEXT NOT NULL,
    points        REAL NOT NULL,
    certain       INTEGER NOT NULL,  -- 0: a person must look
    at_url        TEXT NOT NULL,
    on_url        TEXT,
    column_name   TEXT,
    message       TEXT NOT NULL,
    excerpt       TEXT NOT NULL,
    expected      TEXT,
    found         TEXT,
    http_status   INTEGER,
    fetched_at    TEXT,
    warc          TEXT,         -- file in the visit folder
    warc_offset   INTEGER,
    sha256        TEXT,
    message_json  TEXT NOT NULL,
    expected_json TEXT,
    found_json    TEXT
);
CREATE INDEX findings_by_site ON findings (site);
CREATE INDEX findings_by_rule ON findings (rule);
CREATE INDEX findings_by_fingerprint ON findings (fingerprint);
CREATE TABLE columns (
    id                INTEGER PRIMARY KEY,
    site              INTEGER NOT NULL REFERENCES sites(id),
    name              TEXT NOT NULL,
    url               TEXT NOT NULL,
    kind              TEXT NOT NULL,
    top               INTEGER NOT NULL,
    items             INTEGER NOT NULL,
    newest            TEXT,
    unobservable      TEXT,     -- why its list could not be read: `items` proves nothing then
    unobservable_json TEXT,
    evidence          TEXT,     -- why it has this kind
    evidence_json     TEXT
);
CREATE INDEX columns_by_site ON columns (site);
"""


def unknown_migrations(db: Database) -> list[str]:
    """Migrations applied to `db` that this version does not know: a newer version made them."""
    return [m.name for m in MIGRATIONS.applied(db) if m.name not in _known()]


def _known() -> set[str]:
    return {migration.name for migration in MIGRATIONS.pending(Database(memory=True, execute_plugins=False))}


@MIGRATIONS()
def m001_runs_and_assessments(db: Database) -> None:
    # sqlite-utils looks for the ends of a script's statements character by character: 10 ms of every first run.
    for sql in _TABLES.split(";\n"):
        db.execute(sql)
    # A visit that could not judge a site does not wipe out what the last good one found there.
    db.create_view(
        "latest_findings",
        """
        SELECT s.run, s.as_of, s.code, s.name, s.organ, s.url AS home, s.result,
               f.rule, f.indicator, f.part, f.points, f.certain, f.column_name, f.message, f.at_url, f.on_url,
               f.excerpt, f.found, f.expected, f.http_status, f.fetched_at, f.fingerprint, f.id AS finding
        FROM findings f JOIN sites s ON s.id = f.site
        WHERE s.id = (
            SELECT latest.id FROM sites latest WHERE latest.url = s.url AND latest.state = 'done'
            ORDER BY latest.result = 'undetermined', latest.run DESC LIMIT 1
        )
        ORDER BY s.code, s.url, f.id
        """,
    )


@MIGRATIONS()
def m002_traps_and_repeats(db: Database) -> None:
    db.executescript("""
        ALTER TABLE sites ADD COLUMN traps TEXT;    -- JSON array of [template, pages opened, addresses left, reason]
        ALTER TABLE sites ADD COLUMN repeats TEXT;  -- JSON array of [address, others with the same bytes]
    """)


_LEDGER = """
CREATE TABLE gone (             -- findings of earlier visits that this visit looked for and did not find
    site        INTEGER NOT NULL REFERENCES sites(id),
    fingerprint TEXT NOT NULL,
    PRIMARY KEY (site, fingerprint)
) WITHOUT ROWID;
CREATE TABLE events (           -- what people did with a finding; rows are only ever added
    id          INTEGER PRIMARY KEY,
    url         TEXT NOT NULL,  -- home address of the site
    fingerprint TEXT NOT NULL,
    at          TEXT NOT NULL,
    act         TEXT NOT NULL,
    who         TEXT NOT NULL,
    why         TEXT NOT NULL,
    day         TEXT            -- to be mended by, or holds until
);
CREATE INDEX events_by_finding ON events (url, fingerprint);
CREATE TRIGGER events_stay BEFORE UPDATE ON events BEGIN SELECT raise(ABORT, 'events are only ever added'); END;
CREATE TRIGGER events_remain BEFORE DELETE ON events BEGIN SELECT raise(ABORT, 'events are only ever added'); END
"""


@MIGRATIONS()
def m003_ledger(db: Database) -> None:
    for sql in _LEDGER.split(";\n"):
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


_NOTICES = """
CREATE TABLE notices (          -- what was sent out; rows are only ever added
    number   TEXT PRIMARY KEY,  -- 文号
    form     TEXT NOT NULL,     -- 通报, 整改通知书
    period   TEXT NOT NULL,     -- such as 2026Q4
    office   TEXT NOT NULL,
    issued   TEXT NOT NULL,
    due      TEXT,              -- to be mended by
    who      TEXT NOT NULL,
    at       TEXT NOT NULL,
    runs     TEXT NOT NULL,     -- JSON array
    template TEXT NOT NULL,     -- version and digest of the wording
    sha256   TEXT NOT NULL      -- of the file
);
CREATE TABLE notice_sites (     -- whom it speaks of, and what it says of them
    notice TEXT NOT NULL REFERENCES notices(number),
    url    TEXT NOT NULL,       -- home address
    name   TEXT NOT NULL,
    result TEXT NOT NULL CHECK (result IN ('qualified', 'unqualified', 'undetermined')),
    PRIMARY KEY (notice, url)
) WITHOUT ROWID;
CREATE TABLE notice_findings (  -- what it names; each has an event `notify`
    notice      TEXT NOT NULL REFERENCES notices(number),
    url         TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    PRIMARY KEY (notice, url, fingerprint)
) WITHOUT ROWID
"""


@MIGRATIONS()
def m_notice_issued(db: Database) -> None:
    """Notices that went out."""
    for sql in _NOTICES.split(";\n"):
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


_WATCH = """
CREATE TABLE rounds (           -- home pages probed together
    id       INTEGER PRIMARY KEY,
    schedule TEXT,              -- line of the schedule; NULL: by hand
    started  TEXT NOT NULL,     -- UTC, as every time of these tables: they compare as texts
    finished TEXT NOT NULL
);
CREATE INDEX rounds_by_schedule ON rounds (schedule, started);
CREATE TABLE probes (           -- one home page asked for once
    id          INTEGER PRIMARY KEY,
    round       INTEGER NOT NULL REFERENCES rounds(id),
    url         TEXT NOT NULL,  -- home address of the site
    at          TEXT NOT NULL,
    state       TEXT NOT NULL CHECK (state IN ('up', 'down', 'unsure', 'ours')),
    code        TEXT NOT NULL,
    reason      TEXT,           -- NULL: it was open
    reason_json TEXT,
    elapsed     REAL NOT NULL,  -- seconds
    status      INTEGER,
    witnessed   INTEGER NOT NULL
);
CREATE INDEX probes_by_site ON probes (url, at);
CREATE TABLE announcements (    -- maintenance that a site's office announced
    id        INTEGER PRIMARY KEY,
    url       TEXT NOT NULL,
    begins    TEXT NOT NULL,
    ends      TEXT NOT NULL,
    reason    TEXT NOT NULL,
    at        TEXT NOT NULL,    -- when it was written down
    withdrawn TEXT              -- when it was taken back
);
CREATE INDEX announcements_by_site ON announcements (url);
ALTER TABLE sites ADD COLUMN availability TEXT
"""


@MIGRATIONS()
def m_watch_probes(db: Database) -> None:
    """`sites.availability`: a JSON array of days."""
    for sql in _WATCH.split(";\n"):
        db.execute(sql)


@MIGRATIONS()
def m_recheck_results(db: Database) -> None:
    """What a run of scope `recheck` says of each finding that it went to look for."""
    db.execute("""
        CREATE TABLE rechecks (
            site        INTEGER NOT NULL REFERENCES sites(id),
            fingerprint TEXT NOT NULL,
            mended      TEXT NOT NULL CHECK (mended IN ('fixed', 'partly', 'not-fixed', 'gone', 'untested')),
            before      TEXT NOT NULL,  -- as it was told before
            before_json TEXT NOT NULL,
            why         TEXT,  -- what is left of it, or why it could not be tested
            why_json    TEXT,
            PRIMARY KEY (site, fingerprint)
        ) WITHOUT ROWID
    """)


@MIGRATIONS()
def m_recheck_samples(db: Database) -> None:
    """Draws of the sites to inspect; rows are only ever added. A run that inspects one names it in its options."""
    db.execute("""
        CREATE TABLE samples (
            id         TEXT PRIMARY KEY,  -- sorts by time
            at         TEXT NOT NULL,
            period     TEXT NOT NULL,     -- such as 2026Q4
            rate       TEXT NOT NULL,     -- as it was asked for
            seed       TEXT NOT NULL,
            population INTEGER NOT NULL,  -- how many sites it was drawn from
            digest     TEXT NOT NULL,     -- SHA-256 of their home addresses, sorted, a line feed after each
            drawn      TEXT NOT NULL,     -- JSON array of home addresses
            forced     TEXT NOT NULL,     -- JSON array: in because they failed before
            renewed    INTEGER NOT NULL   -- sites not inspected in the year came first
        )
    """)
    for act in ("UPDATE", "DELETE"):
        db.execute(
            f"CREATE TRIGGER samples_{act.lower()} BEFORE {act} ON samples "
            "BEGIN SELECT raise(ABORT, 'samples are only ever added'); END"
        )


@MIGRATIONS()
def m_attach_items(db: Database) -> None:
    """Since when each item of a site's lists is known; hundreds a site, so an address is a number here."""
    db.execute("""
        CREATE TABLE items (
            url   TEXT NOT NULL,     -- home address of the site
            item  INTEGER NOT NULL,  -- of the item's address: crawler.earlier.key
            since TEXT NOT NULL,     -- day of the first visit that saw it
            shown TEXT,              -- the date that stood beside it then
            PRIMARY KEY (url, item)
        ) WITHOUT ROWID
    """)


@MIGRATIONS()
def m_recheck_exemptions(db: Database) -> None:
    """What is let be until a day; rows are only ever added: of those for one place the last one counts."""
    db.execute("""
        CREATE TABLE exemptions (
            id    INTEGER PRIMARY KEY,
            url   TEXT NOT NULL,  -- home address of the site
            rule  TEXT NOT NULL,
            below TEXT NOT NULL,  -- addresses that begin so; empty: wherever on the site
            at    TEXT NOT NULL,
            who   TEXT NOT NULL,
            why   TEXT NOT NULL,
            until TEXT NOT NULL   -- its last day
        )
    """)
    for act in ("UPDATE", "DELETE"):
        db.execute(
            f"CREATE TRIGGER exemptions_{act.lower()} BEFORE {act} ON exemptions "
            "BEGIN SELECT raise(ABORT, 'exemptions are only ever added'); END"
        )


_TURNS = """
CREATE TABLE turns (            -- what became of each time that a line of the schedule was due
    id        INTEGER PRIMARY KEY,
    schedule  TEXT NOT NULL,
    task      TEXT NOT NULL,
    started   TEXT NOT NULL,    -- UTC
    finished  TEXT NOT NULL,
    state     TEXT NOT NULL CHECK (state IN ('done', 'parked', 'failed')),
    told      TEXT NOT NULL,
    told_json TEXT NOT NULL,
    code      INTEGER,          -- as the exit code of the command
    run       TEXT
);
CREATE INDEX turns_by_schedule ON turns (schedule, started)
"""


@MIGRATIONS()
def m_watch_turns(db: Database) -> None:
    for sql in _TURNS.split(";\n"):
        db.execute(sql)
