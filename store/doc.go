// Package store keeps accounts, channels, bans, invites, sessions to resume, API
// keys, webhooks, messages, the audit log and settings in one SQLite file. [Open] gives a [Store],
// which satisfies control.Directory and all interfaces of package storetest.
// SQLite is compiled into the program; there is nothing to install and no cgo.
//
//	s, err := store.Open(ctx, "voiceapp.db", store.Options{})
//	if err != nil {
//		return err
//	}
//	defer s.Close()
//	token, err := s.Init(ctx, []voiceapp.Channel{{ID: 1, Name: "Lobby"}}) // "" but for the first time
//	if err != nil {
//		return err
//	}
//	if token != "" {
//		fmt.Println("claim the server with", token)
//	}
//	server := &control.Server{Directory: s, Certificate: identity}
//
// The store keeps what is given to it and holds it to its form. Who may do what is
// for the caller to decide; [Store.Permissions] and [Store.ActiveBan] say what the
// database has to say to it.
//
// # Connections
//
// A Store has one connection that writes and up to [Options].Readers that read,
// opened when they are first needed. The file is in WAL mode, so readers and the
// writer never wait for each other. Every connection gets its PRAGMAs as it is
// opened, and reads them back: journal_mode=WAL, synchronous=FULL, foreign_keys,
// journal_size_limit, trusted_schema=OFF, and query_only for readers; and the
// busy timeout.
//
// "database is locked" can't come out of this package's own work: writes take
// turns before they reach SQLite, and each begins with BEGIN IMMEDIATE. The busy
// timeout is there for other processes, such as a command run beside the server.
//
// A read copies what it needs and is over before its method returns. The WAL is
// folded back into the file each 4 MiB, after the writes that it holds were
// answered. When reads follow each other so closely that it still grows, they are
// held for the few milliseconds in which it can start again, so that it stays
// near 16 MiB under any load.
//
// The package speaks to SQLite directly and not through database/sql: statements
// stay prepared on their connection, errors keep their extended code, the writer
// can group, and no driver name is registered that could clash with another
// SQLite in the same program.
//
// # Goroutines
//
// All methods of [Store] may be called from any goroutine. The package starts one
// of its own, at most: it notes the use of API keys, for which nobody waits, ends when
// that is done, and [Store.Close] waits for it. Writes that wait at the same moment form a group: the first
// goroutine to get the turn carries out all of them in one transaction with one
// sync of the disk, each under a savepoint of its own, and wakes the others with
// their results. One that fails leaves the rest of its group untouched.
//
// A context ends the wait for a turn and ends a running read. A write whose turn
// has come is carried through, so that its caller always learns the outcome: an
// error from a write means that nothing was changed.
//
// # What is durable when
//
// A write that returned nil is on the disk (as far as the disk tells the truth):
// it survives a kill of the process and a loss of power. One that returned an
// error because the disk failed in the middle of its commit is the one exception
// to "nothing was changed": after a crash it may be found either done or not.
//
// # Errors
//
// All errors are [voiceapp.Error]. Beside those that each method names there
// are, from any of them: Busy when the disk is full or another process holds the
// database; Unavailable when the store is closed, the context ended or the file
// can't be written; Internal when the file is damaged. Reads go on when writes
// are refused.
//
// # Figures
//
// [Store.Stats] counts; [Store.Metrics] gives that, how long reads, writes and the
// disk took, and how large the files are, for package admin.
//
// # Times and ids
//
// Times are UTC with a precision of a millisecond. Ids are never given out twice,
// even after a deletion. What expires does so by [Options].Now and is kept until
// [Store.Prune]: a clock that jumps and is set right again has cost nothing.
//
// # Names
//
// Names of accounts, and of channels beside each other, are compared in NFKC,
// case-folded, without the characters that show nothing and with one space in
// place of several, so that "Straße", "STRASSE" and "Ｓtraße" are one. They are
// shown as they were typed. Letters of two scripts that look alike stay two.
//
// Version 1 of the schema knew only case. Where its upgrade makes names one, the
// account with the higher role keeps it, then the older one; the others are called
// "Straße (2)", with password and role as they were, and the audit log says so.
//
// # Hidden channels
//
// A channel is seen by no more people than the one above it: its SeeRole is raised
// to its parent's when either is made, changed or moved, and not lowered by
// itself. So a channel's own roles are the whole rule, and one row answers.
//
// # Secrets
//
// Of tokens and API keys only the SHA-256 is kept. A password hash leaves by
// [Store.Credential] alone. What signs the deliveries of a webhook has to be kept as it
// is, and leaves by [Store.WebhookSecret].
//
// # Adding a migration
//
// Migrations run at start, forward only, each in a transaction of its own; the
// number of the last one is in PRAGMA user_version. To change the schema:
//
//  1. Add migrations/NNN.sql, numbered one higher than the last, and append it to
//     the list in migrate.go. Never touch a file that was released.
//  2. Where SQL does not do, append a func(*conn) error in its place.
//  3. To rebuild a table that others refer to, begin with
//     PRAGMA defer_foreign_keys = ON. The commit then checks them.
//  4. Run go test -run TestFrozen -update ./store, which writes
//     testdata/schema/vNNN.sql: a frozen database of that version, with rows,
//     that the tests of all later versions upgrade. Existing ones never change.
//
// An existing database is copied to [Options].BackupDir before it is migrated.
package store
