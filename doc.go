// Package voiceapp holds the words that every other package of this module
// speaks: the ids, [Role], [User], [Presence], [Channel], [Permissions], [Ban],
// [Invite], [DeviceToken], [APIKey], [Webhook], [Resumption], [Message], [AuditEntry], [Settings],
// [Metric], [Error], the [Link] to a server with its [Fingerprint], and the voice [Grant] with
// its [Route].
//
// Every error of these packages that a caller may act on carries a [Code]:
//
//	if errors.Is(err, voiceapp.NotFound) { ... }
//
// It is vocabulary only: the standard library, no I/O, no goroutines. All types
// are plain values; a copy is independent and safe to hand to another goroutine.
//
// # Units
//
// Bitrates are bits a second of Opus payload. Times are time.Time in UTC. Ids
// are positive and below 2^53, so that every JSON reader can hold them; 0 means
// "none". A [SessionID] also travels in the clear in each voice datagram.
//
// # Secrets
//
// [Key] prints, formats, logs and marshals as "[redacted]", and so does a [Grant]
// that holds one. Package fmt calls no methods on unexported fields, though: a
// struct that keeps a grant in one is not to be printed whole.
package voiceapp
