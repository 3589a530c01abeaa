package load

import (
	"context"
	"math/rand/v2"
	"runtime"
	"slices"
	"time"

	"github.com/voiceapp-sdk/voiceapp/voice/packet"
)

// turnOf is when in a frame's time a speaker sends.
type turnOf struct {
	phase   time.Duration
	speaker *user
}

// turns gives the speakers in the order of their phases.
func turns(users []*user, c Config) []turnOf {
	random := rand.New(rand.NewPCG(c.Seed, 0))
	var all []turnOf
	for _, u := range users {
		if !u.speaks {
			continue
		}
		turn := turnOf{speaker: u}
		if !c.Aligned {
			turn.phase = time.Duration(random.Int64N(int64(c.FrameDuration)))
		}
		all = append(all, turn)
	}
	slices.SortFunc(all, func(a, b turnOf) int { return int(a.phase - b.phase) })
	return all
}

// speakInParts lets the speakers speak, with pauses.
func (g *group) speakInParts(ctx context.Context, c Config) error {
	if err := c.Pause(0); err != nil {
		return err
	}
	if err := g.startFlood(c.Flood); err != nil {
		return err
	}
	order := turns(g.users, c)
	for part := range c.Parts {
		before := g.received()
		if err := g.speak(ctx, c, order, uint32(part*c.frames())); err != nil {
			return err
		}
		if err := g.await(ctx); err != nil {
			return err
		}
		if err := c.Pause(g.received() - before); err != nil {
			return err
		}
	}
	return nil
}

// speak sends the frames of a part, each at its time.
func (g *group) speak(ctx context.Context, c Config, order []turnOf, first uint32) error {
	runtime.LockOSThread() // the thread's sleep is finer than the runtime's timers
	defer runtime.UnlockOSThread()
	payload, buf := make([]byte, c.PayloadSize), make([]byte, packet.MaxSize)
	begin := time.Since(g.start) + c.FrameDuration
	for i := range uint32(c.frames()) {
		number := first + i
		for _, turn := range order {
			due := begin + time.Duration(i)*c.FrameDuration + turn.phase
			if err := g.sleepUntil(ctx, due); err != nil {
				return err
			}
			sent := time.Since(g.start)
			writeStamp(payload, sent, number, turn.speaker.session)
			g.reader.speaks()
			if err := turn.speaker.say(c, number, payload, buf); err != nil {
				return err
			}
			turn.speaker.crowd.sent++
			turn.speaker.crowd.due += uint64(g.rooms[turn.speaker.room] - 1)
			g.behind.add(sent - due)
		}
	}
	return nil
}

// sleepUntil sleeps in pieces, so that the end of ctx is noticed. A longer one would have
// Go's runtime look after all threads each 0.1 ms for a while, on any CPU: after 10 ms in
// a system call it takes what a thread has from it.
func (g *group) sleepUntil(ctx context.Context, due time.Duration) error {
	const piece = 5 * time.Millisecond
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		left := due - time.Since(g.start)
		if left <= 0 {
			return nil
		}
		sleep(min(left, piece))
	}
}

// say sends one frame. buf is scratch. A frame that the kernel does not take was
// sent all the same: nobody hears it, so it is lost.
func (u *user) say(c Config, number uint32, payload, buf []byte) error {
	audio := packet.Audio{
		Sequence:  uint16(number),
		MediaTime: number * uint32(c.FrameDuration*48/time.Millisecond),
		Level:     30,
		Payload:   payload,
	}
	frames := audio.AppendTo(buf[packet.HeaderSize:packet.HeaderSize])
	datagram, err := u.sealer.Seal(buf[:0], frames)
	if err != nil {
		return err
	}
	u.socket.write(datagram)
	return nil
}
