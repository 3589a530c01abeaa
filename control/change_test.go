package control_test

import (
	"context"
	"errors"
	"testing"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/control"
)

// A directory whose channels have changed by other means is believed at the next
// join, and after Reload; everyone sees the same then.
func TestReload(t *testing.T) {
	d := &movingDirectory{Memory: newMemory()}
	w := newWorld(t, &control.Server{Directory: d})
	anna, bo := w.guest("Anna"), w.guest("Bo")
	if err := bo.Join(t.Context(), quiet); err != nil {
		t.Fatal(err)
	}
	d.extra = []voiceapp.Channel{{ID: 70, Name: "New", Position: 9}}
	if err := anna.Join(t.Context(), 70); err != nil {
		t.Fatal(err)
	}
	if e := until(t, bo, func(control.ChannelUpdated) bool { return true }); e.ID != 70 || !e.New {
		t.Errorf("Bo saw %+v", e)
	}
	d.extra = nil
	if err := w.server.Reload(t.Context()); err != nil {
		t.Fatal(err)
	}
	if e := until(t, bo, func(control.ChannelDeleted) bool { return true }); e.Name != "New" {
		t.Errorf("Bo saw %+v", e)
	}
	until(t, anna, func(e control.UserMoved) bool { return e.From == 70 && e.Channel == 0 })
	if err := anna.Join(t.Context(), 70); !errors.Is(err, voiceapp.NotFound) {
		t.Errorf("joining a channel that has gone: %v", err)
	}
}

// movingDirectory has channels that come and go behind the server's back.
type movingDirectory struct {
	*control.Memory
	extra []voiceapp.Channel
}

func (d *movingDirectory) Channels(ctx context.Context) ([]voiceapp.Channel, error) {
	all, err := d.Memory.Channels(ctx)
	return append(all, d.extra...), err
}

func (d *movingDirectory) Access(ctx context.Context, user voiceapp.UserID, id voiceapp.ChannelID) (voiceapp.Channel, voiceapp.Role, error) {
	for _, ch := range d.extra {
		if ch.ID == id {
			return ch, voiceapp.RoleGuest, nil
		}
	}
	return d.Memory.Access(ctx, user, id)
}
