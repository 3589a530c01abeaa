// Command customserver is a voice server of one's own: its login is a list of
// members in the program, its rules are its own too, and it keeps nothing on disk
// but its key.
//
//	customserver --listen :7788 --keys ./keys
package main

import (
	"context"
	"crypto/subtle"
	"errors"
	"flag"
	"fmt"
	"log"
	"net"
	"os"
	"os/signal"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/control"
	"github.com/voiceapp-sdk/voiceapp/voice/relay"
)

// kitchen is open at certain hours only, whatever somebody's role.
const kitchen voiceapp.ChannelID = 2

// club keeps channels and accounts in memory, and knows better in two things: who
// may log in, and who may join what.
type club struct {
	*control.Memory
	passwords map[string]string
	now       func() time.Time
}

// Authenticate makes the club a control.Authenticator.
func (c club) Authenticate(ctx context.Context, name, password string) (voiceapp.User, error) {
	want, known := c.passwords[name]
	if subtle.ConstantTimeCompare([]byte(password), []byte(want)) != 1 || !known {
		return voiceapp.User{}, voiceapp.NewError(voiceapp.BadCredentials, "the name or the password is wrong")
	}
	if user, _, err := c.Credential(ctx, name); err == nil {
		return user, nil // has been here before
	}
	return c.CreateUser(ctx, name, "", voiceapp.RoleMember)
}

// Access is asked whenever somebody joins a channel.
func (c club) Access(ctx context.Context, user voiceapp.UserID, id voiceapp.ChannelID) (voiceapp.Channel, voiceapp.Role, error) {
	if hour := c.now().Hour(); id == kitchen && hour < 18 {
		return voiceapp.Channel{}, 0, voiceapp.NewError(voiceapp.Forbidden, "the kitchen opens at six in the evening")
	}
	return c.Memory.Access(ctx, user, id)
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	listen := flag.String("listen", ":7788", "address of control (TCP) and voice (UDP)")
	keys := flag.String("keys", "keys", "directory of the server's key")
	flag.Parse()
	members := club{
		control.NewMemory(voiceapp.Channel{ID: 1, Name: "Hall"}, voiceapp.Channel{ID: kitchen, Name: "Kitchen"}),
		map[string]string{"anna": "swordfish", "bo": "mackerel"},
		time.Now,
	}
	if err := serve(ctx, *listen, *keys, members, func(line string) { fmt.Println(line) }); err != nil {
		log.Fatal(err)
	}
}

// serve runs until ctx ends, and says when it is ready.
func serve(ctx context.Context, addr, keys string, members club, ready func(string)) error {
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
		return errors.Join(err, tcp.Close())
	}
	forwarder := relay.New(relay.Config{})
	server := &control.Server{Directory: members, Voice: forwarder, Certificate: certificate, NoGuests: true}
	defer context.AfterFunc(ctx, func() { _ = errors.Join(server.Close(), forwarder.Close()) })()
	go func() { _ = forwarder.Serve(udp) }() // ends with the relay
	ready(fmt.Sprint(tcp.Addr(), " ", fingerprint))
	if err := server.Serve(tcp); ctx.Err() == nil {
		return err
	}
	return nil
}
