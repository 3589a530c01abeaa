package control_test

import (
	"context"
	"fmt"
	"log/slog"
	"net"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/control"
)

// A server without a database, and a guest who visits it.
func Example() {
	identity, fingerprint, err := control.NewIdentity() // a server that is to stay: LoadOrCreateIdentity
	if err != nil {
		fmt.Println(err)
		return
	}
	server := &control.Server{
		Directory: control.NewMemory(
			voiceapp.Channel{ID: 1, Name: "Lobby"},
			voiceapp.Channel{ID: 2, Name: "Quiet", Parent: 1},
			voiceapp.Channel{ID: 3, Name: "Staff", RequiredRole: voiceapp.RoleModerator},
		),
		Certificate: identity,
		Logger:      slog.New(slog.DiscardHandler),
	}
	defer server.Close()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Println(err)
		return
	}
	go func() { _ = server.Serve(listener) }()

	ctx := context.Background()
	client, err := control.Dial(ctx, listener.Addr().String(), control.ClientConfig{Name: "Anna", Fingerprint: fingerprint})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer client.Close()

	channel, err := client.JoinPath(ctx, "Lobby/Quiet")
	fmt.Println(channel.Name, channel.Bitrate, err)
	_, err = client.JoinPath(ctx, "Staff")
	fmt.Println(err)
	_, err = client.SendChat(ctx, "good evening")
	fmt.Println(err)
	for event := range client.Events() {
		if chat, ok := event.(control.ChatSent); ok {
			fmt.Println(chat.Name+":", chat.Text)
			break
		}
	}
	// Output:
	// Quiet 64000 <nil>
	// this needs the role moderator; yours is guest
	// <nil>
	// Anna: good evening
}
