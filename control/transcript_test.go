package control_test

import (
	"bufio"
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/control"
)

// A transcript is what is said on one or more connections: lines of
//
//	anna → what she sends
//	anna ← what she gets
//	# a remark, or an empty line
//
// The lines with → and the remarks are written by hand; `make golden` writes the
// rest. Numbers of sessions, keys and tokens, which are random, read as those of
// PROTOCOL.md.
const transcripts = "testdata/transcripts"

// sampleVoice grants the keys of PROTOCOL.md's example.
type sampleVoice struct{}

func (sampleVoice) AddSession(id voiceapp.SessionID) (voiceapp.Grant, error) {
	g := voiceapp.Grant{Session: id}
	for i := range g.Up {
		g.Up[i], g.Down[i] = byte(i), byte(32+i)
	}
	return g, nil
}

func (sampleVoice) SetRoute(voiceapp.SessionID, voiceapp.Route) error { return nil }
func (sampleVoice) RemoveSession(voiceapp.SessionID)                  {}

// stage is where a transcript is played: each name has a connection, whose lines
// are kept as they come.
type stage struct {
	w      *world
	people map[string]*part
	order  []string
	known  []string       // what is random, each followed by what stands for it
	count  map[string]int // how many there are of each kind
}

type part struct {
	conn *typist
	mu   sync.Mutex
	got  []string
}

// enter connects somebody.
func (s *stage) enter(name string) *part {
	p := s.people[name]
	if p == nil {
		p = &part{conn: s.w.typist()}
		s.people[name] = p
		s.order = append(s.order, name)
		go p.listen()
	}
	return p
}

// listen keeps what comes until the connection ends.
func (p *part) listen() {
	for lines := bufio.NewScanner(p.conn.tls); lines.Scan(); {
		p.mu.Lock()
		p.got = append(p.got, lines.Text())
		p.mu.Unlock()
	}
}

func (p *part) take() (got []string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	got, p.got = p.got, nil
	return got
}

// say has somebody send a line, and returns what everyone got of it.
func (s *stage) say(name, line string) (got []string) {
	p := s.enter(name)
	p.conn.write(s.real(line) + "\n")
	synctest.Wait()
	time.Sleep(2 * batch)
	synctest.Wait()
	for _, name := range s.order {
		for _, line := range s.people[name].take() {
			got = append(got, name+" ← "+s.sample(line))
		}
	}
	return got
}

var random = regexp.MustCompile(`"(session|token|challenge)":("[^"]{20,}"|\d+)`)

// sample puts values of the document in the place of what is random.
func (s *stage) sample(line string) string {
	return random.ReplaceAllStringFunc(line, func(found string) string {
		m := random.FindStringSubmatch(found)
		if at := slices.Index(s.known, m[2]); at >= 0 {
			return fmt.Sprintf(`"%s":%s`, m[1], s.known[at+1])
		}
		if m[2] == "0" {
			return found
		}
		s.count[m[1]]++
		value := fmt.Sprint(3020 + s.count[m[1]])
		if m[1] != "session" {
			value = fmt.Sprintf(`"%s-%d"`, strings.ToUpper(m[1]), s.count[m[1]])
		}
		s.known = append(s.known, m[2], value)
		return fmt.Sprintf(`"%s":%s`, m[1], value)
	})
}

// real puts what is random in the place of the values of the document.
func (s *stage) real(line string) string {
	for i := 0; i < len(s.known); i += 2 {
		line = strings.ReplaceAll(line, ":"+s.known[i+1], ":"+s.known[i])
	}
	return line
}

// play plays a transcript and returns it with what is said now.
func (s *stage) play(script []byte) []byte {
	var now bytes.Buffer
	for line := range strings.Lines(string(script)) {
		line = strings.TrimRight(line, "\n")
		name, said, asks := strings.Cut(line, " → ")
		if strings.Contains(line, " ← ") {
			continue
		}
		fmt.Fprintln(&now, line)
		if !asks {
			continue
		}
		for _, got := range s.say(name, said) {
			fmt.Fprintln(&now, got)
		}
	}
	return now.Bytes()
}

func TestTranscripts(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(transcripts, "*.txt"))
	if err != nil || len(files) < 3 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { playFile(t, file) })
		})
	}
}

func playFile(t *testing.T, file string) {
	script, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	memory := control.NewMemory(voiceapp.Channel{Name: "Lobby"})
	w := newWorld(t, &control.Server{Directory: memory, Voice: sampleVoice{}})
	for _, u := range []voiceapp.User{{Name: "Olga", Role: voiceapp.RoleOwner}, {Name: "Mo", Role: voiceapp.RoleModerator}} {
		hash, err := control.HashPassword("correct horse")
		if err == nil {
			_, err = memory.CreateUser(t.Context(), u.Name, hash, u.Role)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	s := &stage{w: w, people: make(map[string]*part), count: make(map[string]int)}
	golden(t, file, s.play(script))
}

// golden compares text with a file, or writes it with -update.
func golden(t *testing.T, path string, got []byte) {
	t.Helper()
	if flag.Lookup("update").Value.String() == "true" {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s is not what is said any more: see whether that is meant, then `make golden`; now it is\n%s", path, got)
	}
}

// The session that PROTOCOL.md shows is the first transcript.
func TestProtocolShowsATranscript(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(transcripts, "a session.txt"))
	if err != nil {
		t.Fatal(err)
	}
	var shown strings.Builder
	for line := range strings.Lines(string(text)) {
		if _, said, ok := strings.Cut(line, "anna "); ok {
			shown.WriteString("    " + said)
		}
	}
	const begin, end = "## 9. A session\n\n", "\nand the server closes the connection.\n"
	doc, err := os.ReadFile("PROTOCOL.md")
	if err != nil {
		t.Fatal(err)
	}
	before, rest, found := strings.Cut(string(doc), begin)
	_, after, ended := strings.Cut(rest, end)
	if !found || !ended {
		t.Fatal(errors.Join(io.ErrUnexpectedEOF, errors.New("section 9 is not where it was")))
	}
	golden(t, "PROTOCOL.md", []byte(before+begin+shown.String()+end+after))
}
