// Package device is microphones and loudspeakers, over miniaudio: PulseAudio, ALSA,
// WASAPI, Core Audio and others.
//
//	microphone, err := device.OpenCapture(device.Config{})
//	if err != nil {
//		return err
//	}
//	defer microphone.Close()
//	loudspeaker, err := device.OpenPlayback(device.Config{})
//	...
//	session, err := voice.Join(ctx, client, voice.Config{Source: microphone, Sink: loudspeaker, ...})
//
// A [Capture] is a voice.Source and a [Playback] a voice.Sink; both keep time by the
// device's clock. Sound is 32-bit float at 48 kHz. A device is opened at the rate that it
// has, and package dsp converts (line.go). Only when the system moves a stream to a
// default device of another rate does the system convert.
//
// # When a device goes away
//
// A device may be unplugged, and an audio server may die, without a word to those who
// use it, and calls to it may never return. So each stream has a goroutine that
// watches for callbacks (stream.go): when none came for a second the device is given
// up and another opened, again and again until one is there. Meanwhile a Capture has
// nothing to say and a Playback swallows what it gets, both in real time, so that a
// talk goes on. [Config.Events] is told. A call to the system that does not return
// keeps a thread; nothing of ours waits for it, and as long as one hangs there are no
// others (gate.go).
//
// A stream without a device of its own follows the system's default.
//
// # The callback
//
// The callback of a device stays in C (callback.c): it moves a period between the device
// and a ring, and neither waits, nor allocates, nor calls Go. So a garbage collection is
// never heard, and a client that is silent does not wake up Go's scheduler hundreds of
// times a second. Who reads or writes foretells when the device will have called (pace.go),
// and looks then.
//
// # Delay
//
// A period is what a device takes or gives at once, 10 ms by default. A sample from a
// microphone waits until its period is full and until that is looked at, within an eighth
// of a period. A sample for a loudspeaker waits for at most
// a period in the ring between the writer and the device (ring.go), one more after each
// time that it ran dry, and then in the device's own buffer, of [Config.Periods]. A device
// of another rate than 48 kHz adds 2 ms, of 16 kHz 6.
//
// # Building
//
// It needs cgo and a C compiler, and no library: those of the system are loaded when the
// program runs. In a build without cgo everything returns [voiceapp.Unavailable].
package device
