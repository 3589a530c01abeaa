package relay

import (
	"slices"
	"sync"
	"time"

	"github.com/voiceapp-sdk/voiceapp/voice/packet"
)

// How the floor is given. Levels are what speakers claim, so little depends on them:
// what is louder than any normalised voice counts as one, and to have talked weighs
// more than the whole range. Who claims the maximum all the time loses the floor
// within half a minute to anybody who claims less.
const (
	floorLoudest  = 25.0 // -dBov; what is louder counts as that
	floorQuietest = 40.0 // likewise
	floorWeight   = 1.5  // dB for each second of recent talk
	floorMargin   = 9.0  // dB by which a challenger has to be ahead

	floorRecent = 30 * time.Second       // the time constant of what is recent
	floorHold   = time.Second            // nobody loses it sooner
	floorSilent = 300 * time.Millisecond // without a frame it is free
)

// floor decides who is heard in a channel where no more than some are. The zero value
// is free. Its mutex is taken only where there is a limit.
type floor struct {
	mu     sync.Mutex
	voices []contender // who has spoken lately
}

// contender is one who wants to be heard.
type contender struct {
	session *session
	at      time.Duration // of the latest frame
	since   time.Duration // he has had the floor; meaningful while he has it, and until then:
	until   time.Duration // who speaks on before has had it all the time, whatever ended meanwhile
	talked  time.Duration // recently, with the floor
	level   float64       // in -dBov, smoothed
	has     bool
}

// verdicts of a floor.
type floorVerdict int

const (
	floorDenied floorVerdict = iota
	floorGiven
	floorLost // his last frame for now: it ends the spurt
)

// score is how much there is to say for a contender.
func (c *contender) score() float64 { return -c.level - floorWeight*c.talked.Seconds() }

// ask asks for the floor for one frame, where limit speakers may have it.
func (f *floor) ask(now time.Duration, s *session, a *packet.Audio, limit int) floorVerdict {
	f.mu.Lock()
	defer f.mu.Unlock()
	c, weakest, holders := f.look(now, s, a)
	if a.Flags&packet.FlagRedundant == 0 {
		c.speak(now, a.Level)
	}
	switch {
	case c.has:
		if c.has = a.Flags&packet.FlagEnd == 0; !c.has {
			c.until = now + floorSilent
		}
		if holders <= limit || c != weakest {
			return floorGiven
		}
		c.has, c.until = false, now
		return floorLost
	case a.Flags&(packet.FlagRedundant|packet.FlagEnd) != 0:
		return floorDenied
	case holders < limit:
	case holders > limit, weakest == nil, c.score() < weakest.score()+floorMargin:
		return floorDenied // one is on his way out already, or nobody has to go
	}
	if c.has = true; now >= c.until {
		c.since = now
	}
	return floorGiven
}

// look finds the contender that a session is, the weakest of those who have had the
// floor long enough to lose it, if any, and how many have it. It forgets who has long
// been silent.
func (f *floor) look(now time.Duration, s *session, a *packet.Audio) (c, weakest *contender, holders int) {
	f.voices = slices.DeleteFunc(f.voices, func(v contender) bool { return now-v.at >= floorRecent })
	at := slices.IndexFunc(f.voices, func(v contender) bool { return v.session == s })
	if at < 0 {
		at = len(f.voices)
		f.voices = append(f.voices, contender{session: s, at: now, level: loudness(a.Level)})
	}
	for i := range f.voices {
		v := &f.voices[i]
		v.has = v.has && now-v.at < floorSilent
		if !v.has {
			continue
		}
		holders++
		if now-v.since >= floorHold && (weakest == nil || v.score() < weakest.score()) {
			weakest = v
		}
	}
	return &f.voices[at], weakest, holders
}

// speak takes note of a frame.
func (c *contender) speak(now time.Duration, level uint8) {
	const smooth = 0.2
	passed := now - c.at
	c.at = now
	c.level += smooth * (loudness(level) - c.level)
	c.talked -= min(c.talked, time.Duration(float64(c.talked)*passed.Seconds()/floorRecent.Seconds()))
	if c.has {
		c.talked += min(passed, floorSilent)
	}
}

func loudness(level uint8) float64 {
	return min(max(float64(level), floorLoudest), floorQuietest)
}
