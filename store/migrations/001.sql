PRAGMA application_id = 0x76617070; -- "vapp"

-- AUTOINCREMENT: an id is never given out again, so that nothing that was said
-- about a deleted user or channel can hit a later one.

CREATE TABLE users (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    name     TEXT    NOT NULL, -- as typed
    name_key TEXT    NOT NULL UNIQUE, -- voiceapp.FoldName(name)
    hash     TEXT    NOT NULL CHECK (hash GLOB '$?*'), -- PHC string
    role     INTEGER NOT NULL CHECK (role BETWEEN 0 AND 40),
    created  INTEGER NOT NULL -- Unix time in ms
) STRICT;

CREATE TABLE channels (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    name          TEXT    NOT NULL, -- as typed
    name_key      TEXT    NOT NULL, -- voiceapp.FoldName(name)
    parent_id     INTEGER REFERENCES channels (id) ON DELETE RESTRICT, -- NULL: top level
    required_role INTEGER NOT NULL CHECK (required_role BETWEEN 0 AND 40),
    bitrate       INTEGER NOT NULL CHECK (bitrate BETWEEN 6000 AND 510000), -- bit/s
    position      INTEGER NOT NULL, -- among its siblings
    created       INTEGER NOT NULL -- Unix time in ms
) STRICT;

-- An expression, because NULLs differ from each other in a UNIQUE column.
CREATE UNIQUE INDEX channels_sibling_names ON channels (ifnull(parent_id, 0), name_key);
CREATE INDEX channels_in_order ON channels (parent_id, position, id);

CREATE TRIGGER channels_acyclic_insert AFTER INSERT ON channels
WHEN new.parent_id IS NOT NULL
BEGIN
    WITH RECURSIVE above (id) AS (
        VALUES (new.parent_id)
        UNION
        SELECT channels.parent_id FROM channels JOIN above USING (id) WHERE channels.parent_id IS NOT NULL
    )
    SELECT raise(ABORT, 'a channel can not be above itself') FROM above WHERE id = new.id;
END;

CREATE TRIGGER channels_acyclic_update AFTER UPDATE OF id, parent_id ON channels
WHEN new.parent_id IS NOT NULL
BEGIN
    WITH RECURSIVE above (id) AS (
        VALUES (new.parent_id)
        UNION
        SELECT channels.parent_id FROM channels JOIN above USING (id) WHERE channels.parent_id IS NOT NULL
    )
    SELECT raise(ABORT, 'a channel can not be above itself') FROM above WHERE id = new.id;
END;

-- Each row can be used once: whoever deletes it has used it.
CREATE TABLE tokens (
    hash    BLOB    PRIMARY KEY CHECK (length(hash) = 32), -- SHA-256 of the token
    purpose TEXT    NOT NULL,
    created INTEGER NOT NULL, -- Unix time in ms
    expires INTEGER NOT NULL -- Unix time in ms
) STRICT, WITHOUT ROWID;

CREATE TABLE settings (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
