package control

import (
	"context"
	"net/netip"
	"slices"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
)

// explainPermissions answers permissions.explain.
func (c *call) explainPermissions(ctx context.Context, p explainParams) error {
	said, err := c.server.Explain(ctx, c.actor(), p.Channel, p.User, p.Session)
	if err == nil {
		c.reply(said)
	}
	return err
}

// Explain says what someone may do in a channel at present and why not: what his
// role allows there, and what else keeps him from it, such as a ban, a full channel
// or being muted. He is an account (an account that is here is muted when one of its
// sessions is), or a session, or with neither the actor. Only moderators ask about
// others.
//
// The errors are [voiceapp.NotFound] for a channel that the actor may not see and
// for who is not there, [voiceapp.Forbidden] and [voiceapp.Invalid].
func (s *Server) Explain(ctx context.Context, by voiceapp.Actor, channel voiceapp.ChannelID, user voiceapp.UserID, session voiceapp.SessionID) (said voiceapp.Permissions, err error) {
	if user != 0 && session != 0 {
		return said, voiceapp.NewError(voiceapp.Invalid, "only one of user and session can be named")
	}
	if s.started.Do(s.start); s.startErr != nil {
		return said, s.startErr
	}
	if err := s.lookUp(ctx, &by); err != nil {
		return said, err
	}
	who := subject{user, session}
	if who == (subject{}) {
		who = subjectOf(by)
	}
	if who != subjectOf(by) && who != (subject{user: by.User}) && by.Role < voiceapp.RoleModerator {
		return said, voiceapp.Refusal(by.Role, voiceapp.RoleModerator)
	}
	role, ban, err := s.standing(ctx, who)
	if err != nil {
		return said, err
	}
	err = s.roster.do(func(r *roster) error {
		if !r.tree.shows(channel, by.Role) {
			return errNoChannel()
		}
		ch, _ := r.tree.channel(channel)
		said, err = r.explain(who, role, ban, ch)
		return err
	})
	return said, err
}

// subject is whom an explanation is about: a session, or an account.
type subject struct {
	user    voiceapp.UserID
	session voiceapp.SessionID
}

func subjectOf(by voiceapp.Actor) subject {
	if by.Session != 0 {
		return subject{session: by.Session}
	}
	return subject{user: by.User}
}

// standing looks up an account's role and the ban that it is under, if any. A
// session has its role by itself, and no ban.
func (s *Server) standing(ctx context.Context, who subject) (voiceapp.Role, *voiceapp.Ban, error) {
	if who.session != 0 {
		return 0, nil, nil
	}
	accounts, err := ability[Accounts](s, "list of accounts")
	if err != nil {
		return 0, nil, err
	}
	user, err := accounts.User(ctx, who.user)
	if err != nil {
		return 0, nil, err
	}
	bans, ok := s.Directory.(Bans)
	if !ok {
		return user.Role, nil, nil
	}
	ban, banned, err := bans.ActiveBan(ctx, user.ID, "", netip.Addr{})
	if err != nil || !banned {
		return user.Role, nil, err
	}
	return user.Role, &ban, nil
}

// explain says what someone may do in a channel. The error is [voiceapp.NotFound]:
// there is no such session.
func (r *roster) explain(who subject, role voiceapp.Role, ban *voiceapp.Ban, ch voiceapp.Channel) (voiceapp.Permissions, error) {
	var present []*session
	for _, s := range r.inOrder() {
		if s.id == who.session || who.session == 0 && s.user == who.user {
			present = append(present, s)
		}
	}
	if who.session != 0 {
		if len(present) == 0 {
			return voiceapp.Permissions{}, errNobody()
		}
		role = present[0].role
	}
	said := ch.Permissions(role)
	r.explainRoom(&said, present, ch)
	for _, s := range present {
		if s.muted {
			deny(voiceapp.Muted, "muted by the server", &said.Speak)
		}
		if s.selfMuted {
			deny(voiceapp.SelfMuted, "muted by own choice", &said.Speak)
		}
	}
	if ban != nil {
		deny(voiceapp.UnderBan, banText(*ban), &said.See, &said.Join, &said.Speak, &said.Write)
	}
	return said, nil
}

// explainRoom denies a full channel to those who are not in it.
func (r *roster) explainRoom(said *voiceapp.Permissions, present []*session, ch voiceapp.Channel) {
	inside := slices.ContainsFunc(present, func(s *session) bool { return s.channel == ch.ID })
	if !inside && r.isFull(ch) && said.Role < voiceapp.RoleModerator {
		deny(voiceapp.ChannelFull, fullText(ch), &said.Join, &said.Speak)
		said.Join.Needs = max(said.Join.Needs, voiceapp.RoleModerator)
		said.Speak.Needs = max(said.Speak.Needs, voiceapp.RoleModerator)
	}
}

// deny adds a reason why something is not allowed.
func deny(why voiceapp.Detail, reason string, permissions ...*voiceapp.Permission) {
	for _, p := range permissions {
		if p.Allowed {
			p.Allowed, p.Reason, p.Detail = false, reason, why
		} else {
			p.Reason += "; " + reason
		}
	}
}

func banText(ban voiceapp.Ban) string {
	text := "banned for good"
	if !ban.Until.IsZero() {
		text = "banned until " + ban.Until.UTC().Format(time.RFC3339)
	}
	if ban.Reason != "" {
		text += " (" + ban.Reason + ")"
	}
	return text
}
