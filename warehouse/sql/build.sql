-- The private build warehouse: one writer, microdata inside, never opened by analysts.

CREATE TABLE IF NOT EXISTS raw_files (
    survey_id VARCHAR NOT NULL,
    uri       VARCHAR NOT NULL,
    version   VARCHAR NOT NULL,  -- cheap token of the source (size and time, or etag): an unchanged file costs one listing
    name      VARCHAR NOT NULL,
    sha256    VARCHAR NOT NULL,
    bytes     BIGINT NOT NULL,
    pulled_at TIMESTAMP NOT NULL,
    PRIMARY KEY (survey_id, uri)
);

CREATE TABLE IF NOT EXISTS loads (
    load_id          VARCHAR PRIMARY KEY,  -- hash of the file's place and bytes, the declaration and the code that reads it
    survey_id        VARCHAR NOT NULL,
    country          VARCHAR NOT NULL,
    uri              VARCHAR NOT NULL,
    file             VARCHAR NOT NULL,
    sha256           VARCHAR NOT NULL,
    bytes            BIGINT NOT NULL,
    rows_read        BIGINT NOT NULL,
    rows_accepted    BIGINT NOT NULL,
    rows_quarantined BIGINT NOT NULL,
    status           VARCHAR NOT NULL CHECK (status IN ('landed', 'refused', 'replaced')),
    error            VARCHAR NOT NULL,
    reasons          JSON NOT NULL,  -- rows quarantined, by rule
    edits            JSON NOT NULL,  -- rows edited or warned about, by rule
    loaded_at        TIMESTAMP NOT NULL,
    CHECK (rows_read = rows_accepted + rows_quarantined)
);
-- No column is added to `loads` by ALTER: DuckDB 1.5.5 cannot replay that after a kill, for the CHECK computes something.

-- Which load took the place of a load whose refused rows are kept; those replaced by earlier code are not named here.
CREATE TABLE IF NOT EXISTS replacements (
    survey_id   VARCHAR NOT NULL,
    load_id     VARCHAR NOT NULL,
    replaced_by VARCHAR NOT NULL
);


-- Which code read a load; those of earlier code are not named here.
CREATE TABLE IF NOT EXISTS load_code (
    survey_id   VARCHAR NOT NULL,
    load_id     VARCHAR NOT NULL,
    code_commit VARCHAR,  -- null outside git
    code_sha256 VARCHAR NOT NULL
);

-- What each file that landed looks like, for the next one to be compared with; those of earlier code are not in here.
CREATE TABLE IF NOT EXISTS shapes (
    survey_id VARCHAR NOT NULL,
    load_id   VARCHAR NOT NULL,
    country   VARCHAR NOT NULL,
    source    VARCHAR NOT NULL,  -- path of the source, as declared
    shape     VARCHAR NOT NULL   -- JSON: columns, cells by kind of content, texts of columns of codes and regions
);

-- How each file that landed differs from its declaration, or in order and content from the one before.
CREATE TABLE IF NOT EXISTS drift (
    survey_id   VARCHAR NOT NULL,
    load_id     VARCHAR NOT NULL,
    country     VARCHAR NOT NULL,
    source      VARCHAR NOT NULL,
    kind        VARCHAR NOT NULL,
    column_name VARCHAR NOT NULL,
    was         VARCHAR NOT NULL,
    now         VARCHAR NOT NULL,
    outcome     VARCHAR NOT NULL,  -- what became of it, by the policy of the source
    line        VARCHAR NOT NULL,  -- what declares it, '' where nothing does
    since       VARCHAR NOT NULL   -- the delivery it was compared with, '' for the first one
);

-- What a landed file looks like, for the comparison with the next one: counts, shares and dates, no row.
CREATE TABLE IF NOT EXISTS delivery_profile (
    survey_id VARCHAR NOT NULL,
    load_id   VARCHAR NOT NULL,
    country   VARCHAR NOT NULL,
    source    VARCHAR NOT NULL,  -- its path in the declaration
    uri       VARCHAR NOT NULL,
    measure   VARCHAR NOT NULL,
    category  VARCHAR NOT NULL,
    value     DOUBLE NOT NULL  -- dates as days since 1970
);

-- What the checks said of a version of a file, and what it was compared with.
CREATE TABLE IF NOT EXISTS delivery_findings (
    survey_id VARCHAR NOT NULL,
    uri       VARCHAR NOT NULL,
    sha256    VARCHAR NOT NULL,
    country   VARCHAR NOT NULL,
    file      VARCHAR NOT NULL,
    kind      VARCHAR NOT NULL,  -- replaced or new
    beside    VARCHAR NOT NULL,
    check_id  VARCHAR NOT NULL,
    value     DOUBLE NOT NULL,
    warn      DOUBLE,
    refuse    DOUBLE,
    verdict   VARCHAR NOT NULL,
    detail    VARCHAR NOT NULL,
    accepted  VARCHAR NOT NULL,  -- by whom and why, in spite of the verdict
    run_id    VARCHAR,  -- null outside a run
    judged_at TIMESTAMP NOT NULL
);

-- What changed inside a file that was replaced: numbers of questionnaires, and of cells by column.
CREATE TABLE IF NOT EXISTS delivery_changes (
    survey_id VARCHAR NOT NULL,
    uri       VARCHAR NOT NULL,
    sha256    VARCHAR NOT NULL,
    kind      VARCHAR NOT NULL,
    column_name VARCHAR NOT NULL,
    number    BIGINT NOT NULL,
    examples  VARCHAR NOT NULL  -- JSON: questionnaire, before, after; cells of coded and number columns only
);

-- Files that are another one, sent again; their load is refused, and no error.
CREATE TABLE IF NOT EXISTS resent_deliveries (
    survey_id VARCHAR NOT NULL,
    load_id   VARCHAR NOT NULL,
    country   VARCHAR NOT NULL,
    uri       VARCHAR NOT NULL,
    file      VARCHAR NOT NULL,
    sha256    VARCHAR NOT NULL,
    same_as   VARCHAR NOT NULL,  -- uri of the file that counts
    how       VARCHAR NOT NULL,  -- bytes, rows or earlier: the bytes of a version before the one that counts
    content   VARCHAR NOT NULL,  -- of the rows, as delivery_profile has it; empty where the bytes are equal
    told      VARCHAR NOT NULL,
    run_id    VARCHAR,
    judged_at TIMESTAMP NOT NULL
);

CREATE TABLE IF NOT EXISTS quarantine (
    load_id     VARCHAR NOT NULL,
    survey_id   VARCHAR NOT NULL,
    country     VARCHAR NOT NULL,
    file        VARCHAR NOT NULL,
    source_row  BIGINT NOT NULL,
    rule        VARCHAR NOT NULL,
    column_name VARCHAR NOT NULL,
    value       VARCHAR NOT NULL,
    message     VARCHAR NOT NULL,
    also        VARCHAR NOT NULL,  -- further rules the row broke
    raw_row     VARCHAR NOT NULL,  -- the row as delivered
    status      VARCHAR NOT NULL,  -- as `warehouse/life_cycle.py` lists them
    opened_at   TIMESTAMP NOT NULL  -- when the row was refused first, in whichever version of its file
);
ALTER TABLE quarantine ADD COLUMN IF NOT EXISTS questionnaire_id VARCHAR;
ALTER TABLE quarantine ADD COLUMN IF NOT EXISTS closed_at TIMESTAMP;
ALTER TABLE quarantine ADD COLUMN IF NOT EXISTS closed_by VARCHAR;  -- the load that closed it
ALTER TABLE quarantine ADD COLUMN IF NOT EXISTS how VARCHAR;

CREATE TABLE IF NOT EXISTS edits (
    load_id          VARCHAR NOT NULL,
    survey_id        VARCHAR NOT NULL,
    source_row       BIGINT NOT NULL,
    questionnaire_id VARCHAR NOT NULL,
    rule             VARCHAR NOT NULL,
    action           VARCHAR NOT NULL,
    column_name      VARCHAR NOT NULL,
    "before"         VARCHAR NOT NULL,
    "after"          VARCHAR NOT NULL
);

CREATE TABLE IF NOT EXISTS estimated_parts (  -- their cells are in estimated_cells, whose columns the results decide
    survey_id    VARCHAR NOT NULL,
    country      VARCHAR NOT NULL,  -- '' for all countries together, '*' for a method whose countries rest on each other
    method       VARCHAR NOT NULL,
    key          VARCHAR NOT NULL,  -- hash of PSU rows, populations, options and code that the part rests on
    estimated_at TIMESTAMP NOT NULL
);

CREATE TABLE IF NOT EXISTS run_log (
    run_id      VARCHAR PRIMARY KEY,
    survey_id   VARCHAR NOT NULL,
    started_at  TIMESTAMP NOT NULL,
    finished_at TIMESTAMP,
    status      VARCHAR NOT NULL CHECK (status IN ('failed', 'succeeded', 'refused')),  -- written as failed, flipped last
    fingerprint VARCHAR NOT NULL,  -- loads, declaration and code the run stood on
    release_id  VARCHAR,
    message     VARCHAR NOT NULL
);

-- With which key the pseudonyms of a survey are made: its fingerprint, never the key.
CREATE TABLE IF NOT EXISTS pseudonym_keys (
    survey_id   VARCHAR NOT NULL,
    fingerprint VARCHAR NOT NULL,
    since       TIMESTAMP NOT NULL
);

-- Headers whose cells no refused row holds any more as they were delivered.
CREATE TABLE IF NOT EXISTS withheld_columns (
    survey_id VARCHAR NOT NULL,
    country   VARCHAR NOT NULL,
    header    VARCHAR NOT NULL,
    action    VARCHAR NOT NULL  -- drop, pseudonym, or ignore
);

-- Columns that nobody declared personal and that look so, by file.
CREATE TABLE IF NOT EXISTS looks_personal (
    survey_id VARCHAR NOT NULL,
    uri       VARCHAR NOT NULL,
    file      VARCHAR NOT NULL,
    country   VARCHAR NOT NULL,
    header    VARCHAR NOT NULL,
    why       VARCHAR NOT NULL
);

-- What each interviewer brought from each settlement, and what is conspicuous about it. Never published: it names people.
CREATE TABLE IF NOT EXISTS interviewer_settlements (
    survey_id            VARCHAR NOT NULL,
    country              VARCHAR NOT NULL,
    region               VARCHAR NOT NULL,
    district             VARCHAR NOT NULL,
    settlement           VARCHAR NOT NULL,
    interviewer          VARCHAR NOT NULL,
    ngo                  VARCHAR,
    interviews           BIGINT NOT NULL,
    first_day            DATE,
    last_day             DATE,
    days                 BIGINT NOT NULL,
    most_on_one_day      BIGINT,  -- his interviews of such a day in all settlements together
    zero_reports         BIGINT NOT NULL,  -- interviews without a case
    reports              BIGINT NOT NULL,  -- interviews with a case
    repeated             BIGINT NOT NULL,  -- interviews whose answers are those of another of his, wherever
    repeated_reports     BIGINT NOT NULL,
    relatives_known      BIGINT NOT NULL,
    relatives            BIGINT NOT NULL,  -- as told, before editing
    relatives_squared    BIGINT NOT NULL,
    relatives_from_3     BIGINT NOT NULL,  -- interviews that tell three or more
    relatives_ending_0_5 BIGINT NOT NULL,
    cases                BIGINT NOT NULL,
    cases_squared        BIGINT NOT NULL,
    pairs                BIGINT NOT NULL,  -- of questionnaires with a case that were compared
    near_duplicates      BIGINT NOT NULL,
    flags                VARCHAR NOT NULL,  -- measures by which the interviewer stands out in the region, joined by ';'
    score                DOUBLE NOT NULL
);
-- Null in rows of earlier code. Decimals, because sums of them do not depend on the order of rows.
ALTER TABLE interviewer_settlements ADD COLUMN IF NOT EXISTS duration_known BIGINT;  -- interviews whose length is known
ALTER TABLE interviewer_settlements ADD COLUMN IF NOT EXISTS duration_minutes DECIMAL(18, 2);  -- of these together
ALTER TABLE interviewer_settlements ADD COLUMN IF NOT EXISTS duration_squared DECIMAL(18, 4);

-- Where the accepted records of a survey lie.
CREATE TABLE IF NOT EXISTS interview_stores (
    survey_id VARCHAR NOT NULL,
    store     VARCHAR NOT NULL,  -- table: `interviews` of its schema; parts: Parquet files
    place     VARCHAR NOT NULL   -- as the settings name it; empty for that of the data folder, or a table
);

-- The parts whose records count. A file below the same root that is not named here counts nothing.
CREATE TABLE IF NOT EXISTS interview_parts (
    instrument VARCHAR NOT NULL,
    survey_id  VARCHAR NOT NULL,
    country    VARCHAR NOT NULL,
    load_id    VARCHAR NOT NULL,
    place      VARCHAR NOT NULL,  -- below the root
    form       VARCHAR NOT NULL,  -- names its columns: parts of earlier code have others
    rows       BIGINT NOT NULL,
    bytes      BIGINT NOT NULL
);
