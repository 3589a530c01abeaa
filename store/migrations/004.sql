-- Rises with each change of what proves that one is the account: its role, its
-- password, the end of its sessions.
ALTER TABLE users ADD COLUMN epoch INTEGER NOT NULL DEFAULT 0;

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
CREATE INDEX api_keys_by_user ON api_keys (user_id);
CREATE INDEX api_keys_by_expiry ON api_keys (expires) WHERE expires IS NOT NULL;

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
CREATE INDEX deliveries_by_webhook ON deliveries (webhook_id, id);
CREATE INDEX deliveries_to_do ON deliveries (webhook_id, next, id) WHERE next IS NOT NULL;
