package main

import (
	"bufio"
	"context"
	"fmt"
	"log/slog"
	"net"
	"runtime"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/control"
	"github.com/voiceapp-sdk/voiceapp/internal/cli"
	"github.com/voiceapp-sdk/voiceapp/voice/relay"
)

// bareServer is the command serve.
type bareServer struct {
	Rooms   int           `name:"rooms" help:"how many channels there are: Lobby, Lobby 2, Lobby 3 ..."`
	Loops   int           `name:"loops" help:"how many sockets and loops the relay has"`
	MaxWait time.Duration `name:"max-wait" help:"how long at most a frame waits for others of its channel; 0: 5ms, negative: it never does"`
}

// roomName is the channel of the room i, from 0.
func roomName(channel string, i int) string {
	if i == 0 {
		return channel
	}
	return fmt.Sprintf("%s %d", channel, i+1)
}

func (b *bareServer) run(ctx context.Context, streams *cli.Streams) error {
	log := slog.New(slog.NewTextHandler(streams.Err, &slog.HandlerOptions{Level: slog.LevelWarn}))
	certificate, _, err := control.NewIdentity()
	if err != nil {
		return err
	}
	tcp, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	sockets, err := relay.Listen("udp", tcp.Addr().String(), b.Loops)
	if err != nil {
		return err
	}
	forwarder := relay.New(relay.Config{Logger: log, MaxWait: b.MaxWait})
	server := &control.Server{
		Directory:   control.NewMemory(b.channels()...),
		Voice:       forwarder,
		Certificate: certificate,
		Logger:      log,
	}
	ended := make(chan error, 2+len(sockets))
	for _, udp := range sockets {
		go func() { ended <- forwarder.Serve(udp) }()
	}
	go func() { ended <- server.Serve(tcp) }()
	fmt.Fprintln(streams.Out, tcp.Addr())
	go func() { ended <- answer(streams) }()
	select {
	case err = <-ended:
	case <-ctx.Done():
	}
	_, _ = server.Close(), forwarder.Close() // whoever stops it does not wait for more
	return err
}

// answer answers each line with how many goroutines there are.
func answer(streams *cli.Streams) error {
	lines := bufio.NewScanner(streams.In)
	for lines.Scan() {
		fmt.Fprintln(streams.Out, runtime.NumGoroutine())
	}
	return lines.Err()
}

func (b *bareServer) channels() []voiceapp.Channel {
	channels := make([]voiceapp.Channel, max(b.Rooms, 1))
	for i := range channels {
		channels[i] = voiceapp.Channel{Name: roomName("Lobby", i), Bitrate: voiceapp.MaxBitrate}
	}
	return channels
}
