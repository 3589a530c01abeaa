-- What a crowd in a channel is worth: 0 as the server says, -1 no limit, or never.
ALTER TABLE channels ADD COLUMN loudest     INTEGER NOT NULL DEFAULT 0 CHECK (loudest BETWEEN -1 AND 1000);
ALTER TABLE channels ADD COLUMN max_wait_ms INTEGER NOT NULL DEFAULT 0 CHECK (max_wait_ms BETWEEN -1 AND 20);
