package control

import (
	"context"
	"slices"

	"github.com/voiceapp-sdk/voiceapp"
)

// info answers server.info.
func (c *call) info(context.Context, empty) error {
	c.reply(c.server.info())
	return nil
}

// ping answers ping.
func (c *call) ping(context.Context, empty) error {
	if c.session == nil && !c.server.settings().Ping {
		return voiceapp.NewError(voiceapp.LoginRequired, "this server answers ping after session.open only")
	}
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
		result := sessionsResult{Sessions: []voiceapp.Presence{}, More: len(rest) > PageSize}
		for _, id := range rest[:min(len(rest), PageSize)] {
			result.Sessions = append(result.Sessions, r.presenceFor(r.sessions[id], c.session.role))
		}
		c.reply(result)
		return nil
	})
}
