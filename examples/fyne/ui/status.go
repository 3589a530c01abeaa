package ui

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/bookmarks"
	"github.com/voiceapp-sdk/voiceapp/control"
)

// Times of asking servers how they are.
const (
	probeEvery = 30 * time.Second
	probeTime  = 5 * time.Second
	probeAtA   = 6 // time
)

// serverStatus is what a server said of itself, or why it did not.
type serverStatus struct {
	People    int
	RoundTrip time.Duration
	Version   string
	Err       error
}

// prober asks servers how they are, while the list of them is on the screen. It logs in
// nowhere, and trusts nobody by it.
type prober struct {
	app  *App
	tell func(id string, said serverStatus) // on Fyne's goroutine
	wake chan struct{}                      // holds one

	mu     sync.Mutex
	list   []bookmarks.Bookmark
	paused bool
}

func newProber(a *App, tell func(string, serverStatus)) *prober {
	return &prober{app: a, tell: tell, wake: make(chan struct{}, 1)}
}

// watch says which servers are asked: at once, where they are others than before.
func (p *prober) watch(list []bookmarks.Bookmark) {
	p.mu.Lock()
	same := slices.Equal(p.list, list)
	p.list = list
	p.mu.Unlock()
	if !same {
		p.poke()
	}
}

func (p *prober) pause(on bool) {
	p.mu.Lock()
	was := p.paused
	p.paused = on
	p.mu.Unlock()
	if was && !on {
		p.poke()
	}
}

func (p *prober) poke() {
	select {
	case p.wake <- struct{}{}:
	default:
	}
}

func (p *prober) start() { p.app.beside.Go(p.run) }

// run asks all of them, again and again.
func (p *prober) run() {
	tick := time.NewTicker(probeEvery)
	defer tick.Stop()
	for {
		p.mu.Lock()
		list, paused := p.list, p.paused
		p.mu.Unlock()
		if !paused {
			p.askAll(list)
		}
		select {
		case <-p.app.ctx.Done():
			return
		case <-p.wake:
		case <-tick.C:
		}
	}
}

func (p *prober) askAll(list []bookmarks.Bookmark) {
	var asking sync.WaitGroup
	slots := make(chan struct{}, probeAtA)
	for _, b := range list {
		asking.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			ctx, cancel := context.WithTimeout(p.app.ctx, probeTime)
			defer cancel()
			said := ask(ctx, b)
			if p.app.ctx.Err() == nil {
				p.app.do(func() { p.tell(b.ID, said) })
			}
		})
	}
	asking.Wait()
}

// ask asks one server. Another one in its place is told of as an error.
func ask(ctx context.Context, b bookmarks.Bookmark) serverStatus {
	client, err := control.Connect(ctx, b.HostPort(), control.ClientConfig{
		Fingerprint: b.Fingerprint,
		Trust:       func(string, voiceapp.Fingerprint) error { return nil }, // nothing but what follows is asked
	})
	if err != nil {
		return serverStatus{Err: err}
	}
	defer client.Close()
	info, err := client.Info(ctx)
	if err != nil {
		return serverStatus{Err: err}
	}
	trip, err := client.Ping(ctx)
	if err != nil {
		return serverStatus{Err: err}
	}
	return serverStatus{People: info.Sessions, RoundTrip: trip, Version: info.Version}
}
