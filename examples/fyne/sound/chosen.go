package sound

import (
	"errors"
	"slices"
	"sync/atomic"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/voice/device"
)

// ErrInstead is what [Status] says while another device takes the place of the chosen one,
// which is used again once it is there.
var ErrInstead = voiceapp.NewError(voiceapp.NotFound,
	"the device that was chosen is not there; the system's default takes its place until it is").With(device.NotThere)

// Times between two looks whether a chosen device is there again: the longer ones are for
// one that is there and can't be opened.
const (
	firstLook = 2 * time.Second
	lastLook  = time.Minute
)

// fate is how a device fares that was opened.
type fate struct {
	chosen  bool // a person has, and it is there
	instead bool // it takes the place of such a one
	lost    atomic.Pointer[error]
}

// hear is told by the device.
func (f *fate) hear(e device.Event) {
	if e.Kind == device.EventLost {
		f.lost.Store(&e.Err)
	} else {
		f.lost.Store(nil)
	}
}

// gone reports whether another device is to take the place of this one. The default takes
// its own.
func (f *fate) gone() bool { return f.chosen && f.lost.Load() != nil }

// err says what is wrong; nil: nothing is.
func (f *fate) err() error {
	switch lost := f.lost.Load(); {
	case lost != nil:
		return *lost
	case f.instead:
		return ErrInstead
	}
	return nil
}

// openChosen opens a device, or where that is not there the system's default.
func openChosen[D any](cfg device.Config, open func(device.Config) (D, error)) (opened D, f *fate, err error) {
	f = &fate{chosen: cfg.ID != ""}
	cfg.Events = f.hear
	opened, err = open(cfg)
	if f.chosen && (errors.Is(err, voiceapp.NotFound) || errors.Is(err, voiceapp.Invalid)) {
		f.chosen, f.instead, cfg.ID = false, true, ""
		opened, err = open(cfg)
	}
	return opened, f, err
}

// opened, under mu, takes note of whether a chosen device was there: where it was not, it
// is looked for.
func (h *Hub) opened(f *fate) {
	switch {
	case f.chosen:
		h.pause = firstLook
	case f.instead && !h.looking && !h.closed:
		h.looking = true
		h.beside.Go(h.look)
	}
}

// look looks for the chosen devices until none is missing.
func (h *Hub) look() {
	for {
		h.mu.Lock()
		pause := max(h.pause, firstLook)
		h.mu.Unlock()
		select {
		case <-h.quit:
			return
		case <-time.After(pause):
		}
		all, _ := device.List() // without a sound system there are none
		if !h.takeBack(all) {
			return
		}
	}
}

// takeBack has the chosen devices that are there opened in place of the others; missing:
// some are not.
func (h *Hub) takeBack(all []device.Info) (missing bool) {
	h.mu.Lock()
	there := func(kind device.Kind, id string) bool {
		return id == "" || slices.ContainsFunc(all, func(d device.Info) bool { return d.Kind == kind && d.ID == id })
	}
	var old *chain
	var renew []*Port
	if h.chain != nil && h.chain.fate.instead {
		if there(device.KindCapture, h.cfg.Microphone) {
			old = h.drop()
		} else {
			missing = true
		}
	}
	for p := range h.ports {
		switch {
		case !p.isInstead():
		case there(device.KindPlayback, h.cfg.Loudspeaker):
			renew = append(renew, p)
		default:
			missing = true
		}
	}
	if old != nil || renew != nil {
		h.pause = min(2*max(h.pause, firstLook), lastLook)
	}
	h.looking = missing
	h.mu.Unlock()
	old.close()
	for _, p := range renew {
		p.renew()
	}
	return missing
}
