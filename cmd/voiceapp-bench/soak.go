package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
	controlload "github.com/voiceapp-sdk/voiceapp/control/load"
	"github.com/voiceapp-sdk/voiceapp/internal/cli"
	"github.com/voiceapp-sdk/voiceapp/voice/relay/load"
)

// soakLoad is the command soak.
type soakLoad struct {
	Duration time.Duration `name:"dur" help:"how long it lasts"`
	Every    time.Duration `name:"every" help:"how often people come and go and the server is looked at"`
	Users    int           `name:"users" help:"how many stay"`
	Speakers int           `name:"speakers" help:"how many of them speak"`
	Guests   int           `name:"guests" help:"how many come, speak and go each time"`
	Loops    int           `name:"loops" help:"how many sockets and loops the relay has"`
}

func defaultSoakLoad() *soakLoad {
	return &soakLoad{Duration: time.Hour, Every: 5 * time.Second, Users: 50, Speakers: 10, Guests: 5, Loops: 2}
}

// What counts as flat: slopes whose interval begins below these, for a minute.
const (
	flatMemory = 16 << 10 // bytes; a leak of one datagram for each guest is more
	flatCount  = 0.1
)

func (l *soakLoad) run(ctx context.Context, streams *cli.Streams) error {
	parts := int(l.Duration / max(l.Every, time.Second))
	if parts < 10 {
		return voiceapp.NewError(voiceapp.Invalid, "it has to last for ten looks at least")
	}
	users := defaultRelayLoad()
	users.Users, users.Loops = l.Users, l.Loops
	stop, err := users.startServer(ctx)
	if err != nil {
		return err
	}
	defer stop()
	status := cli.NewStatus(streams.Err)
	defer status.Done()
	crowd, err := users.connect(ctx, status)
	defer crowd.leave()
	if err != nil {
		return err
	}
	s := &soak{server: users.server, pid: users.PID, begun: time.Now()}
	result, err := load.Run(ctx, crowd.grants(), load.Config{
		Speakers: l.Speakers, Duration: l.Duration, Parts: parts, Seed: 1,
		Pause: func(uint64) error {
			status.Show(time.Now(), fmt.Sprintf("%v of %v", time.Since(s.begun).Round(time.Second), l.Duration))
			return s.look(ctx, l.Guests, users.Addr)
		},
	})
	if err != nil {
		return err
	}
	status.Done()
	memory, goroutines, descriptors := s.memory.slope(), s.goroutines.slope(), s.descriptors.slope()
	fmt.Fprintf(streams.Out, "minutes=%.1f looks=%d egress_pps=%.0f loss=%.5f memory_mib=%.1f memory_kib_per_minute=%v goroutines=%.0f goroutines_per_minute=%v descriptors=%.0f descriptors_per_minute=%v\n",
		time.Since(s.begun).Minutes(), len(s.memory.at), result.EgressRate(), result.Loss(), s.memory.last()/(1<<20), memory.scaled(1.0/1024),
		s.goroutines.last(), goroutines, s.descriptors.last(), descriptors)
	if memory.least() > flatMemory || goroutines.least() > flatCount || descriptors.least() > flatCount {
		return voiceapp.NewError(voiceapp.Internal, "the server grows")
	}
	if result.Loss() >= bearableLoss {
		return voiceapp.NewError(voiceapp.Internal, "the server loses frames")
	}
	return verdict(result)
}

// soak is what was seen of a server.
type soak struct {
	server                          *ownServer
	pid                             int
	begun                           time.Time
	memory, goroutines, descriptors trend
}

// look lets guests pass, and takes down what the server has in use.
func (s *soak) look(ctx context.Context, guests int, addr string) error {
	if err := letPass(ctx, guests, addr); err != nil {
		return err
	}
	memory, err := controlload.ProcessMemory(s.pid)
	if err != nil {
		return err
	}
	open, err := os.ReadDir("/proc/" + strconv.Itoa(s.pid) + "/fd")
	if err != nil {
		return voiceapp.WrapError(voiceapp.Unavailable, "the server's descriptors can't be counted", err)
	}
	goroutines, err := s.server.goroutines()
	if err != nil {
		return err
	}
	now := time.Since(s.begun).Minutes()
	s.memory.add(now, float64(memory))
	s.descriptors.add(now, float64(len(open)))
	s.goroutines.add(now, float64(goroutines))
	return nil
}

// letPass lets guests come, all speak in a room of their own, and go.
func letPass(ctx context.Context, guests int, addr string) error {
	if guests == 0 {
		return nil
	}
	passing := defaultRelayLoad()
	passing.Addr, passing.Users, passing.group = addr, guests, "guest"
	passing.Channel = roomName(passing.Channel, 1)
	crowd, err := passing.connect(ctx, cli.NewStatus(nil))
	defer crowd.leave()
	if err != nil {
		return err
	}
	result, err := load.Run(ctx, crowd.grants(), load.Config{Speakers: guests, Duration: 100 * time.Millisecond})
	return errors.Join(err, verdict(result))
}

// goroutines asks our own server how many it has.
func (s *ownServer) goroutines() (int, error) {
	if _, err := fmt.Fprintln(s.in); err != nil {
		return 0, err
	}
	line, err := s.out.ReadString('\n')
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(strings.TrimSpace(line))
}

// trend is a quantity at times, in minutes.
type trend struct{ at, value []float64 }

func (t *trend) add(at, value float64) {
	t.at, t.value = append(t.at, at), append(t.value, value)
}

func (t *trend) last() float64 { return t.value[len(t.value)-1] }

// slope is the line of least squares through all but the first quarter, in which a
// server takes what it needs.
func (t *trend) slope() slope {
	at, value := t.at[len(t.at)/4:], t.value[len(t.at)/4:]
	n := float64(len(at))
	var meanAt, meanValue float64
	for i := range at {
		meanAt += at[i] / n
		meanValue += value[i] / n
	}
	var square, product, rest float64
	for i := range at {
		square += (at[i] - meanAt) * (at[i] - meanAt)
		product += (at[i] - meanAt) * (value[i] - meanValue)
	}
	s := slope{each: product / square}
	for i := range at {
		d := value[i] - meanValue - s.each*(at[i]-meanAt)
		rest += d * d
	}
	s.error = 2 * math.Sqrt(rest/(n-2)/square) // 95 %, for a few dozen and more
	return s
}

// slope is a growth for each minute, with the half of its 95 % confidence interval.
type slope struct{ each, error float64 }

func (s slope) scaled(by float64) slope { return slope{s.each * by, s.error * by} }
func (s slope) least() float64          { return s.each - s.error }
func (s slope) String() string          { return fmt.Sprintf("%.2f±%.2f", s.each, s.error) }
