"""Tables of the main database, in plain SQLite: readable in Datasette without this program.

A sentence is stored twice: as people read it, and as template and values (`*_json`, see `crawler.message`), so that it
can be told in another language later. Times are ISO 8601 with their offset; yes and no are 1 and 0. The tables
stand here as they were first made; what was added to one later is in `xuncha/store/migrations.py`.
"""

RUNS = """
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

# A visit that could not judge a site does not wipe out what the last good one found there.
LATEST_FINDINGS = """
SELECT s.run, s.as_of, s.code, s.name, s.organ, s.url AS home, s.result,
       f.rule, f.indicator, f.part, f.points, f.certain, f.column_name, f.message, f.at_url, f.on_url,
       f.excerpt, f.found, f.expected, f.http_status, f.fetched_at, f.fingerprint, f.id AS finding
FROM findings f JOIN sites s ON s.id = f.site
WHERE s.id = (
    SELECT latest.id FROM sites latest WHERE latest.url = s.url AND latest.state = 'done'
    ORDER BY latest.result = 'undetermined', latest.run DESC LIMIT 1
)
ORDER BY s.code, s.url, f.id
"""
LEDGER = """
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

NOTICES = """
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

PROBES = """
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

TURNS = """
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

RECHECKS = """
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
"""

SAMPLES = """
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
"""

ITEMS = """
CREATE TABLE items (
    url   TEXT NOT NULL,     -- home address of the site
    item  INTEGER NOT NULL,  -- of the item's address: crawler.earlier.key
    since TEXT NOT NULL,     -- day of the first visit that saw it
    shown TEXT,              -- the date that stood beside it then
    PRIMARY KEY (url, item)
) WITHOUT ROWID
"""

EXEMPTIONS = """
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
"""
