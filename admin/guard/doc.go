// Package guard stands between a network and an HTTP handler that only a few may
// use, as the admin API and its dashboard are:
//
//	g, err := guard.New(guard.Config{CertFile: "cert.pem", KeyFile: "key.pem", Hosts: []string{"voice.example.org"}})
//	...
//	l, err := g.Listen(":7789")
//	...
//	err = http.Server{Handler: g.Handler(handler), ReadHeaderTimeout: guard.HeaderTime}.Serve(l)
//
// # Who may connect
//
// On a loopback address anyone on the machine may, without TLS. Off it there is TLS:
// with a certificate from files, from an ACME authority such as Let's Encrypt, or the
// one in Config.Certificate. Where a proxy does TLS, Config.Proxies names it, and
// then nobody else off the machine may connect. [Guard.Listen] refuses to serve
// passwords to a network in plain text.
//
// # What comes to the handler
//
// A request
//
//   - names a host that the server is meant to have (others are DNS rebinding, 421);
//   - is not sent by a page of another site, when it changes something (403);
//   - has a body of JSON in bounds (413, 415);
//   - says in RemoteAddr who sent it: what a trusted proxy says, and nobody else.
//
// Every answer has the headers that keep a browser from doing more with it than it
// should. A connection that does not take what is written to it ends.
//
// Handlers and listeners see a [Guard.Reload] at their next request or connection.
// The package starts no goroutine.
package guard
