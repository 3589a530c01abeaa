package main

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"runtime"
	"syscall"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/voice/relay"
)

// listen opens one port for TCP and UDP, for the latter so many sockets.
func listen(addr string, loops int) (net.Listener, []*net.UDPConn, error) {
	tcp, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, nil, listenError(addr, err, "--listen")
	}
	udp, err := relay.Listen("udp", tcp.Addr().String(), cmp.Or(loops, relayLoops()))
	if err != nil {
		tcp.Close()
		return nil, nil, listenError(addr, err, "--listen")
	}
	return tcp, udp, nil
}

// relayLoops leaves half of the cores to the kernel, whose work for what is sent is more
// than the relay's, and to the others.
func relayLoops() int { return max(1, runtime.GOMAXPROCS(0)/2) }

func listenError(addr string, err error, flag string) error {
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return voiceapp.NewError(voiceapp.Conflict, fmt.Sprintf("%s is in use: another server runs there; stop it, or choose another port by %s", addr, flag))
	case errors.Is(err, syscall.EACCES):
		return voiceapp.NewError(voiceapp.Invalid, fmt.Sprintf("%s can't be opened without rights of the administrator: choose a port above 1023 by %s", addr, flag))
	}
	return voiceapp.WrapError(voiceapp.Invalid, "listen: no server can be opened at "+addr, err)
}

// voice is how voice is forwarded.
func (s *settings) voice(log *slog.Logger) relay.Config {
	return relay.Config{Logger: log, MaxWait: cmp.Or(s.VoiceWait, -1), Loudest: s.Loudest}
}

func (s *settings) checkVoice() error {
	const longest = voiceapp.MaxChannelWait * time.Millisecond
	switch {
	case s.VoiceLoops < 0 || s.VoiceLoops > 256:
		return voiceapp.NewError(voiceapp.Invalid, "voice-loops: write 0 for as many as are good here, or a number up to 256")
	case s.VoiceWait < 0 || s.VoiceWait > longest:
		return voiceapp.NewError(voiceapp.Invalid, fmt.Sprintf("voice-wait: write 0 for none, or a time up to %v, such as 5ms", longest))
	case s.Loudest < 0 || s.Loudest > voiceapp.MaxLoudest:
		return voiceapp.NewError(voiceapp.Invalid, fmt.Sprintf("loudest: write 0 for all, or a number up to %d", voiceapp.MaxLoudest))
	}
	return nil
}
