package relay_test

import (
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/voice/packet"
	"github.com/voiceapp-sdk/voiceapp/voice/relay"
)

// Two sessions of one channel. A program leaves the clients' part to package
// voice and the grants to package control.
func Example() {
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		fmt.Println(err)
		return
	}
	r := relay.New(relay.Config{})
	ended := make(chan error)
	go func() { ended <- r.Serve(conn) }()

	to := conn.LocalAddr().(*net.UDPAddr)
	anna, ben := newExampleClient(r, 1, to), newExampleClient(r, 2, to)
	ben.send(packet.Probe{Kind: packet.KindProbe}.AppendTo(nil)) // opens his path
	ben.receive()
	hello := packet.Audio{Sequence: 1, Level: 30, Payload: []byte("hello")}
	anna.send(hello.AppendTo(nil))
	ben.receive()

	_ = r.Close()
	fmt.Println(errors.Is(<-ended, relay.ErrClosed))
	// Output:
	// session 2: the path is open
	// session 2: session 1 says hello
	// true
}

type exampleClient struct {
	conn   *net.UDPConn
	sealer *packet.Sealer
	opener *packet.Opener
}

func newExampleClient(r *relay.Relay, id voiceapp.SessionID, to *net.UDPAddr) exampleClient {
	grant, err := r.AddSession(id)
	if err == nil {
		err = r.SetRoute(id, voiceapp.Route{Channel: 1, Bitrate: 64_000})
	}
	if err != nil {
		panic(err)
	}
	conn, err := net.DialUDP("udp4", nil, to)
	if err != nil {
		panic(err)
	}
	return exampleClient{conn, packet.NewSealer(id, grant.Up), packet.NewOpener(grant.Down)}
}

func (c exampleClient) send(frames []byte) {
	datagram, err := c.sealer.Seal(nil, frames)
	if err == nil {
		_, err = c.conn.Write(datagram)
	}
	if err != nil {
		panic(err)
	}
}

func (c exampleClient) receive() {
	buf := make([]byte, packet.MaxSize)
	_ = c.conn.SetReadDeadline(time.Now().Add(10 * time.Second))
	n, err := c.conn.Read(buf)
	if err != nil {
		panic(err)
	}
	header, _ := packet.ParseHeader(buf[:n])
	frames, _, err := c.opener.Open(nil, buf[:n])
	if err != nil {
		panic(err)
	}
	kind, body, _, _ := packet.Next(frames)
	if kind == packet.KindProbeAnswer {
		fmt.Printf("session %d: the path is open\n", header.Session)
		return
	}
	audio, err := packet.ParseAudio(body)
	if err != nil {
		panic(err)
	}
	fmt.Printf("session %d: session %d says %s\n", header.Session, audio.Speaker, audio.Payload)
}
