//go:build cgo

package device

// #include "callback.h"
import "C"

import (
	"encoding/hex"
	"fmt"
	"reflect"
	"runtime"
	"runtime/cgo"
	"time"
	"unsafe"

	"github.com/gen2brain/malgo"

	"github.com/voiceapp-sdk/voiceapp"
)

// lists is for the calls of List.
var lists gate

// List returns the devices of the system, those that capture first. The error is
// [voiceapp.Unavailable].
func List() ([]Info, error) {
	if system.stuck() || lists.stuck() {
		return nil, errStuck
	}
	type result struct {
		list []Info
		err  error
	}
	listed := make(chan result, 1)
	go lists.pass(func() {
		list, err := list()
		listed <- result{list, err}
	})
	select {
	case r := <-listed:
		return r.list, r.err
	case <-time.After(openTime):
		return nil, errStuck
	}
}

func list() (all []Info, err error) {
	system, err := openSystem()
	if err != nil {
		return nil, err
	}
	defer closeSystem(system)
	for _, k := range []struct {
		kind Kind
		typ  malgo.DeviceType
	}{{KindCapture, malgo.Capture}, {KindPlayback, malgo.Playback}} {
		devices, err := system.Devices(k.typ)
		if err != nil {
			return nil, voiceapp.WrapError(voiceapp.Unavailable, "the sound devices can't be listed", err).With(NoSystem)
		}
		for _, d := range devices {
			all = append(all, Info{ID: d.ID.String(), Name: d.Name(), Kind: k.kind, Default: d.IsDefault != 0})
		}
	}
	return all, nil
}

func openSystem() (opened *malgo.AllocatedContext, err error) {
	system.pass(func() { opened, err = malgo.InitContext(nil, malgo.ContextConfig{}, nil) })
	if err != nil {
		return nil, voiceapp.WrapError(voiceapp.Unavailable, "there is no sound system", err).With(NoSystem)
	}
	return opened, nil
}

func closeSystem(system *malgo.AllocatedContext) {
	_ = system.Uninit() // nothing can be done about it
	system.Free()
}

// opened is an open device with the system that it is of, and the ring at its other end.
type opened struct {
	system *malgo.AllocatedContext
	device *malgo.Device
	pinned runtime.Pinner // the ring, which the device's callback uses
	handle cgo.Handle     // of that ring; 0: the callback is in Go
}

// close stops the device first: Uninit alone waits for ever for the callbacks of one
// that is gone.
func (o *opened) close() {
	_ = o.device.Stop() // a device that is gone can't be, and that is all that was wanted
	o.device.Uninit()
	o.pinned.Unpin()
	if o.handle != 0 {
		o.handle.Delete()
	}
	closeSystem(o.system)
}

// floats is what a callback is given, as samples.
func floats(b []byte) []float32 {
	if len(b) < 4 {
		return nil
	}
	return unsafe.Slice((*float32)(unsafe.Pointer(unsafe.SliceData(b))), len(b)/4)
}

// openDevice opens a device at its own rate and starts it. connect gives the ring for what
// is captured, or for what is to be played.
func openDevice(cfg Config, kind Kind, connect func(rate int) (*ring, error)) (handle, error) {
	var r *ring // set before the device is started
	typ, data := malgo.Capture, func(_, in []byte, _ uint32) { r.captured(floats(in)) }
	if kind == KindPlayback {
		typ, data = malgo.Playback, func(out, _ []byte, _ uint32) { r.played(floats(out)) }
	}
	system, err := openSystem()
	if err != nil {
		return nil, err
	}
	device, err := initDevice(system, cfg, typ, data)
	if err != nil {
		closeSystem(system)
		return nil, err
	}
	o := &opened{system: system, device: device}
	if r, err = connect(int(device.SampleRate())); err != nil {
		o.close()
		return nil, err
	}
	o.attach(r, kind)
	if err := device.Start(); err != nil {
		o.close()
		return nil, voiceapp.WrapError(voiceapp.Unavailable, "the sound device can't be started", err).With(NotStarted)
	}
	return o, nil
}

// ringHead is laid out as C sees it: neither of these may be negative.
const (
	_ = uint(unsafe.Offsetof(ringHead{}.first) - C.offsetof_samples)
	_ = uint(C.offsetof_samples - unsafe.Offsetof(ringHead{}.first))
)

// attach has the device's callback stay in C, where malgo's device is what we know it to
// be. Otherwise malgo calls Go, which does the same.
func (o *opened) attach(r *ring, kind Kind) {
	held := reflect.ValueOf(o.device).Elem().FieldByName("ptr")
	if !held.IsValid() || held.Kind() != reflect.Pointer || held.IsNil() {
		return
	}
	device := *(*unsafe.Pointer)(held.UnsafePointer())
	o.pinned.Pin(r.ringHead)
	o.pinned.Pin(r.first)
	playback := C.int(0)
	if kind == KindPlayback {
		playback = 1
	}
	o.handle = cgo.NewHandle(r)
	ring := (*C.struct_voiceapp_ring)(unsafe.Pointer(r.ringHead))
	if C.voiceapp_attach(device, ring, C.uint64_t(o.handle), playback) == 0 {
		o.handle.Delete()
		o.handle = 0
	}
}

//export voiceappHeard
func voiceappHeard(handle C.uint64_t) { cgo.Handle(handle).Value().(*ring).wake() }

func initDevice(system *malgo.AllocatedContext, cfg Config, typ malgo.DeviceType, data malgo.DataProc) (*malgo.Device, error) {
	c := malgo.DefaultDeviceConfig(typ)
	c.SampleRate = 0 // the device's own
	c.PeriodSizeInMilliseconds = uint32(cfg.Period.Milliseconds())
	c.Periods = uint32(cfg.Periods)
	c.PerformanceProfile = malgo.LowLatency
	c.NotificationCallback, c.PUserData = (*[0]byte)(C.voiceapp_notification()), (*byte)(C.voiceapp_mark())
	c.Pulse.StreamNameCapture, c.Pulse.StreamNamePlayback = cfg.Name, cfg.Name
	sub := &c.Capture
	if typ == malgo.Playback {
		sub = &c.Playback
	}
	sub.Format, sub.Channels = malgo.FormatF32, uint32(cfg.Channels)
	if cfg.ID != "" {
		id, err := parseID(cfg.ID)
		if err != nil {
			return nil, err
		}
		var pinned runtime.Pinner
		pinned.Pin(id)
		defer pinned.Unpin()
		sub.DeviceID = unsafe.Pointer(id)
	}
	device, err := malgo.InitDevice(system.Context, c, malgo.DeviceCallbacks{Data: data})
	if err != nil && cfg.ID != "" {
		return nil, voiceapp.WrapError(voiceapp.NotFound, "the sound device that was chosen is not there", err).With(NotThere)
	}
	if err != nil {
		return nil, voiceapp.WrapError(voiceapp.Unavailable, "there is no sound device", err).With(NoDevice)
	}
	return device, nil
}

// parseID reads what Info.ID is.
func parseID(text string) (*malgo.DeviceID, error) {
	b, err := hex.DecodeString(text)
	id := new(malgo.DeviceID)
	if err != nil || len(b) > len(id) {
		return nil, voiceapp.NewError(voiceapp.Invalid, fmt.Sprintf("device: %.40q is no device's id", text))
	}
	copy(id[:], b)
	return id, nil
}
