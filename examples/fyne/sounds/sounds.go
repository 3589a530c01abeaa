// Package sounds makes the short sounds by which a client tells what happens: who comes and goes, a
// message, that one is muted. They are computed, so there are no files and no licences.
package sounds

import "math"

// Rate is samples a second of every sound.
const Rate = 48000

// peak is -12 dBFS: well below speech at its loudest.
const peak = 0.251 * math.MaxInt16

// attack is how long a note takes to be at its loudest, in seconds: long enough not to click.
const attack = 0.005

// note is a tone of a frequency in Hz that lasts for some milliseconds.
type note struct{ hz, ms float64 }

// scores are the sounds. What begins goes up, and what ends goes down.
var scores = map[string][]note{
	"join":      {{523.25, 90}, {783.99, 140}},
	"leave":     {{783.99, 90}, {523.25, 140}},
	"message":   {{1046.5, 60}, {1318.51, 110}},
	"mute":      {{440, 70}, {293.66, 110}},
	"unmute":    {{293.66, 70}, {440, 110}},
	"connected": {{523.25, 70}, {659.26, 70}, {783.99, 140}},
	"lost":      {{392, 80}, {311.13, 80}, {261.63, 130}},
}

// Named returns a sound, mono, at [Rate], shorter than 300 ms: "join" and "leave" of another person,
// "message", "mute" and "unmute" of oneself, "connected" and "lost". It is nil for any other
// name. The slice is the caller's.
func Named(name string) []int16 {
	var sound []int16
	for _, n := range scores[name] {
		sound = n.appendTo(sound)
	}
	return sound
}

// sides are what a loudspeaker is tried with: the left one, and then the right.
var sides = [...]note{{523.25, 500}, {783.99, 700}}

// Sides returns the sound that a loudspeaker is tried with, interleaved stereo, at [Rate]:
// a note on the left, and a higher one on the right after it, 1.2 s together. The slice is
// the caller's.
func Sides() []int16 {
	var sound []int16
	for side, n := range sides {
		for _, x := range n.appendTo(nil) {
			var both [len(sides)]int16
			both[side] = x
			sound = append(sound, both[:]...)
		}
	}
	return sound
}

// appendTo adds a sine with a softer octave, which swells for a moment and then fades to nothing.
func (n note) appendTo(b []int16) []int16 {
	const octave = 0.25
	length := int(n.ms * Rate / 1000)
	for i := range length {
		t := float64(i) / Rate
		phase := 2 * math.Pi * n.hz * t
		wave := (math.Sin(phase) + octave*math.Sin(2*phase)) / (1 + octave)
		b = append(b, int16(peak*wave*envelope(t, n.ms/1000)))
	}
	return b
}

// envelope is between 0 and 1, and 0 at both ends.
func envelope(t, length float64) float64 {
	if t < attack {
		return (1 - math.Cos(math.Pi*t/attack)) / 2
	}
	return (1 + math.Cos(math.Pi*(t-attack)/(length-attack))) / 2
}
