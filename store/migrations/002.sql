-- What the store notes for itself moves out of the way of the settings.
CREATE TABLE state (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO state SELECT key, value FROM settings;
DELETE FROM settings;

CREATE INDEX users_owners ON users (id) WHERE role = 40;

ALTER TABLE channels ADD COLUMN topic      TEXT    NOT NULL DEFAULT '';
ALTER TABLE channels ADD COLUMN max_users  INTEGER NOT NULL DEFAULT 0 CHECK (max_users BETWEEN 0 AND 10000); -- 0: no limit
ALTER TABLE channels ADD COLUMN speak_role INTEGER NOT NULL DEFAULT 0 CHECK (speak_role BETWEEN 0 AND 40);
ALTER TABLE channels ADD COLUMN write_role INTEGER NOT NULL DEFAULT 0 CHECK (write_role BETWEEN 0 AND 40);
ALTER TABLE channels ADD COLUMN see_role   INTEGER NOT NULL DEFAULT 0 CHECK (see_role BETWEEN 0 AND 40); -- at least the parent's
ALTER TABLE channels ADD COLUMN temporary  INTEGER NOT NULL DEFAULT 0 CHECK (temporary IN (0, 1));

-- From here on, ids of accounts are no references where the row is to outlive
-- the account. They are never given out again.

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
CREATE INDEX bans_by_user ON bans (user_id) WHERE user_id IS NOT NULL;
CREATE INDEX bans_by_device ON bans (device) WHERE device IS NOT NULL;
CREATE INDEX bans_by_address ON bans (address) WHERE address IS NOT NULL;

CREATE TABLE invites (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    hash    BLOB    NOT NULL UNIQUE CHECK (length(hash) = 32), -- SHA-256 of the token
    role    INTEGER NOT NULL CHECK (role BETWEEN 0 AND 20), -- voiceapp.MaxInviteRole
    uses    INTEGER NOT NULL CHECK (uses > 0), -- left; the last one deletes the row
    by_id   INTEGER NOT NULL,
    created INTEGER NOT NULL,
    expires INTEGER -- NULL: never
) STRICT;

-- A session has one token, or two: the one that was used last, and the one that
-- it was answered with, until that is used.
CREATE TABLE resumptions (
    hash    BLOB    PRIMARY KEY CHECK (length(hash) = 32), -- SHA-256 of the token
    lineage INTEGER NOT NULL, -- the same for all tokens that came of one login
    session INTEGER NOT NULL, -- the number that the client knows
    user_id INTEGER REFERENCES users (id) ON DELETE CASCADE, -- NULL: a guest
    name    TEXT    NOT NULL, -- the guest's, "" for an account
    device  TEXT CHECK (length(device) = 64), -- hex; NULL: none was proved
    expires INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX resumptions_by_lineage ON resumptions (lineage);
CREATE INDEX resumptions_by_session ON resumptions (session);
CREATE INDEX resumptions_by_user ON resumptions (user_id) WHERE user_id IS NOT NULL;
CREATE INDEX resumptions_by_device ON resumptions (device) WHERE device IS NOT NULL;
CREATE INDEX resumptions_by_expiry ON resumptions (expires);

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
CREATE INDEX messages_by_channel ON messages (channel_id, id) WHERE channel_id IS NOT NULL;
CREATE INDEX messages_by_pair ON messages (min(user_id, to_id), max(user_id, to_id), id) WHERE to_id IS NOT NULL;
CREATE INDEX messages_to_server ON messages (id) WHERE channel_id IS NULL AND to_id IS NULL;
CREATE INDEX messages_by_time ON messages (sent);

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

-- INSERT OR REPLACE deletes without the trigger of a DELETE.
CREATE TRIGGER audit_keeps_ids BEFORE INSERT ON audit
WHEN EXISTS (SELECT 1 FROM audit WHERE id = new.id)
BEGIN
    SELECT raise(ABORT, 'the audit log is only ever added to');
END;
