//go:build desktop

package main

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/bookmarks"
	"github.com/voiceapp-sdk/voiceapp/examples/exampletest"
	"github.com/voiceapp-sdk/voiceapp/examples/fyne/settings"
	"github.com/voiceapp-sdk/voiceapp/voice/audiofile"
	"github.com/voiceapp-sdk/voiceapp/voice/device"
	"github.com/voiceapp-sdk/voiceapp/voice/device/devicetest"
	"github.com/voiceapp-sdk/voiceapp/voice/device/latencytest"
)

const speech = "../../testdata/speech/speech.wav"

// alike is the least similarity of speech that went through the client.
const alike = 0.9

// bin is a program that was built before: make test-desktop does.
func bin(t *testing.T, name string) string {
	t.Helper()
	path, err := filepath.Abs(filepath.Join("../../bin", name))
	if err == nil {
		_, err = os.Stat(path)
	}
	if err != nil {
		t.Fatalf("make test-desktop builds what is needed: %v", err)
	}
	return path
}

// server is a real one, with its data in a folder.
type server struct {
	t    *testing.T
	data string
	addr string
	key  voiceapp.Fingerprint
	cmd  *exec.Cmd
}

func newServer(t *testing.T) *server {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &server{t: t, data: t.TempDir(), addr: l.Addr().String()}
	l.Close()
	s.start()
	t.Cleanup(s.kill)
	return s
}

func (s *server) start() {
	s.t.Helper()
	s.cmd = exec.Command(bin(s.t, "voiceapp-server"), "--data", s.data, "--listen", s.addr, "--admin", "off")
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		s.t.Fatal(err)
	}
	if err := s.cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		s.t.Fatal(err)
	}
	for word := range strings.FieldsSeq(line) {
		if value, ok := strings.CutPrefix(word, "fingerprint="); ok {
			if s.key, err = voiceapp.ParseFingerprint(value); err != nil {
				s.t.Fatal(err)
			}
		}
	}
}

// kill ends it without a word.
func (s *server) kill() {
	_ = s.cmd.Process.Kill() // it may have ended
	_ = s.cmd.Wait()
}

// other runs the headless client there; it ends with the test.
func (s *server) other(command string, args ...string) *exec.Cmd {
	s.t.Helper()
	return s.begin("", command, args...)
}

// writes has somebody write lines into the Lobby.
func (s *server) writes(name string, lines ...string) {
	s.t.Helper()
	cmd := s.begin(strings.Join(lines, "\n")+"\n", "chat", "--user", name)
	if err := cmd.Wait(); err != nil {
		s.t.Error(err)
	}
}

// begin starts the headless client with an input.
func (s *server) begin(input, command string, args ...string) *exec.Cmd {
	s.t.Helper()
	args = append([]string{command, "--server", s.addr, "--fingerprint", s.key.String()}, args...)
	cmd := exec.Command(bin(s.t, "voiceapp"), args...)
	cmd.Stdin = strings.NewReader(input)
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() {
		_ = cmd.Process.Kill() // it may have ended
		_ = cmd.Wait()
		if s.t.Failed() {
			s.t.Logf("voiceapp %v: %s", args, said.String())
		}
	})
	return cmd
}

// client is the desktop client in a home of its own.
type client struct {
	t       *testing.T
	display *display
	config  string
	cmd     *exec.Cmd
	started time.Time
	log     bytes.Buffer
}

// newClient makes the home; change changes its settings.
func newClient(t *testing.T, d *display, s *server, change func(*settings.Settings)) *client {
	home := t.TempDir()
	c := &client{t: t, display: d, config: filepath.Join(home, ".config", "voiceapp")}
	for name, value := range map[string]string{"HOME": home, "XDG_CONFIG_HOME": filepath.Join(home, ".config"), "XDG_DATA_HOME": filepath.Join(home, ".local"), "XDG_CACHE_HOME": filepath.Join(home, ".cache")} {
		t.Setenv(name, value)
	}
	if err := os.MkdirAll(filepath.Join(home, ".cache"), 0o700); err != nil {
		t.Fatal(err)
	}
	kept, err := settings.Open(filepath.Join(c.config, "desktop.toml"))
	if err != nil {
		t.Fatal(err)
	}
	if err := kept.Change(func(one *settings.Settings) {
		one.Voice.Microphone, one.Voice.Mode, one.Tell.Sounds = "", settings.ModeContinuous, false
		one.Voice.Gain, one.Voice.Noise, one.Voice.Echo = false, false, false // what is compared is to stay as it is
		change(one)
	}); err != nil {
		t.Fatal(err)
	}
	book, err := bookmarks.Open(filepath.Join(c.config, "bookmarks.toml"))
	if err != nil {
		t.Fatal(err)
	}
	host, port, err := net.SplitHostPort(s.addr)
	if err != nil {
		t.Fatal(err)
	}
	number, err := strconv.Atoi(port)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := book.Add(bookmarks.Bookmark{Label: "Home", Address: host, Port: number, User: "Anna", Channel: "Lobby", Fingerprint: s.key}); err != nil {
		t.Fatal(err)
	}
	return c
}

// launch starts the program.
func (c *client) launch() {
	c.t.Helper()
	c.cmd = exec.Command(bin(c.t, "voiceapp-desktop"))
	c.cmd.Stderr = &c.log
	c.started = time.Now()
	if err := c.cmd.Start(); err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(func() {
		c.end()
		if c.t.Failed() {
			c.t.Logf("voiceapp-desktop: %s", c.log.String())
		}
	})
}

// end ends it without a word.
func (c *client) end() {
	_ = c.cmd.Process.Kill() // it may have ended
	_ = c.cmd.Wait()
}

// start opens the window, and returns how long that took until it was drawn.
func (c *client) start() time.Duration {
	c.t.Helper()
	c.launch()
	until(c.t, "the window is drawn", c.display.painted)
	took := time.Since(c.started)
	until(c.t, "the client answers", func() bool { return c.status() != "" })
	return took
}

// tell runs the client's command line.
func (c *client) tell(args ...string) {
	c.t.Helper()
	out, err := exec.Command(bin(c.t, "voiceapp-desktop"), args...).CombinedOutput()
	if err != nil {
		c.t.Fatalf("voiceapp-desktop %v: %v, %s", args, err, out)
	}
}

// status is what it says of itself; "": it does not answer.
func (c *client) status() string {
	out, err := exec.Command(bin(c.t, "voiceapp-desktop"), "status").Output()
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(out))
}

func (c *client) says(text string) func() bool {
	return func() bool { return strings.Contains(c.status(), text) }
}

// play speaks into the virtual microphone.
func play(t *testing.T) {
	t.Helper()
	if out, err := exec.Command("paplay", "--device=vmic", "--latency-msec=20", speech).CombinedOutput(); err != nil {
		t.Fatalf("paplay: %v, %s", err, out)
	}
}

// tape records what a virtual device plays until the function that it returns is called,
// which gives its samples at 48 kHz.
func tape(t *testing.T, source string) func() []float32 {
	t.Helper()
	var raw bytes.Buffer
	cmd := exec.Command("parec", "--device="+source, "--format=float32le", "--channels=1", "--rate=48000", "--latency-msec=20")
	cmd.Stdout = &raw
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return func() []float32 {
		_ = cmd.Process.Signal(syscall.SIGTERM) // it may have ended
		_ = cmd.Wait()
		pcm := make([]float32, raw.Len()/4)
		for i := range pcm {
			pcm[i] = math.Float32frombits(binary.LittleEndian.Uint32(raw.Bytes()[4*i:]))
		}
		return pcm
	}
}

// heard reads what a headless client wrote.
func heard(t *testing.T, path string) []float32 {
	t.Helper()
	file, err := audiofile.Open(path, audiofile.Format{})
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var all []float32
	for block := make([]float32, 4800); ; {
		n, err := file.ReadPCM(block)
		all = append(all, block[:n]...)
		if err != nil || n == 0 {
			return all
		}
	}
}

func loudest(pcm []float32) (most float32) {
	for _, x := range pcm {
		most = max(most, x, -x)
	}
	return most
}

// connect clicks the saved server, and waits until one is there.
func (c *client) connect() {
	c.t.Helper()
	c.display.click(connectAt)
	until(c.t, "Anna is in the Lobby", c.says(`channel="Lobby"`))
}

// A window opens, a saved server is clicked, and speech goes both ways; the server is
// killed and comes back, and the talk goes on.
func TestTalk(t *testing.T) {
	devicetest.StartPulse(t).Control("set-default-source", "vmic.monitor")
	d, s := startDisplay(t), newServer(t)
	c := newClient(t, d, s, func(*settings.Settings) {})
	fmt.Printf("start_ms=%d\n", c.start().Milliseconds())
	ear := filepath.Join(t.TempDir(), "ear.wav")
	listener := s.other("listen", "--user", "ear", "--out", ear, "--for", "25s")

	clicked := time.Now()
	c.connect()
	fmt.Printf("click_to_channel_ms=%d\n", time.Since(clicked).Milliseconds())

	play(t)
	stop := tape(t, "vspk.monitor")
	mouth := s.other("say", "--user", "mouth", speech)
	_ = mouth.Wait()
	time.Sleep(500 * time.Millisecond) // what is under way is played
	if got := exampletest.Similarity(t, stop(), 48000); got < alike {
		t.Errorf("what Anna hears is like what was said by %.3f", got)
	} else {
		fmt.Printf("heard_similarity=%.3f\n", got)
	}
	_ = listener.Process.Signal(os.Interrupt) // it writes its file
	_ = listener.Wait()
	if got := exampletest.Similarity(t, heard(t, ear), 48000); got < alike {
		t.Errorf("what Anna says is heard like what she said by %.3f", got)
	} else {
		fmt.Printf("said_similarity=%.3f\n", got)
	}

	s.kill()
	until(t, "the client notices", c.says("connected=false"))
	s.start()
	until(t, "the client is back", c.says("connected=true"))
	until(t, "and in the Lobby", c.says(`channel="Lobby"`))
	stop = tape(t, "vspk.monitor")
	again := s.other("say", "--user", "mouth", speech)
	_ = again.Wait()
	time.Sleep(500 * time.Millisecond) // likewise
	if got := exampletest.Similarity(t, stop(), 48000); got < alike {
		t.Errorf("after the server came back Anna hears what was said by %.3f", got)
	}
	s.hearsSpeech("after the server came back", func() { play(t) })
}

// hearsSpeech checks that somebody in the Lobby hears the speech that do has Anna say. A busy
// machine may lose some of it.
func (s *server) hearsSpeech(when string, do func()) {
	s.t.Helper()
	best := 0.0
	for range 3 {
		if best = max(best, exampletest.Similarity(s.t, s.hears(do), 48000)); best >= alike {
			return
		}
	}
	s.t.Errorf("%s Anna is heard like what she said by %.3f", when, best)
}

// hears is what somebody in the Lobby hears while something is done.
func (s *server) hears(do func()) []float32 {
	s.t.Helper()
	path := filepath.Join(s.t.TempDir(), "ear.wav")
	listener := s.other("listen", "--user", "ear", "--out", path, "--for", "30s")
	time.Sleep(time.Second) // it comes in
	do()
	_ = listener.Process.Signal(os.Interrupt) // it writes its file
	_ = listener.Wait()
	return heard(s.t, path)
}

// The microphone is open while the key is held, and at no other time.
func TestPushToTalk(t *testing.T) {
	devicetest.StartPulse(t).Control("set-default-source", "vmic.monitor")
	d, s := startDisplay(t), newServer(t)
	c := newClient(t, d, s, func(one *settings.Settings) { one.Voice.Mode = settings.ModePushToTalk })
	c.start()
	c.connect()
	if pcm := s.hears(func() { play(t) }); loudest(pcm) > 0.001 {
		t.Errorf("Anna is heard without the key, at %.3f", loudest(pcm))
	}
	s.hearsSpeech("with the key", func() {
		c.tell("ptt", "on")
		play(t)
		c.tell("ptt", "off")
	})
}

// chirps is how many are played to measure a delay.
const chirps = 20

// From mouth to ear it takes at most 30 ms more through the desktop client than through the
// headless one on the same devices, whichever end it is at. Times are printed; that the
// chirps are heard is asserted, and with VOICEAPP_LIMITS the difference.
func TestMouthToEar(t *testing.T) {
	devicetest.StartPulse(t).Control("set-default-source", "vmic.monitor")
	d, s := startDisplay(t), newServer(t)
	c := newClient(t, d, s, func(one *settings.Settings) { one.Voice.HighPass = false })
	ear := s.other("talk", "--user", "ear", "--raw", "--microphone", "Monitor of vidle", "--loudspeaker", "vidle", "--for", "3m")
	mouth := s.other("talk", "--user", "mouth", "--raw", "--microphone", "Monitor of vmic", "--loudspeaker", "vspk", "--for", "3m")
	headless := latencytest.Delays(t, "vidle", chirps)
	c.start()
	c.connect()
	c.tell("mute", "on")
	_ = ear.Process.Signal(os.Interrupt) // it leaves
	_ = ear.Wait()
	heard := latencytest.Delays(t, "vspk", chirps)

	_ = mouth.Process.Signal(os.Interrupt) // likewise
	_ = mouth.Wait()
	s.other("talk", "--user", "ear", "--raw", "--microphone", "Monitor of vidle", "--loudspeaker", "vidle", "--for", "3m")
	c.tell("mute", "off")
	said := latencytest.Delays(t, "vidle", chirps)

	middle := func(name string, delays []time.Duration) time.Duration {
		if len(delays) < chirps/2 {
			t.Fatalf("%s: of %d chirps %d were heard", name, chirps, len(delays))
		}
		return delays[len(delays)/2]
	}
	base, mouthToUs, usToEar := middle("headless", headless), middle("heard", heard), middle("said", said)
	fmt.Printf("headless_ms=%d heard_ms=%d said_ms=%d chirps=%d\n", base.Milliseconds(), mouthToUs.Milliseconds(), usToEar.Milliseconds(), len(heard))
	if more := max(mouthToUs, usToEar) - base; os.Getenv("VOICEAPP_LIMITS") != "" && more > 30*time.Millisecond {
		t.Errorf("through the desktop client it takes %v more", more)
	}
}

// Who clicks a server where somebody speaks hears him soon: how soon is printed.
func TestFirstSound(t *testing.T) {
	devicetest.StartPulse(t).Control("set-default-source", "vmic.monitor")
	d, s := startDisplay(t), newServer(t)
	c := newClient(t, d, s, func(*settings.Settings) {})
	c.start()
	s.other("say", "--user", "mouth", speech)
	ids := latencytest.Devices(t)
	ear, err := device.OpenCapture(device.Config{ID: ids["Monitor of vspk"]})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = ear.Close() })                             // it returns nil, always
	awake, err := device.OpenPlayback(device.Config{ID: ids["vspk"]}) // a virtual device takes a second to wake up
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = awake.Close() }) // likewise
	pcm := make([]float32, device.SampleRate/100)
	for range 200 { // until it runs
		if _, err := ear.ReadPCM(pcm); err != nil {
			t.Fatal(err)
		}
	}
	clicked := time.Now()
	d.click(connectAt)
	for n := 0; loudest(pcm[:n]) < 0.01; {
		if time.Since(clicked) > 8*time.Second {
			t.Fatal("nothing is heard")
		}
		if n, err = ear.ReadPCM(pcm); err != nil {
			t.Fatal(err)
		}
	}
	fmt.Printf("click_to_sound_ms=%d\n", time.Since(clicked).Milliseconds())
}

// A key that is held opens the microphone also while another window has the focus.
func TestGlobalKey(t *testing.T) {
	devicetest.StartPulse(t).Control("set-default-source", "vmic.monitor")
	d, s := startDisplay(t), newServer(t)
	c := newClient(t, d, s, func(one *settings.Settings) { one.Voice.Mode, one.Keys.PushToTalk = settings.ModePushToTalk, "F9" })
	c.start()
	until(t, "the key is bound", func() bool {
		d.key("keydown", "F9")
		return c.says("talking=true")()
	})
	d.key("keyup", "F9")
	until(t, "its release is heard", c.says("talking=false"))

	c.connect()
	s.hearsSpeech("with the key", func() {
		d.key("keydown", "F9")
		play(t)
		d.key("keyup", "F9")
	})
	if pcm := s.hears(func() { play(t) }); loudest(pcm) > 0.001 {
		t.Errorf("Anna is heard without the key, at %.3f", loudest(pcm))
	}
}
