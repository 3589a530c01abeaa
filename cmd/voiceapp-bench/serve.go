package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/control"
	"github.com/voiceapp-sdk/voiceapp/internal/cli"
	"github.com/voiceapp-sdk/voiceapp/voice/relay"
)

// bareServer is the command serve.
type bareServer struct{}

func (*bareServer) run(ctx context.Context, streams *cli.Streams) error {
	log := slog.New(slog.NewTextHandler(streams.Err, &slog.HandlerOptions{Level: slog.LevelWarn}))
	certificate, _, err := control.NewIdentity()
	if err != nil {
		return err
	}
	tcp, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	udp, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(tcp.Addr().(*net.TCPAddr).AddrPort()))
	if err != nil {
		return err
	}
	forwarder := relay.New(relay.Config{Logger: log})
	server := &control.Server{
		Directory:   control.NewMemory(voiceapp.Channel{Name: "Lobby", Bitrate: voiceapp.MaxBitrate}),
		Voice:       forwarder,
		Certificate: certificate,
		Logger:      log,
	}
	ended := make(chan error, 3)
	go func() { ended <- forwarder.Serve(udp) }()
	go func() { ended <- server.Serve(tcp) }()
	go func() {
		_, err := io.Copy(io.Discard, streams.In)
		ended <- err
	}()
	fmt.Fprintln(streams.Out, tcp.Addr())
	select {
	case err = <-ended:
	case <-ctx.Done():
	}
	_, _ = server.Close(), forwarder.Close() // whoever stops it does not wait for more
	return err
}
