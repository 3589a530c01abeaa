package control

import (
	"context"
	"slices"
)

// info answers server.info.
func (c *call) info(context.Context, empty) error {
	c.reply(c.server.info())
	return nil
}

// ping answers ping.
func (c *call) ping(context.Context, empty) error {
	c.reply(empty{})
	return nil
}

// sessions answers session.list.
func (c *call) sessions(_ context.Context, p sessionsParams) error {
	return c.server.roster.do(func(r *roster) error {
		from, found := slices.BinarySearch(r.order, p.After)
		if found {
			from++
		}
		rest := r.order[from:]
		result := sessionsResult{Sessions: []presence{}, More: len(rest) > PageSize}
		for _, id := range rest[:min(len(rest), PageSize)] {
			result.Sessions = append(result.Sessions, wirePresence(r.sessions[id].presence()))
		}
		c.reply(result)
		return nil
	})
}

// announce sends an event to everyone who is here.
func (r *roster) announce(event string, params any) {
	if len(r.order) == 0 {
		return
	}
	line := mustEncode(outgoing{Method: event, Params: params})
	for _, s := range r.sessions {
		s.conn.push(line)
	}
}
