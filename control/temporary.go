package control

import (
	"context"
	"errors"
	"runtime/debug"
	"slices"

	"github.com/voiceapp-sdk/voiceapp"
)

// emptied notes that the last one has left a channel.
func (r *roster) emptied(id voiceapp.ChannelID) {
	if ch, ok := r.tree.channel(id); !ok || !ch.Temporary {
		return
	}
	r.vacated[id] = struct{}{}
	r.seekVacant()
}

// seekVacant has sweep look for what everyone has left.
func (r *roster) seekVacant() {
	if len(r.vacated) == 0 {
		return
	}
	select {
	case r.vacancy <- struct{}{}:
	default:
	}
}

// vanishing returns the temporary channels that everyone has left, with those below
// them, parents first. One with people below it stays until they have left too, and
// one whose people have lost their connection for as long as they may come back.
func (r *roster) vanishing() (gone []voiceapp.Channel) {
	needed := make(map[voiceapp.ChannelID]bool)
	for _, p := range r.parked {
		needed[p.session.channel] = needed[p.session.channel] || !p.over
	}
	for _, ch := range slices.Backward(r.tree.channels) {
		needed[ch.ID] = needed[ch.ID] || !ch.Temporary || len(r.members[ch.ID]) > 0
		needed[ch.Parent] = needed[ch.Parent] || needed[ch.ID]
	}
	going := make(map[voiceapp.ChannelID]bool)
	for _, ch := range r.tree.channels {
		_, left := r.vacated[ch.ID]
		if going[ch.ID] = !needed[ch.ID] && (left || going[ch.Parent]); going[ch.ID] {
			gone = append(gone, ch)
		}
	}
	return gone
}

// sweep deletes temporary channels as they become empty, until the server ends.
func (s *Server) sweep() {
	defer close(s.swept)
	for {
		select {
		case <-s.roster.vacancy:
			s.vanish()
		case <-s.base.Done():
			return
		}
	}
}

// vanish deletes the temporary channels that everyone has left.
func (s *Server) vanish() {
	defer func() {
		if fault := recover(); fault != nil {
			s.counters.panics.Add(1)
			s.log.Error("deleting temporary channels panicked", "fault", faultText(fault), "stack", string(debug.Stack()))
		}
	}()
	ctx, cancel := context.WithTimeout(s.base, s.limits.RequestTimeout)
	defer cancel()
	editor, ok := s.Directory.(ChannelEditor)
	if !ok || s.takeTurn(ctx) != nil {
		return
	}
	defer s.endTurn()
	s.deleteVacated(ctx, editor)
}

// deleteVacated deletes the temporary channels that everyone has left. They are taken
// out of the tree first, so that nobody enters one meanwhile. What can't be deleted
// is tried again at the next occasion. The caller has the turn.
func (s *Server) deleteVacated(ctx context.Context, editor ChannelEditor) {
	gone, err := s.dropVacated()
	if err != nil || len(gone) == 0 {
		return // the server is stopping, or there are none
	}
	if err = deleteAll(ctx, editor, gone); err == nil {
		err = s.roster.do(func(r *roster) error {
			for _, ch := range gone {
				delete(r.vacated, ch.ID)
			}
			return nil
		})
	} else {
		err = errors.Join(err, s.reload(ctx))
	}
	if err != nil && s.base.Err() == nil {
		s.log.Error("temporary channels could not be deleted", "error", err)
	}
}

// dropVacated takes the channels that are to vanish out of the tree.
func (s *Server) dropVacated() (gone []voiceapp.Channel, err error) {
	err = s.roster.do(func(r *roster) error {
		for id := range r.vacated {
			if ch, ok := r.tree.channel(id); !ok || !ch.Temporary {
				delete(r.vacated, id)
			}
		}
		if gone = r.vanishing(); len(gone) > 0 {
			r.version++
			r.setTree(without(r.tree.channels, gone))
		}
		return nil
	})
	return gone, err
}

// without returns the channels that are not among others.
func without(channels, others []voiceapp.Channel) []voiceapp.Channel {
	out := make(map[voiceapp.ChannelID]bool, len(others))
	for _, ch := range others {
		out[ch.ID] = true
	}
	return slices.DeleteFunc(slices.Clone(channels), func(ch voiceapp.Channel) bool { return out[ch.ID] })
}

// deleteAll deletes channels, which stand parents first. One that has gone already
// is none to delete.
func deleteAll(ctx context.Context, editor ChannelEditor, channels []voiceapp.Channel) error {
	for _, ch := range slices.Backward(channels) {
		if err := editor.DeleteChannel(ctx, ch.ID); err != nil && !errors.Is(err, voiceapp.NotFound) {
			return err
		}
	}
	return nil
}

// clearTemporary deletes the temporary channels that an earlier run has left, but
// for those with others below that are to stay.
func (s *Server) clearTemporary(ctx context.Context) error {
	editor, ok := s.Directory.(ChannelEditor)
	if !ok {
		return nil
	}
	channels, err := s.Directory.Channels(ctx)
	if err != nil {
		return err
	}
	stay := make(map[voiceapp.ChannelID]bool)
	for _, ch := range slices.Backward(channels) {
		stay[ch.ID] = stay[ch.ID] || !ch.Temporary
		stay[ch.Parent] = stay[ch.Parent] || stay[ch.ID]
	}
	gone := slices.DeleteFunc(channels, func(ch voiceapp.Channel) bool { return stay[ch.ID] })
	if err := deleteAll(ctx, editor, gone); err != nil {
		s.log.Error("temporary channels of an earlier run could not be deleted", "error", err)
	}
	return nil
}
