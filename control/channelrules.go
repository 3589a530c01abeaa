package control

import (
	"cmp"
	"fmt"

	"github.com/voiceapp-sdk/voiceapp"
)

// mayCreate reports why the actor may not make a channel, and returns it as it is to
// be made: a temporary one that no admin makes takes from its parent what it may not
// have otherwise.
func (s *Server) mayCreate(d *deed, ch voiceapp.Channel) (voiceapp.Channel, error) {
	least := voiceapp.RoleAdmin
	if ch.Temporary {
		least = voiceapp.RoleMember
	}
	if err := d.needs(least); err != nil {
		return ch, err
	}
	err := s.roster.do(func(r *roster) error {
		if most := r.limits.MaxChannels; len(r.tree.channels) >= most {
			return &voiceapp.Error{
				Code: voiceapp.Limited, Detail: voiceapp.TooManyChannels, Limit: most,
				Message: fmt.Sprintf("there are %d channels, which is the most", most),
			}
		}
		parent, err := r.parentFor(d, ch.Parent)
		if err != nil {
			return err
		}
		if parent.Temporary && !ch.Temporary {
			return errBelowTemporary()
		}
		if d.actor.Role >= voiceapp.RoleAdmin {
			return nil
		}
		if d.actor.Session == 0 { // it would stay, with nobody in it
			return voiceapp.NewError(voiceapp.Conflict, "a temporary channel begins with who makes it in it: log in with a client")
		}
		if most := r.limits.MaxPerAccount; r.standing(d.actor.User) > most {
			return voiceapp.NewError(voiceapp.Limited, "too many sessions of this account have lost their connection; try again in a minute").With(voiceapp.TooManySessions)
		}
		ch, err = d.bounded(ch, parent)
		return err
	})
	if err != nil {
		return ch, err
	}
	return ch, d.needs(max(ch.RequiredRole, ch.SpeakRole, ch.WriteRole, ch.SeeRole))
}

// standing counts the sessions of an account that are here or may come back: each may
// be in a temporary channel of its own.
func (r *roster) standing(user voiceapp.UserID) int {
	n := len(r.sessionsOf(user))
	for _, p := range r.parked {
		if p.session.user == user && !p.over {
			n++
		}
	}
	return n
}

// bounded gives the temporary channel of someone who is no admin the bounds of its
// parent. The error is [voiceapp.Forbidden].
func (d *deed) bounded(ch, parent voiceapp.Channel) (voiceapp.Channel, error) {
	if parent.ID == 0 {
		return ch, d.onlyAdmins("at the top there are only channels of admins: name one to be above it")
	}
	ch.Bitrate = cmp.Or(ch.Bitrate, parent.Bitrate)
	if ch.Bitrate > parent.Bitrate {
		return ch, d.onlyAdmins(fmt.Sprintf("the bitrate is at most that of the channel above, %d bits a second", parent.Bitrate))
	}
	ch.RequiredRole = max(ch.RequiredRole, parent.RequiredRole)
	ch.SpeakRole = max(ch.SpeakRole, parent.SpeakRole)
	ch.WriteRole = max(ch.WriteRole, parent.WriteRole)
	ch.SeeRole = max(ch.SeeRole, parent.SeeRole)
	return ch, nil
}

// onlyAdmins is the refusal of what others may do in other ways.
func (d *deed) onlyAdmins(message string) error {
	refusal := voiceapp.Refusal(d.actor.Role, voiceapp.RoleAdmin)
	refusal.Message = message
	return refusal
}

// mayEdit reports why the actor may not alter a channel so, and returns it as it is.
func (s *Server) mayEdit(d *deed, id voiceapp.ChannelID, edit voiceapp.ChannelEdit) (was voiceapp.Channel, err error) {
	if err := d.needs(voiceapp.RoleAdmin); err != nil {
		return was, err
	}
	err = s.roster.do(func(r *roster) error {
		if was, err = r.reachable(d, id); err != nil {
			return err
		}
		next := edit.Of(was)
		if err := d.mayAlterRoles(was, next); err != nil {
			return err
		}
		if was.Temporary != next.Temporary {
			return r.mayLast(next)
		}
		return nil
	})
	return was, err
}

// mayAlterRoles reports that a role which a channel asks for, or is to ask for, and
// which is not to stay, is above the actor's.
func (d *deed) mayAlterRoles(was, next voiceapp.Channel) error {
	for _, pair := range [][2]voiceapp.Role{
		{was.RequiredRole, next.RequiredRole},
		{was.SpeakRole, next.SpeakRole},
		{was.WriteRole, next.WriteRole},
		{was.SeeRole, next.SeeRole},
	} {
		if pair[0] == pair[1] {
			continue
		}
		if err := d.needs(max(pair[0], pair[1])); err != nil {
			return err
		}
	}
	return nil
}

// mayLast reports, as [voiceapp.Conflict], that a channel would be temporary with
// lasting ones below it, or lasting below a temporary one.
func (r *roster) mayLast(ch voiceapp.Channel) error {
	if parent, ok := r.tree.channel(ch.Parent); ok && parent.Temporary && !ch.Temporary {
		return errBelowTemporary()
	}
	for _, below := range r.tree.under(ch.ID)[1:] {
		if ch.Temporary && !below.Temporary {
			return errBelowTemporary()
		}
	}
	return nil
}

func errBelowTemporary() error {
	return voiceapp.NewError(voiceapp.Conflict, "what is below a temporary channel is temporary too")
}

// mayMove reports why the actor may not put a channel under another, and returns it
// as it is.
func (s *Server) mayMove(d *deed, id, parent voiceapp.ChannelID) (was voiceapp.Channel, err error) {
	if err := d.needs(voiceapp.RoleAdmin); err != nil {
		return was, err
	}
	err = s.roster.do(func(r *roster) error {
		if was, err = r.reachable(d, id); err != nil {
			return err
		}
		above, err := r.parentFor(d, parent)
		if err == nil && above.Temporary && !was.Temporary {
			err = errBelowTemporary()
		}
		return err
	})
	return was, err
}

// mayDelete reports why the actor may not delete a channel, and returns what goes:
// the channel, and those below it, parents first.
func (s *Server) mayDelete(d *deed, id voiceapp.ChannelID, recursive bool) (going []voiceapp.Channel, err error) {
	if err := d.needs(voiceapp.RoleAdmin); err != nil {
		return nil, err
	}
	err = s.roster.do(func(r *roster) error {
		if _, err := r.reachable(d, id); err != nil {
			return err
		}
		going = r.tree.under(id)
		if len(going) > 1 && !recursive {
			return voiceapp.NewError(voiceapp.Conflict, "there are channels below it")
		}
		for _, ch := range going {
			if err := d.needs(max(ch.SeeRole, ch.RequiredRole)); err != nil {
				return err
			}
		}
		return nil
	})
	return going, err
}

// parentFor returns the channel under which the actor wants to have one, the zero
// one for the top.
func (r *roster) parentFor(d *deed, id voiceapp.ChannelID) (voiceapp.Channel, error) {
	if id == 0 {
		return voiceapp.Channel{}, nil
	}
	return r.reachable(d, id)
}

// reachable returns a channel that the actor may join. The errors are
// [voiceapp.NotFound] for one that it may not see, and [voiceapp.Forbidden].
func (r *roster) reachable(d *deed, id voiceapp.ChannelID) (voiceapp.Channel, error) {
	if !r.tree.shows(id, d.actor.Role) {
		return voiceapp.Channel{}, errNoChannel()
	}
	ch, _ := r.tree.channel(id)
	return ch, d.needs(ch.RequiredRole)
}
