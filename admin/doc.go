// Package admin lets people and programs run a server from outside: a REST API with
// its OpenAPI document, live events, metrics for Prometheus, and a dashboard for
// browsers, all from the binary, with no need of any other host.
//
//	g, err := guard.New(guard.Config{})
//	...
//	s, err := admin.New(admin.Config{Live: controlServer, Accounts: db, Keys: keys, Guard: g})
//	...
//	l, err := g.Listen("127.0.0.1:7789")
//	...
//	go s.Serve(l)
//
// Live is the server that is run, a *control.Server or what behaves like one: all that
// changes goes through it, so that it decides who may, keeps the audit log, and has
// everyone who is here see the change at once. What a Live can't do beyond the few
// methods that it must have is refused.
//
// # Who may connect
//
// The package guard decides it, and stands before [Server.Serve]: without TLS this
// machine alone, or the proxies that are named; off it TLS. It looks at the host that a
// request names, bounds its size and time, and keeps pages of other sites out.
//
// # Who asks
//
// Each request but a few has to prove who asks, by one of
//
//   - a token from POST /api/login, good for 15 minutes, or from [Keys.Operator];
//   - an API key, for programs, which has scopes and a role that it does not exceed;
//   - the cookie of a dashboard's session, which a page of another site can't use.
//
// Tokens are JWTs signed with Ed25519 (RFC 8037). They hold the account's role and
// epoch as they were; both are compared with the present ones at each request, so
// that a demotion, a kick, a ban and another password end them at once.
//
// # Webhooks
//
// [Hooks] tell other programs what happens, in the form of Standard Webhooks. Whoever
// makes them has them run, and gives them to the API by [Config].Hooks:
//
//	hooks, err := admin.NewHooks(admin.HooksConfig{Webhooks: db, Deliveries: db, Live: controlServer})
//	...
//	go hooks.Run(ctx)
//
// A program that is told checks Webhook-Signature with the secret that was shown when
// its webhook was made, and that Webhook-Timestamp is of the last minutes.
//
// # Errors
//
// They are problem documents (RFC 9457) with the stable codes of [voiceapp.Code], the
// same as those of the control protocol. What is wrong with a field is under
// "errors", with its place.
package admin
