package guest

// Line is a line of chat that is about to be sent, shown, or kept.
type Line struct {
	Hook    string `json:"hook"` // "chat.outgoing", "chat.incoming" or "chat.server"
	Text    string `json:"text"`
	Name    string `json:"name"` // who writes it
	User    int64  `json:"user"` // the account's number; 0: a guest
	Channel int64  `json:"channel"`
	Direct  bool   `json:"direct"` // it is for one person
}

// Answer is what is to become of a line. The zero value leaves it as it is.
type Answer struct {
	Text  string `json:"text,omitempty"`  // what takes the line's place; "": nothing does
	Drop  bool   `json:"drop,omitempty"`  // nobody gets it
	Reply string `json:"reply,omitempty"` // a line for the writer alone; "": none
}

// Unchanged leaves a line as it is.
var Unchanged = Answer{}

// Replace puts a text in the place of a line.
func Replace(text string) Answer { return Answer{Text: text} }

// Drop lets nobody have a line, and tells its writer why; "": without a word. It is also
// the answer to a command that is for the plugin alone.
func Drop(why string) Answer { return Answer{Drop: true, Reply: why} }

// Values are the values of all settings that the manifest names: bool, float64 and
// string.
type Values map[string]any

// Bool returns a setting of the type bool.
func (v Values) Bool(name string) bool { b, _ := v[name].(bool); return b }

// Int returns a setting of the type int.
func (v Values) Int(name string) int64 { return int64(v.Float(name)) }

// Float returns a setting of the type float.
func (v Values) Float(name string) float64 { f, _ := v[name].(float64); return f }

// Text returns a setting of the type text or choice.
func (v Values) Text(name string) string { s, _ := v[name].(string); return s }

// handlers are what a plugin does.
var handlers struct {
	open     func(rate, channels int) bool
	audio    func(pcm []float32, channels int, speaking bool) bool
	chat     func(Line) Answer
	settings func(Values) error
}

// Audio says what is done with each frame of what the user says: 48,000 samples a
// second of each channel, interleaved, to be changed in place, and not kept. speaking
// is whether the user speaks; in silence the samples are 0. What is returned takes its
// place: true is heard. It is to be quick, within a few milliseconds, and best
// allocates nothing.
func Audio(change func(pcm []float32, channels int, speaking bool) bool) { handlers.audio = change }

// Opened says what is done when the format of sound becomes known, or another one.
// false: the plugin can't work with it, and is not called.
func Opened(open func(rate, channels int) bool) { handlers.open = open }

// Chat says what is done with each line of chat.
func Chat(decide func(Line) Answer) { handlers.chat = decide }

// Settings says what is done with the values of the settings: once before all else,
// and when the user changes them. An error: the plugin can't work with them, and those
// before stay in force.
func Settings(take func(Values) error) { handlers.settings = take }

// Levels of lines for the log.
const (
	Debug = iota
	Info
	Warning
	Error
)
