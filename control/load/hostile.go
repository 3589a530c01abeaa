package load

import (
	"context"
	"errors"
	"net"
	"slices"
	"strconv"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/control"
)

// Stall logs a guest in who joins the channel and then reads no more. release ends
// him.
func Stall(ctx context.Context, target Target) (release func(), err error) {
	config := target.config(0, Login{Name: "load stalled"})
	gate := make(chan struct{})
	var wire *stalling
	config.DialContext = func(ctx context.Context, network, addr string) (net.Conn, error) {
		conn, err := (&net.Dialer{}).DialContext(ctx, network, addr)
		wire = &stalling{Conn: conn, stalled: make(chan struct{}), gate: gate}
		return wire, err
	}
	c, err := control.Dial(ctx, target.Addr, config)
	if err != nil {
		return nil, err
	}
	release = func() {
		close(gate)
		c.Close()
	}
	if err := target.join(ctx, c); err != nil {
		release()
		return nil, err
	}
	close(wire.stalled)
	return release, nil
}

// stalling is a connection that is not read once stalled is closed, until gate is.
type stalling struct {
	net.Conn
	stalled, gate chan struct{}
}

// Read implements net.Conn.
func (s *stalling) Read(b []byte) (int, error) {
	select {
	case <-s.stalled:
		<-s.gate
	default:
	}
	return s.Conn.Read(b)
}

// LoginTimes measures how long the refusal of a login takes, so many times each, in
// turn: under a name that nobody has, and under names that are accounts' with
// another password. accounts has to have one account for each three times, so that
// none is throttled; the target's Source has to vary.
func LoginTimes(ctx context.Context, target Target, accounts []Login, times int) (unknown, wrong *Times, err error) {
	unknown, wrong = new(Times), new(Times)
	for i := range times {
		tries := []guess{
			{Login{"nobody " + strconv.Itoa(i), "not the password"}, unknown},
			{Login{accounts[i/3].Name, "not the password"}, wrong},
		}
		if i%2 == 1 { // so that none is always the first
			slices.Reverse(tries)
		}
		for _, try := range tries {
			if err := refused(ctx, target, i*2, try.who, try.times); err != nil {
				return unknown, wrong, err
			}
		}
	}
	return unknown, wrong, nil
}

// guess is a login that is to be refused.
type guess struct {
	who   Login
	times *Times
}

// refused logs in and expects not to.
func refused(ctx context.Context, target Target, n int, who Login, times *Times) error {
	c, err := control.Connect(ctx, target.Addr, target.config(n, who))
	if err != nil {
		return err
	}
	defer c.Close()
	began := time.Now()
	err = c.Open(ctx, who.Name, who.Password)
	times.add(time.Since(began))
	if !errors.Is(err, voiceapp.BadCredentials) {
		return voiceapp.WrapError(voiceapp.Internal, "load: a wrong password was not refused as such", err)
	}
	return nil
}
