package control

import (
	"context"
	"encoding/json"
	"strconv"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
)

const (
	clientWriteTimeout = 10 * time.Second
	goodbyeTime        = time.Second
	beatEvery          = 10 * time.Second
	beatTimeout        = 15 * time.Second // so that a dead connection is noticed within 30 s
)

// pending is a request whose answer has not come.
type pending struct {
	answer chan error          // capacity 1
	take   func(message) error // called in read, before any later line is looked at
}

// ask sends a request and waits for its answer, which take gets, in read's
// goroutine, unless it is an error or ctx has ended.
func (c *Client) ask(ctx context.Context, method string, params any, take func(message) error) error {
	p := &pending{answer: make(chan error, 1), take: take}
	id, err := c.register(p)
	if err != nil {
		return err
	}
	defer c.forget(id)
	line := mustEncode(outgoing{ID: json.RawMessage(strconv.FormatUint(id, 10)), Method: method, Params: params})
	if err := c.writeLine(line); err != nil {
		return err
	}
	select {
	case err := <-p.answer:
		return err
	case <-c.done:
		select {
		case err := <-p.answer: // was the last
			return err
		default:
			return c.Err()
		}
	case <-ctx.Done():
		return ctx.Err()
	}
}

// fetch is ask with a result of its own.
func fetch[R any](ctx context.Context, c *Client, method string, params any) (R, error) {
	return fetchIn(ctx, c, method, params, func(R) {})
}

// fetchIn is fetch with a look at the result in read, before any later line.
func fetchIn[R any](ctx context.Context, c *Client, method string, params any, look func(R)) (R, error) {
	results := make(chan R, 1) // ctx may end while read is still busy with it
	err := c.ask(ctx, method, params, func(m message) error {
		var r R
		err := decodeParams(m.Result, &r)
		if err == nil {
			look(r)
		}
		results <- r
		return err
	})
	if err != nil {
		var none R
		return none, err
	}
	return <-results, nil
}

func (c *Client) register(p *pending) (uint64, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err != nil {
		return 0, c.err
	}
	c.lastID++
	c.pending[c.lastID] = p
	return c.lastID, nil
}

func (c *Client) forget(id uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.pending, id)
}

func (c *Client) writeLine(line []byte) error {
	c.writing.Lock()
	defer c.writing.Unlock()
	err := c.raw.SetWriteDeadline(time.Now().Add(clientWriteTimeout))
	if err == nil {
		_, err = c.conn.Write(line)
	}
	if err != nil {
		c.fail(lost(err))
		return c.Err()
	}
	return nil
}

// read takes one line after the other until the connection ends.
func (c *Client) read() {
	defer c.wg.Done()
	lines := lineReader{source: c.conn, limit: MaxClientLine}
	for {
		line, err := lines.next()
		if err != nil {
			c.fail(lost(err))
			return
		}
		if err := c.take(line); err != nil {
			c.fail(voiceapp.WrapError(voiceapp.BadRequest, "the server sent what is no message", err))
			return
		}
	}
}

// take does what a line says. The error is [voiceapp.BadRequest].
func (c *Client) take(line []byte) error {
	if m, ok := quickEvent(line); ok && c.event(m) == nil {
		return nil
	}
	m, err := decodeLine(line)
	switch {
	case err != nil:
		return err
	case m.Method == "":
		c.answered(m)
	default:
		if err := c.event(m); err != nil {
			c.log.Warn("an event can't be read", "event", m.Method, "error", err)
		}
	}
	return nil
}

// answered gives an answer to whoever waits for it.
func (c *Client) answered(m message) {
	id, err := strconv.ParseUint(string(m.ID), 10, 64)
	c.mu.Lock()
	p := c.pending[id]
	delete(c.pending, id)
	c.mu.Unlock()
	if err != nil || p == nil {
		return // ctx has ended before
	}
	switch {
	case m.Error != nil:
		err = m.Error.err()
	case p.take != nil:
		err = p.take(m)
	}
	p.answer <- err
}

// startBeat, in read, begins the pings of an open session.
func (c *Client) startBeat() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err == nil && !c.beating {
		c.beating = true
		c.wg.Add(1) // beat
		go c.beat()
	}
}

// beat pings, so that both sides notice when the other has gone.
func (c *Client) beat() {
	defer c.wg.Done()
	tick := time.NewTicker(beatEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-c.done:
			return
		}
		ctx, cancel := context.WithTimeout(context.Background(), beatTimeout)
		_, err := c.Ping(ctx)
		cancel()
		if ctx.Err() != nil && err != nil {
			c.fail(voiceapp.NewError(voiceapp.Unavailable, "the server does not answer any more").With(NoAnswer))
			return
		}
	}
}
