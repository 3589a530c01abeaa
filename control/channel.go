package control

import (
	"cmp"
	"context"
	"slices"

	"github.com/voiceapp-sdk/voiceapp"
)

// channels answers channel.list.
func (c *call) channels(ctx context.Context, p channelsParams) error {
	all, err := c.server.Directory.Channels(ctx)
	if err != nil {
		return err
	}
	if p.After != 0 {
		at := slices.IndexFunc(all, func(ch voiceapp.Channel) bool { return ch.ID == p.After })
		if at < 0 {
			return voiceapp.NewError(voiceapp.Conflict, "the channels have changed: list them from the start")
		}
		all = all[at+1:]
	}
	result := channelsResult{Channels: []channel{}, More: len(all) > PageSize}
	for _, ch := range all[:min(len(all), PageSize)] {
		result.Channels = append(result.Channels, wireChannel(ch))
	}
	c.reply(result)
	return nil
}

// join answers channel.join. The directory is asked each time.
func (c *call) join(ctx context.Context, p joinParams) error {
	user := c.session.user
	ch, role, err := c.server.Directory.Access(ctx, user, p.Channel)
	switch {
	case err != nil:
		return err
	case role < ch.RequiredRole:
		return voiceapp.Refusal(role, ch.RequiredRole)
	}
	return c.server.roster.do(func(r *roster) error {
		if err := r.enter(c.session, ch, role); err != nil {
			return err
		}
		c.reply(joinResult{wireChannel(ch)})
		return nil
	})
}

// leaveChannel answers channel.leave, also where there was nothing to leave.
func (c *call) leaveChannel(context.Context, empty) error {
	return c.server.roster.do(func(r *roster) error {
		if err := r.enter(c.session, voiceapp.Channel{}, c.session.role); err != nil {
			return err
		}
		c.reply(empty{})
		return nil
	})
}

// enter moves a session to a channel, or to none for the zero one: first its
// voice, then what the others see.
func (r *roster) enter(s *session, ch voiceapp.Channel, role voiceapp.Role) error {
	route := voiceapp.Route{Channel: ch.ID}
	if ch.ID != 0 {
		route.Bitrate = cmp.Or(ch.Bitrate, voiceapp.DefaultBitrate)
	}
	if err := r.routeVoice(s, route); err != nil {
		return err
	}
	if s.channel == ch.ID && s.role == role {
		return nil
	}
	s.role = role
	r.place(s, ch.ID)
	r.announce(eventMoved, movedEvent{[]move{{s.id, s.role, s.channel}}})
	return nil
}

// place puts a session into a channel's list of members, or into none.
func (r *roster) place(s *session, ch voiceapp.ChannelID) {
	if s.channel == ch {
		return
	}
	if s.channel != 0 {
		r.members[s.channel] = slices.DeleteFunc(r.members[s.channel], func(m *session) bool { return m == s })
		if len(r.members[s.channel]) == 0 {
			delete(r.members, s.channel)
		}
	}
	if s.channel = ch; ch != 0 {
		r.members[ch] = append(r.members[ch], s)
	}
}
