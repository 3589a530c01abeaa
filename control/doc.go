// Package control is the TCP side of voiceapp: who is here, in which channel, and
// what they write. It holds the [Server], the [Client], the messages between
// them and [Memory], a directory without a database. PROTOCOL.md beside this file
// is enough to write another client.
//
// A server, with a directory that ends with the program:
//
//	identity, fingerprint, err := control.LoadOrCreateIdentity(dir)
//	if err != nil {
//		return err
//	}
//	listener, err := net.Listen("tcp", ":"+control.DefaultPort)
//	if err != nil {
//		return err
//	}
//	fmt.Println("the fingerprint is", fingerprint)
//	server := &control.Server{
//		Directory:   control.NewMemory(voiceapp.Channel{Name: "Lobby"}),
//		Certificate: identity,
//	}
//	return server.Serve(listener)
//
// and a guest:
//
//	client, err := control.Dial(ctx, "voice.example", control.ClientConfig{
//		Name:        "Anna",
//		Fingerprint: fingerprint,
//	})
//	if err != nil {
//		return err
//	}
//	defer client.Close()
//	if _, err := client.JoinPath(ctx, "Lobby"); err != nil {
//		return err
//	}
//	for event := range client.Events() {
//		if chat, ok := event.(control.ChatSent); ok {
//			fmt.Println(chat.Name+":", chat.Text)
//		}
//	}
//
// The protocol is TLS 1.3, JSON-RPC 2.0, one message a line. A server's identity
// is its key ([LoadOrCreateIdentity]); a client pins the fingerprint.
//
// # The way of a request
//
// What alters the server's state (channels, users, bans) is a change (change.go):
// one at a time, checked, written to the directory, applied to those who are here,
// and kept in the audit log. What a session may do and where its voice goes is
// never set by itself: it is worked out from the tree (tree.go), its role and what
// is set of it, by refresh (channel.go). News of who is here waits up to 50 ms for
// more of its kind (batch.go).
//
//	accept (server.go) → handshake, lines (conn.go, lines.go) → decode (rpc.go)
//	→ method (session.go, login.go, account*.go, invite.go, channel*.go, chat*.go, presence.go)
//	→ roster (loop.go) → outgoing queue (queue.go) → writer (conn.go)
//
// Acting on others (moderation.go, ban.go, useradmin.go) takes a role and a target
// below it (voiceapp.Role.MayActOn). How somebody is known who comes back, by account,
// device or address, is in sanction.go; device.go has the keys of devices.
//
// # Goroutines of a Server
//
//	Serve         one for each listener: the caller's
//	roster.loop   one: owns the sessions and who is in which channel
//	Server.sweep  one: deletes the temporary channels that everyone has left
//	conn.serve    one for each connection: handshake, reading, and whatever may
//	              wait (the directory, argon2) before it asks the loop
//	expireParked  one: forgets sessions that were not resumed in time
//	conn.write    one for each connection: sends the outgoing queue
//
// A message (chat.go) is kept before anyone has it, one at a time and beside the
// changes, so that everyone sees messages in the order of their ids.
//
// The loop never waits: not for a disk, not for a hash, not for a client. What has
// to wait is done by the connection's own goroutine, which takes one request after
// the other; the outcome goes to the loop as an event, and the answer is queued
// there, so that answers and events reach a client in the order in which things
// happened. All five end before [Server.Close] returns.
//
// # Goroutines of a Client
//
//	Client.read   one: keeps the mirror and hands out answers; it never waits for
//	              whoever uses the client
//	Client.beat   one after login: pings, so that a dead connection is noticed
//	Client.pump   one after the first SendDatagram: voice inside the connection
//
// All end before [Client.Close] returns. A [Reconnector] has one more, run, which
// dials again. Every method may be called from any goroutine, while ranging over
// [Client.Events] too.
//
// # Figures
//
// [Server.Stats] counts what the server has done; [Server.Metrics] gives that, who is
// here in numbers and what requests came to, for package admin (metrics.go, outcome.go).
//
// # Units
//
// Limits of lines are bytes including the newline; of chat, characters; of
// bitrates, bits a second. Times are UTC.
package control
