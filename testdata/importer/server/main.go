// Command server is a voice server with a login of its own and no database.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"net"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/control"
	"github.com/voiceapp-sdk/voiceapp/voice/relay"
)

// club makes a member of whoever knows the password of the house; others are guests.
type club struct{ *control.Memory }

func (c club) Authenticate(ctx context.Context, name, password string) (voiceapp.User, error) {
	if password != "swordfish" {
		return voiceapp.User{}, voiceapp.NewError(voiceapp.BadCredentials, "that is not the password of the house")
	}
	if user, _, err := c.Credential(ctx, name); err == nil {
		return user, nil // has been here before
	}
	return c.CreateUser(ctx, name, "", voiceapp.RoleMember)
}

func main() {
	addr := flag.String("listen", "127.0.0.1:7788", "address of control (TCP) and voice (UDP)")
	keys := flag.String("keys", "keys", "directory of the server's key")
	flag.Parse()
	log.Fatal(serve(*addr, *keys))
}

func serve(addr, keys string) error {
	certificate, fingerprint, err := control.LoadOrCreateIdentity(keys)
	if err != nil {
		return err
	}
	tcp, err := net.Listen("tcp", addr)
	if err != nil {
		return err
	}
	udp, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(tcp.Addr().(*net.TCPAddr).AddrPort()))
	if err != nil {
		return err
	}
	forwarder := relay.New(relay.Config{})
	go forwarder.Serve(udp)
	server := &control.Server{
		Directory:   club{control.NewMemory(voiceapp.Channel{Name: "Lobby"})},
		Voice:       forwarder,
		Certificate: certificate,
	}
	fmt.Println(tcp.Addr(), fingerprint)
	return server.Serve(tcp)
}
