package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/control"
	"github.com/voiceapp-sdk/voiceapp/internal/cli"
	"github.com/voiceapp-sdk/voiceapp/voice/relay/load"
)

// relayLoad is the command relay.
type relayLoad struct {
	Addr      string        `name:"addr" value:"HOST:PORT" help:"the server; without it, one of our own is started"`
	PID       int           `name:"pid" value:"PID" help:"the server's process, for its CPU time"`
	Channel   string        `name:"channel" value:"PATH" help:"where the users meet"`
	Users     int           `name:"users" help:"how many are connected"`
	Speakers  int           `name:"speakers" help:"how many of them speak"`
	Duration  time.Duration `name:"dur" help:"how long they speak"`
	Frame     time.Duration `name:"frame" help:"length of a frame"`
	Size      int           `name:"size" value:"BYTES" help:"payload of a frame"`
	Seed      int           `name:"seed" help:"of the speakers' phases, which are uniformly random"`
	Aligned   bool          `name:"aligned" help:"let all speak at the same instants instead"`
	Rooms     int           `name:"rooms" help:"spread users and speakers over so many channels: PATH, PATH 2, PATH 3 ..."`
	Storm     int           `name:"storm" value:"USERS" help:"beside them so many more users who all speak in a channel of their own; the figures are of the others, storm_... those of these"`
	Loops     int           `name:"loops" help:"of our own server: how many sockets and loops the relay has"`
	MaxWait   time.Duration `name:"max-wait" help:"of our own server: how long at most a frame waits for others of its channel; 0: 5ms, negative: it never does"`
	Flood     int           `name:"flood" value:"PPS" help:"beside them so many bad datagrams a second: random, spoofed, replayed, oversized"`
	Max       bool          `name:"max" help:"with ever more speakers, from --speakers on, find the most that are heard with less than 0.1 % of loss, and within --max-p99, to a tenth"`
	Compare   bool          `name:"compare" help:"in turn with a bare loop of sendmmsg to as many, without encryption: adds its cost for each datagram, and the ratio, as median of five"`
	Apart     bool          `name:"apart" help:"give the server, and the bare loop, a CPU that the load keeps off: latencies are then the server's alone (Linux, two CPUs)"`
	MaxRatio  int           `name:"max-ratio" value:"PERCENT" help:"fail when, compared, a delivered frame costs more than that of a datagram of the bare loop; 0: no limit"`
	MaxRounds int           `name:"max-rounds" value:"PERCENT" help:"fail when, compared, the 99th percentile of the latency is longer than the bare loop takes to send to all once; 0: no limit"`
	MaxLoss   int           `name:"max-loss" value:"PERMILLE" help:"fail when more frames are lost; negative: no limit"`
	MaxP99    time.Duration `name:"max-p99" help:"fail when the 99th percentile of the latency is above; 0: no limit"`
	Plot      string        `name:"plot" value:"FILE.png" help:"draw how the latencies are spread, from 10 us to 1 s"`

	group  string     // how the users' names begin
	server *ownServer // nil: not our own
}

// ownServer talks to our own server's process.
type ownServer struct {
	in  io.Writer
	out *bufio.Reader
}

func defaultRelayLoad() *relayLoad {
	return &relayLoad{Channel: "Lobby", Users: 50, Speakers: 4, Duration: 10 * time.Second, Frame: 20 * time.Millisecond, Size: 100, Seed: 1, Rooms: 1, Loops: 1, MaxLoss: -1, group: "load"}
}

func (l *relayLoad) run(ctx context.Context, streams *cli.Streams) error {
	if l.Users < 1 || l.Seed < 0 || l.Rooms < 1 || l.Storm < 0 {
		return voiceapp.NewError(voiceapp.Invalid, "at least one user and one room, and no negative seed or storm")
	}
	if l.MaxRatio+l.MaxRounds > 0 && !l.Compare {
		return voiceapp.NewError(voiceapp.Invalid, "--max-ratio and --max-rounds need --compare: there is nothing to compare with")
	}
	if l.Addr == "" {
		stop, err := l.startServer(ctx)
		if err != nil {
			return err
		}
		defer stop()
	}
	if l.Max {
		return l.climb(ctx, streams)
	}
	_, err := l.once(ctx, streams)
	return err
}

// once connects the users, lets them speak, and prints the line.
func (l *relayLoad) once(ctx context.Context, streams *cli.Streams) (load.Result, error) {
	began, idle := time.Now(), processMemory(strconv.Itoa(l.PID))
	crowd, err := l.connect(ctx, cli.NewStatus(streams.Err))
	defer crowd.leave()
	if err != nil {
		return load.Result{}, err
	}
	connected := time.Since(began)
	account, err := l.account()
	if err != nil {
		return load.Result{}, err
	}
	defer account.close()
	result, err := load.Run(ctx, crowd.grants(), load.Config{
		Speakers: l.Speakers, Duration: l.Duration, FrameDuration: l.Frame, PayloadSize: l.Size, Aligned: l.Aligned, Seed: uint64(l.Seed),
		Rooms: l.Rooms, Storm: l.Storm, Flood: l.Flood, Parts: account.parts(), Pause: account.pause,
	})
	if err != nil {
		return load.Result{}, err
	}
	fmt.Fprintln(streams.Out, figures(result, connected, account.total())+l.beside(result, idle)+account.comparison(result.P99))
	if result.Behind > result.P50 {
		fmt.Fprintf(streams.Err, "The load lacks CPU: it sent its own frames up to %v late, so latencies are not the server's alone.\n", result.Behind)
	}
	return result, errors.Join(verdict(result), l.limits(result, account), l.plot(result))
}

// limits is an error when a figure is above what was asked for.
func (l *relayLoad) limits(r load.Result, a *account) (err error) {
	if ratio := a.ratio(); l.MaxRatio > 0 && 100*ratio > float64(l.MaxRatio) {
		err = voiceapp.NewError(voiceapp.Unavailable, fmt.Sprintf("a frame costs %.3f of a datagram of the bare loop, more than %d %%", ratio, l.MaxRatio))
	}
	if rounds := a.roundsOf(r.P99); l.MaxRounds > 0 && 100*rounds > float64(l.MaxRounds) {
		err = errors.Join(err, voiceapp.NewError(voiceapp.Unavailable, fmt.Sprintf("the 99th percentile is %.2f rounds of the bare loop, more than %d %%", rounds, l.MaxRounds)))
	}
	if l.MaxLoss >= 0 && 1000*(r.Expected-r.Received) > uint64(l.MaxLoss)*r.Expected {
		err = errors.Join(err, voiceapp.NewError(voiceapp.Unavailable, fmt.Sprintf("%.3f %% of the frames are lost, more than %.1f %%", 100*r.Loss(), float64(l.MaxLoss)/10)))
	}
	if l.MaxP99 > 0 && r.P99 > l.MaxP99 {
		err = errors.Join(err, voiceapp.NewError(voiceapp.Unavailable, fmt.Sprintf("the 99th percentile is %v, more than %v", r.P99, l.MaxP99)))
	}
	return err
}

func (l *relayLoad) plot(r load.Result) error {
	if l.Plot == "" {
		return nil
	}
	file, err := os.Create(l.Plot)
	if err != nil {
		return voiceapp.WrapError(voiceapp.Unavailable, "the plot can't be written", err)
	}
	return errors.Join(r.Plot(file), file.Close())
}

// figures is the line that DESIGN.md fixes. Without a server's process its CPU
// figures are "-".
func figures(r load.Result, connect, cpu time.Duration) string {
	used, each := "-", "-"
	if cpu > 0 {
		used = fmt.Sprintf("%.3f", cpu.Seconds()/r.Speaking.Seconds())
		each = fmt.Sprintf("%.3f", float64(cpu.Nanoseconds())/1000/float64(max(r.Received+r.Storm.Received, 1)))
	}
	return fmt.Sprintf("users=%d speakers=%d connect_s=%.2f sent_pps=%.0f egress_pps=%.0f loss=%.5f p50_us=%d p99_us=%d p999_us=%d server_cpu=%s cpu_us_per_egress=%s",
		r.Users, r.Speakers, connect.Seconds(), r.SentRate(), r.EgressRate(), r.Loss(),
		r.P50.Microseconds(), r.P99.Microseconds(), r.P999.Microseconds(), used, each)
}

// beside is what follows: by how much the server's memory has grown for each session
// since it had none of them, where its process is known, how the storm fared, and what
// the flood has sent.
func (l *relayLoad) beside(r load.Result, idle int) (more string) {
	if idle > 0 {
		more = fmt.Sprintf(" rss_kib_per_session=%.1f", float64(processMemory(strconv.Itoa(l.PID))-idle)/float64(l.Users+l.Storm))
	}
	if l.Storm > 0 {
		more += fmt.Sprintf(" storm_egress_pps=%.0f storm_loss=%.5f storm_p99_us=%d",
			float64(r.Storm.Received)/r.Speaking.Seconds(), r.Storm.Loss(), r.Storm.P99.Microseconds())
	}
	if l.Flood > 0 {
		more += fmt.Sprintf(" flood_pps=%.0f", r.FloodRate())
	}
	return more
}

// verdict is an error when the relay delivered what nobody sent.
func verdict(r load.Result) error {
	if r.Duplicates+r.Corrupt+r.Refused > 0 {
		return voiceapp.NewError(voiceapp.Internal, fmt.Sprintf("the relay is at fault: %d frames came twice, %d were changed, %d datagrams were not authentic", r.Duplicates, r.Corrupt, r.Refused))
	}
	return nil
}

// crowd is the control connections of all users.
type crowd []*control.Client

// connect logs all users in as guests and lets them join the channel.
func (l *relayLoad) connect(ctx context.Context, status *cli.Status) (users crowd, err error) {
	defer status.Done()
	trust := func(string, voiceapp.Fingerprint) error { return nil } // nothing is told to it that matters
	for i := range l.Users + l.Storm {
		status.Show(time.Now(), fmt.Sprintf("connecting %d of %d users", i+1, l.Users+l.Storm))
		client, err := control.Dial(ctx, l.Addr, control.ClientConfig{Name: fmt.Sprintf("%s %d", l.group, i+1), Trust: trust})
		if err != nil {
			return users, err
		}
		users = append(users, client)
		room := i % l.Rooms
		if i >= l.Users {
			room = l.Rooms // the storm's
		}
		if _, err := client.JoinPath(ctx, roomName(l.Channel, room)); err != nil {
			return users, err
		}
	}
	return users, nil
}

func (c crowd) grants() []voiceapp.Grant {
	grants := make([]voiceapp.Grant, len(c))
	for i, client := range c {
		grants[i], _ = client.VoiceGrant()
	}
	return grants
}

func (c crowd) leave() {
	for _, client := range c {
		_ = client.Close() // its only error is that it was closed before
	}
}

// startServer starts this program's serve in another process, so that the
// operating system counts its CPU time by itself.
func (l *relayLoad) startServer(ctx context.Context) (stop func(), err error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, self, "serve", "--rooms", strconv.Itoa(l.Rooms+1), "--loops", strconv.Itoa(l.Loops), "--max-wait", l.MaxWait.String())
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	stop = func() {
		_ = in.Close() // ends it
		_ = cmd.Wait() // its own words went to standard error
		l.Addr = ""    // there is no server any more
	}
	l.server = &ownServer{in: in, out: bufio.NewReader(out)}
	line, err := l.server.out.ReadString('\n')
	if err != nil {
		stop()
		return nil, errors.Join(err, io.ErrUnexpectedEOF)
	}
	l.Addr, l.PID = strings.TrimSpace(line), cmd.Process.Pid
	return stop, nil
}
