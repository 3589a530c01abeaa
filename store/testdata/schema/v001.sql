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
INSERT INTO users VALUES (1, 'Jörg', 'JÖRG', '$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA', 10, 1700000000123);
INSERT INTO channels VALUES (1, 'Lobby', 'LOBBY', NULL, 0, 64000, 1, 1700000000123);
INSERT INTO channels VALUES (2, 'Workshop', 'WORKSHOP', NULL, 0, 96000, 2, 1700000000123);
INSERT INTO channels VALUES (3, 'Quiet', 'QUIET', 2, 20, 64000, 1, 1700000000123);
INSERT INTO tokens VALUES (X'B8E167637D72483AE3F43AE488260F4742159FF7768B129E77D8F85F31865DCE', 'owner', 1700000000123, 32472144000000);
INSERT INTO settings VALUES ('initialised', '2023-11-14T22:13:20Z');
INSERT INTO sqlite_sequence VALUES ('channels', 3);
INSERT INTO sqlite_sequence VALUES ('users', 1);
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
PRAGMA application_id = 1986097264;
PRAGMA user_version = 1;
