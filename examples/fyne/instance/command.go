package instance

import (
	"bytes"
	"encoding/json"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
)

// Bounds of a [Command].
const (
	MaxLine     = 4096            // bytes of a command or an answer on the socket, the line's end included
	DefaultHold = 5 * time.Minute // how long ptt on holds that does not say
	MaxHold     = time.Hour
)

// Verb is what a client is told to do.
type Verb string

// The verbs. PTT, Mute and Deafen take a [State], Open takes a link.
const (
	Open   Verb = "open"   // follow a link
	PTT    Verb = "ptt"    // the push-to-talk key
	Mute   Verb = "mute"   // one's own microphone
	Deafen Verb = "deafen" // one's own loudspeaker
	Show   Verb = "show"   // bring the window to the front
	Status Verb = "status" // answer with what is going on, for people
)

// State is what becomes of a switch.
type State string

// The states.
const (
	On     State = "on"
	Off    State = "off"
	Toggle State = "toggle"
)

// Command is one thing that a running client is told. [Command.Check] says which are valid.
type Command struct {
	Verb  Verb
	State State         // of PTT, Mute and Deafen
	Link  string        // of Open: as voiceapp.ParseLink takes it
	For   time.Duration // of PTT with On: how long it holds, whole milliseconds, at most MaxHold; 0: DefaultHold
	Begun int64         // of PTT: when the key was pressed or let go, in Unix nanoseconds; 0: not known
}

// Starts reports whether a client is to be started for it where none runs. To ask a client that
// does not run to be quiet starts nothing.
func (c Command) Starts() bool { return c.Verb == Open || c.Verb == Show }

// Check returns nil, or a [voiceapp.Invalid] error that says what is wrong.
func (c Command) Check() error {
	switch c.Verb {
	case Open:
		if _, err := voiceapp.ParseLink(c.Link); err != nil {
			return err
		}
		return c.checkOnly(c.State == "" && c.For == 0)
	case PTT:
		return c.checkPTT()
	case Mute, Deafen:
		return c.checkOnly(c.State.known() && c.Link == "" && c.For == 0)
	case Show, Status:
		return c.checkOnly(c.State == "" && c.Link == "" && c.For == 0)
	default:
		return voiceapp.NewError(voiceapp.Invalid, "there is no such command")
	}
}

func (c Command) checkPTT() error {
	if c.For < 0 || c.For > MaxHold || c.For%time.Millisecond != 0 {
		return voiceapp.NewError(voiceapp.Invalid, "ptt on holds for "+MaxHold.String()+" at most, and for whole milliseconds")
	}
	return c.checkOnly(c.State.known() && c.Link == "" && (c.For == 0 || c.State == On))
}

func (c Command) checkOnly(ok bool) error {
	if !ok {
		return voiceapp.NewError(voiceapp.Invalid, "the command "+string(c.Verb)+" is not used like that")
	}
	return nil
}

func (s State) known() bool { return s == On || s == Off || s == Toggle }

// line is a Command on the socket.
type line struct {
	Verb  Verb   `json:"command"`
	State State  `json:"state,omitempty"`
	Link  string `json:"link,omitempty"`
	ForMS int64  `json:"for_ms,omitempty"`
	Begun int64  `json:"begun_unix_ns,omitempty"`
}

// encode makes a line of a command, its end included.
func encode(c Command) ([]byte, error) {
	if err := c.Check(); err != nil {
		return nil, err
	}
	return encodeLine(line{c.Verb, c.State, c.Link, c.For.Milliseconds(), c.Begun})
}

func encodeLine(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false) // a link is full of &
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	if b.Len() > MaxLine {
		return nil, voiceapp.NewError(voiceapp.TooLarge, "the command is too long")
	}
	return b.Bytes(), nil
}

// decode reads a line. The error is [voiceapp.BadRequest] or what Check says.
func decode(b []byte) (Command, error) {
	var l line
	if err := json.Unmarshal(b, &l); err != nil {
		return Command{}, voiceapp.WrapError(voiceapp.BadRequest, "the command can't be read", err)
	}
	if l.ForMS < 0 || l.ForMS > MaxHold.Milliseconds() {
		return Command{}, voiceapp.NewError(voiceapp.Invalid, "ptt on holds for "+MaxHold.String()+" at most")
	}
	c := Command{Verb: l.Verb, State: l.State, Link: l.Link, For: time.Duration(l.ForMS) * time.Millisecond, Begun: l.Begun}
	return c, c.Check()
}
