-- What another program knows an account by; NULL: its password is here. The hash of
-- such an account is no password's.
ALTER TABLE users ADD COLUMN external TEXT CHECK (external <> '');
CREATE UNIQUE INDEX users_by_external ON users (external) WHERE external IS NOT NULL;

CREATE TABLE device_tokens (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    hash    BLOB    NOT NULL UNIQUE CHECK (length(hash) = 32), -- SHA-256 of the token
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    name    TEXT    NOT NULL,
    created INTEGER NOT NULL,
    used    INTEGER NOT NULL -- to the hour
) STRICT;
CREATE INDEX device_tokens_by_user ON device_tokens (user_id, used);
CREATE INDEX device_tokens_by_use ON device_tokens (used);
