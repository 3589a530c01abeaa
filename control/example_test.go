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

// The program that serves changes channels itself, as someone who may: here the
// owner, whose account a directory in memory has made.
func ExampleServer_EditChannel() {
	directory := control.NewMemory(voiceapp.Channel{ID: 1, Name: "Lobby"})
	identity, _, err := control.NewIdentity()
	if err != nil {
		fmt.Println(err)
		return
	}
	server := &control.Server{Directory: directory, Certificate: identity, Logger: slog.New(slog.DiscardHandler)}
	defer server.Close()

	ctx := context.Background()
	owner, err := directory.CreateUser(ctx, "Olga", "", voiceapp.RoleOwner)
	if err != nil {
		fmt.Println(err)
		return
	}
	by := voiceapp.Actor{User: owner.ID}
	quiet, err := server.CreateChannel(ctx, by, voiceapp.Channel{Name: "Quiet", Parent: 1}, "")
	fmt.Println(quiet.Name, quiet.Bitrate, err)
	quiet, err = server.EditChannel(ctx, by, quiet.ID, voiceapp.ChannelEdit{SpeakRole: new(voiceapp.RoleMember)}, "guests listen")
	fmt.Println(quiet.SpeakRole, err)
	may, err := server.Explain(ctx, by, quiet.ID, owner.ID, 0)
	fmt.Println(may.Speak.Allowed, err)
	err = server.DeleteChannel(ctx, by, 1, false, "")
	fmt.Println(err)
	// Output:
	// Quiet 64000 <nil>
	// member <nil>
	// true <nil>
	// there are channels below it
}

// What was said is asked for; it does not come by itself.
func ExampleClient_ChatHistory() {
	server, addr, key := serveExample()
	defer server.Close()
	ctx := context.Background()
	client, err := control.Dial(ctx, addr, control.ClientConfig{Name: "Anna", Fingerprint: key})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer client.Close()
	lobby := voiceapp.ChatTarget{Channel: client.Channels()[0].ID}
	for _, text := range []string{"anybody here?", "good night"} {
		if _, err := client.SendChatTo(ctx, lobby, text); err != nil {
			fmt.Println(err)
			return
		}
	}
	said, older, err := client.ChatHistory(ctx, lobby, 0, 10)
	for _, m := range said {
		fmt.Println(m.Name+":", m.Text)
	}
	fmt.Println(older, err)
	// Output:
	// Anna: anybody here?
	// Anna: good night
	// false <nil>
}

// serveExample serves a lobby on this machine.
func serveExample() (server *control.Server, addr string, key voiceapp.Fingerprint) {
	identity, key, err := control.NewIdentity()
	if err != nil {
		panic(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	server = &control.Server{
		Directory:   control.NewMemory(voiceapp.Channel{Name: "Lobby"}),
		Certificate: identity,
		Logger:      slog.New(slog.DiscardHandler),
	}
	go func() { _ = server.Serve(listener) }()
	return server, listener.Addr().String(), key
}
