// Package archive keeps a whole server in one file, and brings it back: the
// database, the TLS key that the clients have pinned, and the key that signs
// tokens.
//
//	manifest, err := archive.Create(ctx, dataDir, "monday.tar")  // while the server runs
//	manifest, err = archive.Verify(ctx, "monday.tar")
//	result, err := archive.Restore(ctx, "monday.tar", dataDir)   // while it does not
//
// # The file
//
// An archive is a tar file. Its first entry is manifest.json, a [Manifest]: the
// format, who made it and when, the version of the schema, and of each file that
// follows the name, the size and the SHA-256. The files follow in that order and
// nothing else. It holds secrets: it is made 0600.
//
//	manifest.json  voiceapp.db  tls/key.pem  tls/cert.pem  token.key
//
// config.toml is not in it: it belongs to the machine, and a restore would undo
// what its owner has changed since.
//
// # Restoring
//
// All of an archive is read and checked before anything is touched: each size and
// hash, the database by SQLite's integrity_check, the version of its schema. It is
// laid out in restore.part, on the disk before the next step; renaming that to
// restore.ready is the moment from which the new state holds. Then each file that
// was there, the database's WAL too, is moved to backups/before-restore-TIME, and
// the new one into its place. A process that is killed leaves the old state before
// that moment, and after it a restore that [Finish] completes: whoever serves
// from a data directory calls it first.
//
// The caller of Restore and Finish has to keep other processes off the data
// directory. All other functions may be called while a server runs.
package archive
