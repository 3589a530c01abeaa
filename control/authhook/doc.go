// Package authhook lets another program say who may log in: a [Hook] asks it by
// HTTP, and is what control.Authenticator wants. It imports the root,
// internal/outbound and the standard library only.
//
// The hook sends a POST with a body of JSON, and nothing else that is worth
// knowing:
//
//	{"name":"anna@example.org","password":"…","address":"203.0.113.7"}
//
// (the address only where it is known), and understands three kinds of answers:
//
//	200                {"id":"4711","name":"Anna","role":"moderator"}
//	401, 403 or 404    the name or the password is wrong
//	429                too many attempts; try again later
//
// Everything else, a redirect too, is a fault of the other program, and nobody gets
// in by it. In the answer id is a text or a whole number by which the other program
// knows the user for good; without one the name takes its place. role is a role's
// name or number; above [MaxRole] it counts as that. Members that are not known are
// skipped.
//
// # Accounts
//
// Whoever comes in by the hook has an account in the directory, made when he first
// comes, so that bans, roles and messages stick to him. It has no password here. At
// each login it gets the name and the role that the answer says; but an account
// that an owner has made an admin here keeps its role. An account with a password
// of its own, the owner's above all, is not the hook's: it logs in by that, and the
// other program is neither asked nor can it take its name. How long an answer takes
// tells which of the two an account is.
//
// # Where it asks
//
// By https, and never at an address that is private, local, of the cloud's metadata
// or otherwise not of the Internet, whatever the name resolves to at the moment of
// the connection. [Config].Allow lifts both for hosts that it lists. Proxies of the
// environment are not used. An answer has 5 s and 64 KiB.
package authhook
