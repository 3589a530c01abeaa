package load

import (
	"context"
	"fmt"
	"net"
	"strconv"
	"sync"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/control"
)

// Target is the server under load.
type Target struct {
	Addr    string
	Key     voiceapp.Fingerprint
	Channel string // the path where all meet; "": the first

	// Source gives the address that connection n comes from, for a server that counts
	// them; nil: the system's choice. [Loopback] fits a server on this machine.
	Source func(n int) net.Addr
}

// Loopback gives every twenty connections an address of 127.0.0.0/8 of their own.
func Loopback(n int) net.Addr {
	n /= 20
	return &net.TCPAddr{IP: net.IPv4(127, 1, byte(n>>8), byte(n))}
}

// config is that of connection n.
func (t Target) config(n int, who Login) control.ClientConfig {
	config := control.ClientConfig{Name: who.Name, Password: who.Password, Fingerprint: t.Key}
	if t.Source != nil {
		config.DialContext = (&net.Dialer{LocalAddr: t.Source(n)}).DialContext
	}
	return config
}

// Login is who a client is; without a password a guest.
type Login struct{ Name, Password string }

// Guests returns n guests.
func Guests(n int) []Login {
	guests := make([]Login, n)
	for i := range guests {
		guests[i].Name = "load " + strconv.Itoa(i+1)
	}
	return guests
}

// Register makes an account for each login, so many at a time, and bears with a
// server that is busy.
func Register(ctx context.Context, target Target, logins []Login, parallel int) error {
	return each(len(logins), parallel, func(i int) error {
		c, err := control.Connect(ctx, target.Addr, target.config(i*2, logins[i])) // ten of one address
		if err != nil {
			return err
		}
		defer c.Close()
		_, err = c.Register(ctx, logins[i].Name, logins[i].Password)
		return err
	})
}

// Crowd is many clients in one channel. They come back when their connection is
// lost.
type Crowd []*control.Reconnector

// Connect logs everyone in, so many at a time, and has them join the channel. On an
// error the crowd is closed.
func Connect(ctx context.Context, target Target, logins []Login, parallel int) (Crowd, error) {
	crowd := make(Crowd, len(logins))
	err := each(len(logins), parallel, func(i int) (err error) {
		if crowd[i], err = control.DialReconnecting(ctx, target.Addr, target.config(i, logins[i])); err != nil {
			return fmt.Errorf("%s: %w", logins[i].Name, err)
		}
		return target.join(ctx, crowd[i].Client())
	})
	if err != nil {
		crowd.Close()
		return nil, err
	}
	return crowd, nil
}

// join enters the channel where all meet.
func (t Target) join(ctx context.Context, c *control.Client) error {
	if t.Channel != "" {
		_, err := c.JoinPath(ctx, t.Channel)
		return err
	}
	channels := c.Channels()
	if len(channels) == 0 {
		return voiceapp.NewError(voiceapp.NotFound, "load: the server has no channel")
	}
	return c.Join(ctx, channels[0].ID)
}

// Close ends all clients, at the same time.
func (crowd Crowd) Close() {
	_ = each(len(crowd), len(crowd), func(i int) error {
		if crowd[i] != nil {
			crowd[i].Close()
		}
		return nil
	})
}

// each calls do for 0 to n-1, so many at a time, and returns one of the errors.
func each(n, parallel int, do func(i int) error) error {
	var wg sync.WaitGroup
	turns, failed := make(chan int), make(chan error, 1)
	for range min(max(parallel, 1), n) {
		wg.Go(func() {
			for i := range turns {
				if err := do(i); err != nil {
					select {
					case failed <- err:
					default:
					}
				}
			}
		})
	}
	for i := range n {
		turns <- i
	}
	close(turns)
	wg.Wait()
	select {
	case err := <-failed:
		return err
	default:
		return nil
	}
}

// pause sleeps, unless ctx ends first.
func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
