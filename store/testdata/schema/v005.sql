CREATE TABLE users (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    name     TEXT    NOT NULL, -- as typed
    name_key TEXT    NOT NULL UNIQUE, -- voiceapp.FoldName(name)
    hash     TEXT    NOT NULL CHECK (hash GLOB '$?*'), -- PHC string
    role     INTEGER NOT NULL CHECK (role BETWEEN 0 AND 40),
    created  INTEGER NOT NULL -- Unix time in ms
, external TEXT CHECK (external <> ''), epoch INTEGER NOT NULL DEFAULT 0) STRICT;
CREATE TABLE channels (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    name          TEXT    NOT NULL, -- as typed
    name_key      TEXT    NOT NULL, -- voiceapp.FoldName(name)
    parent_id     INTEGER REFERENCES channels (id) ON DELETE RESTRICT, -- NULL: top level
    required_role INTEGER NOT NULL CHECK (required_role BETWEEN 0 AND 40),
    bitrate       INTEGER NOT NULL CHECK (bitrate BETWEEN 6000 AND 510000), -- bit/s
    position      INTEGER NOT NULL, -- among its siblings
    created       INTEGER NOT NULL -- Unix time in ms
, topic      TEXT    NOT NULL DEFAULT '', max_users  INTEGER NOT NULL DEFAULT 0 CHECK (max_users BETWEEN 0 AND 10000), speak_role INTEGER NOT NULL DEFAULT 0 CHECK (speak_role BETWEEN 0 AND 40), write_role INTEGER NOT NULL DEFAULT 0 CHECK (write_role BETWEEN 0 AND 40), see_role   INTEGER NOT NULL DEFAULT 0 CHECK (see_role BETWEEN 0 AND 40), temporary  INTEGER NOT NULL DEFAULT 0 CHECK (temporary IN (0, 1)), loudest     INTEGER NOT NULL DEFAULT 0 CHECK (loudest BETWEEN -1 AND 1000), max_wait_ms INTEGER NOT NULL DEFAULT 0 CHECK (max_wait_ms BETWEEN -1 AND 20)) STRICT;
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
CREATE TABLE state (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE bans (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id INTEGER, -- NULL: not by account
    device  TEXT CHECK (length(device) = 64), -- hex; NULL: not by device
    address TEXT, -- CIDR as voiceapp.ParseAddressRange gives it; NULL: not by address
    reason  TEXT    NOT NULL,
    by_id   INTEGER NOT NULL, -- 0: nobody with an account
    created INTEGER NOT NULL, -- Unix time in ms, as all times
    until   INTEGER, -- NULL: for good
    CHECK (user_id IS NOT NULL OR device IS NOT NULL OR address IS NOT NULL)
) STRICT;
CREATE TABLE invites (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    hash    BLOB    NOT NULL UNIQUE CHECK (length(hash) = 32), -- SHA-256 of the token
    role    INTEGER NOT NULL CHECK (role BETWEEN 0 AND 20), -- voiceapp.MaxInviteRole
    uses    INTEGER NOT NULL CHECK (uses > 0), -- left; the last one deletes the row
    by_id   INTEGER NOT NULL,
    created INTEGER NOT NULL,
    expires INTEGER -- NULL: never
) STRICT;
CREATE TABLE resumptions (
    hash    BLOB    PRIMARY KEY CHECK (length(hash) = 32), -- SHA-256 of the token
    lineage INTEGER NOT NULL, -- the same for all tokens that came of one login
    session INTEGER NOT NULL, -- the number that the client knows
    user_id INTEGER REFERENCES users (id) ON DELETE CASCADE, -- NULL: a guest
    name    TEXT    NOT NULL, -- the guest's, "" for an account
    device  TEXT CHECK (length(device) = 64), -- hex; NULL: none was proved
    expires INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE messages (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    channel_id INTEGER REFERENCES channels (id) ON DELETE CASCADE, -- NULL: direct, or to the server
    to_id      INTEGER, -- whom a direct one is for; NULL: it is none
    session    INTEGER NOT NULL,
    user_id    INTEGER NOT NULL, -- 0: a guest
    name       TEXT    NOT NULL, -- the sender's at that time
    text       TEXT    NOT NULL,
    sent       INTEGER NOT NULL,
    edited     INTEGER, -- NULL: never
    CHECK (channel_id IS NULL OR to_id IS NULL)
) STRICT;
CREATE TABLE audit (
    id        INTEGER PRIMARY KEY AUTOINCREMENT,
    time      INTEGER NOT NULL,
    actor     INTEGER NOT NULL, -- 0: nobody with an account
    name      TEXT    NOT NULL, -- the actor's at that time
    action    TEXT    NOT NULL,
    target    TEXT    NOT NULL,
    old_state TEXT    NOT NULL,
    new_state TEXT    NOT NULL,
    reason    TEXT    NOT NULL,
    result    TEXT    NOT NULL, -- voiceapp.Code; '': it was done
    address   TEXT    NOT NULL
) STRICT;
CREATE TABLE device_tokens (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    hash    BLOB    NOT NULL UNIQUE CHECK (length(hash) = 32), -- SHA-256 of the token
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    name    TEXT    NOT NULL,
    created INTEGER NOT NULL,
    used    INTEGER NOT NULL -- to the hour
) STRICT;
CREATE TABLE api_keys (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    hash    BLOB    NOT NULL UNIQUE CHECK (length(hash) = 32), -- SHA-256 of the secret
    name    TEXT    NOT NULL,
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE, -- for whom it acts
    role    INTEGER NOT NULL CHECK (role BETWEEN 1 AND 40), -- at most
    scopes  TEXT    NOT NULL, -- parted by a space; '': all
    created INTEGER NOT NULL,
    used    INTEGER NOT NULL, -- to the minute
    expires INTEGER -- NULL: never
) STRICT;
CREATE TABLE webhooks (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    url     TEXT    NOT NULL,
    events  TEXT    NOT NULL, -- parted by a space
    secret  BLOB    NOT NULL CHECK (length(secret) = 32), -- signs what is sent
    enabled INTEGER NOT NULL CHECK (enabled IN (0, 1)),
    by_id   INTEGER NOT NULL,
    created INTEGER NOT NULL,
    failing INTEGER -- since when nothing was taken; NULL: the last delivery was
) STRICT;
CREATE TABLE deliveries (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    webhook_id INTEGER NOT NULL REFERENCES webhooks (id) ON DELETE CASCADE,
    event      TEXT    NOT NULL,
    body       TEXT    NOT NULL,
    created    INTEGER NOT NULL,
    attempts   INTEGER NOT NULL,
    next       INTEGER, -- when to try; NULL: not again
    done       INTEGER, -- when it was taken or given up; NULL: it is under way
    status     INTEGER NOT NULL, -- of HTTP; 0: there was no answer
    error      TEXT    NOT NULL
) STRICT;
INSERT INTO users VALUES (1, 'Jörg', 'jörg', '$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA', 10, 1700000000123, NULL, 0);
INSERT INTO users VALUES (2, 'Elsewhere', 'elsewhere', '$external', 20, 1700000000123, 'id:4711', 1);
INSERT INTO channels VALUES (1, 'Lobby', 'lobby', NULL, 0, 64000, 1, 1700000000123, '', 0, 0, 0, 0, 0, 0, 0);
INSERT INTO channels VALUES (2, 'Workshop', 'workshop', NULL, 0, 96000, 2, 1700000000123, '', 0, 0, 0, 0, 0, 0, 0);
INSERT INTO channels VALUES (3, 'Quiet', 'quiet', 2, 20, 64000, 1, 1700000000123, '', 0, 0, 0, 0, 0, 0, 0);
INSERT INTO tokens VALUES (X'B8E167637D72483AE3F43AE488260F4742159FF7768B129E77D8F85F31865DCE', 'owner', 1700000000123, 32472144000000);
INSERT INTO settings VALUES ('server.name', 'Frozen');
INSERT INTO state VALUES ('initialised', '2023-11-14T22:13:20Z');
INSERT INTO bans VALUES (1, 1, 'a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1', '2001:db8::/64', 'noise', 0, 1700000000123, 32472144000000);
INSERT INTO invites VALUES (1, X'B8E167637D72483AE3F43AE488260F4742159FF7768B129E77D8F85F31865DCE', 10, 3, 0, 1700000000123, 32472144000000);
INSERT INTO resumptions VALUES (X'B8E167637D72483AE3F43AE488260F4742159FF7768B129E77D8F85F31865DCE', 1, 7, 1, '', NULL, 32472144000000);
INSERT INTO messages VALUES (1, 1, NULL, 0, 1, 'Jörg', 'hello', 1700000000123, NULL);
INSERT INTO messages VALUES (2, NULL, 1, 0, 1, 'Jörg', 'to myself', 1700000000123, NULL);
INSERT INTO audit VALUES (1, 1700000000123, 1, 'Jörg', 'ban.add', 'ban:1', '', '', '', '', '');
INSERT INTO device_tokens VALUES (1, X'B8E167637D72483AE3F43AE488260F4742159FF7768B129E77D8F85F31865DCE', 1, 'laptop', 1700000000123, 32472144000000);
INSERT INTO api_keys VALUES (1, X'B8E167637D72483AE3F43AE488260F4742159FF7768B129E77D8F85F31865DCE', 'bot', 2, 10, 'bans:read audit:read', 1700000000123, 1700000000123, 32472144000000);
INSERT INTO webhooks VALUES (1, 'https://hooks.example/', 'user.* ban.added', X'B8E167637D72483AE3F43AE488260F4742159FF7768B129E77D8F85F31865DCE', 1, 1, 1700000000123, NULL);
INSERT INTO deliveries VALUES (1, 1, 'user.joined', '{}', 1700000000123, 0, 32472144000000, NULL, 0, '');
INSERT INTO sqlite_sequence VALUES ('api_keys', 1);
INSERT INTO sqlite_sequence VALUES ('audit', 1);
INSERT INTO sqlite_sequence VALUES ('bans', 1);
INSERT INTO sqlite_sequence VALUES ('channels', 3);
INSERT INTO sqlite_sequence VALUES ('deliveries', 1);
INSERT INTO sqlite_sequence VALUES ('device_tokens', 1);
INSERT INTO sqlite_sequence VALUES ('invites', 1);
INSERT INTO sqlite_sequence VALUES ('messages', 2);
INSERT INTO sqlite_sequence VALUES ('users', 2);
INSERT INTO sqlite_sequence VALUES ('webhooks', 1);
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
CREATE INDEX users_owners ON users (id) WHERE role = 40;
CREATE INDEX bans_by_user ON bans (user_id) WHERE user_id IS NOT NULL;
CREATE INDEX bans_by_device ON bans (device) WHERE device IS NOT NULL;
CREATE INDEX bans_by_address ON bans (address) WHERE address IS NOT NULL;
CREATE INDEX resumptions_by_lineage ON resumptions (lineage);
CREATE INDEX resumptions_by_session ON resumptions (session);
CREATE INDEX resumptions_by_user ON resumptions (user_id) WHERE user_id IS NOT NULL;
CREATE INDEX resumptions_by_device ON resumptions (device) WHERE device IS NOT NULL;
CREATE INDEX resumptions_by_expiry ON resumptions (expires);
CREATE INDEX messages_by_channel ON messages (channel_id, id) WHERE channel_id IS NOT NULL;
CREATE INDEX messages_by_pair ON messages (min(user_id, to_id), max(user_id, to_id), id) WHERE to_id IS NOT NULL;
CREATE INDEX messages_to_server ON messages (id) WHERE channel_id IS NULL AND to_id IS NULL;
CREATE INDEX messages_by_time ON messages (sent);
CREATE INDEX audit_by_actor ON audit (actor, id);
CREATE INDEX audit_by_target ON audit (target, id);
CREATE INDEX audit_by_action ON audit (action, id);
CREATE TRIGGER audit_keeps_rows BEFORE DELETE ON audit
BEGIN
    SELECT raise(ABORT, 'the audit log is only ever added to');
END;
CREATE TRIGGER audit_keeps_values BEFORE UPDATE ON audit
BEGIN
    SELECT raise(ABORT, 'the audit log is only ever added to');
END;
CREATE TRIGGER audit_keeps_ids BEFORE INSERT ON audit
WHEN EXISTS (SELECT 1 FROM audit WHERE id = new.id)
BEGIN
    SELECT raise(ABORT, 'the audit log is only ever added to');
END;
CREATE UNIQUE INDEX users_by_external ON users (external) WHERE external IS NOT NULL;
CREATE INDEX device_tokens_by_user ON device_tokens (user_id, used);
CREATE INDEX device_tokens_by_use ON device_tokens (used);
CREATE INDEX api_keys_by_user ON api_keys (user_id);
CREATE INDEX api_keys_by_expiry ON api_keys (expires) WHERE expires IS NOT NULL;
CREATE INDEX deliveries_by_webhook ON deliveries (webhook_id, id);
CREATE INDEX deliveries_to_do ON deliveries (webhook_id, next, id) WHERE next IS NOT NULL;
PRAGMA application_id = 1986097264;
PRAGMA user_version = 5;
