package cli

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"strings"
	"syscall"
	"unicode"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/internal/config"
)

// Exit codes.
const (
	exitOK     = 0
	exitFailed = 1
	exitUsage  = 2
)

// Streams are a program's standard streams.
type Streams struct {
	In       io.Reader
	Out, Err io.Writer
}

// PrintJSON writes v as one line of JSON to Out.
func (s *Streams) PrintJSON(v any) error { return json.NewEncoder(s.Out).Encode(v) }

// IsTerminal reports whether a stream is one that a person looks at.
func IsTerminal(stream any) bool {
	file, ok := stream.(*os.File)
	if !ok {
		return false
	}
	info, err := file.Stat()
	if err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return false
	}
	nowhere, err := os.Stat(os.DevNull)
	return err != nil || !os.SameFile(info, nowhere)
}

// Command is one command of a program.
type Command struct {
	Name  string // "say", or of two words, "channels create"
	Args  string // "FILE": the arguments, a word for each that is required
	Short string // one line
	Long  string // what --help says before the flags, with examples

	// Settings points to the struct that package config fills before Run.
	Settings any

	// File names the settings file to read, "" for none; nil: there is none.
	File func(*config.Set) (string, error)

	// Run does the work until it is done or ctx ends, which a signal causes.
	Run func(ctx context.Context, streams *Streams, set *config.Set) error
}

// Program is a set of commands.
type Program struct {
	Name     string
	About    string // one sentence
	Default  string // the command when none is named; "" prints the help
	Commands []Command
}

// Main runs the program as the operating system started it and exits.
func (p *Program) Main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	code := p.Run(ctx, &Streams{os.Stdin, os.Stdout, os.Stderr}, os.Args[1:])
	stop()
	os.Exit(code)
}

// Run runs one command and returns the exit code: 0 done, 1 failed, 2 wrongly
// called. What went wrong is on streams.Err in one line.
func (p *Program) Run(ctx context.Context, streams *Streams, args []string) int {
	command, args, err := p.choose(args)
	if command == nil && err == nil {
		p.help(streams.Out)
		return exitOK
	}
	if err == nil {
		err = p.run(ctx, streams, command, args)
	}
	switch {
	case err == nil, errors.Is(err, flag.ErrHelp):
		return exitOK
	case errors.Is(err, errUsage):
		fmt.Fprintf(streams.Err, "%s: %v\n", p.Name, err)
		return exitUsage
	default:
		fmt.Fprintf(streams.Err, "%s: %s\n", p.Name, oneLine(err))
		return exitFailed
	}
}

var errUsage = errors.New("wrongly called")

type usageError struct{ message string }

func (e usageError) Error() string        { return e.message }
func (e usageError) Is(target error) bool { return target == errUsage }

func (p *Program) choose(args []string) (*Command, []string, error) {
	if len(args) > 1 && args[0] == "help" {
		args = []string{args[1], "--help"}
	}
	if len(args) > 0 && (args[0] == "help" || args[0] == "--help" || args[0] == "-h") {
		return nil, nil, nil
	}
	if len(args) > 0 && (args[0] == "version" || args[0] == "--version") {
		return p.version(), nil, nil
	}
	name := p.Default
	if len(args) > 0 && (name == "" || !strings.HasPrefix(args[0], "-")) {
		name, args = args[0], args[1:]
	}
	if name == "" {
		return nil, nil, nil
	}
	if len(args) > 0 {
		if c := p.named(name + " " + args[0]); c != nil {
			return c, args[1:], nil
		}
	}
	if c := p.named(name); c != nil {
		return c, args, nil
	}
	return nil, nil, usageError{fmt.Sprintf("there is no command %q; see %s --help", name, p.Name)}
}

// version is the command that each program has.
func (p *Program) version() *Command {
	return &Command{Name: "version", Settings: &struct{}{}, Run: func(_ context.Context, streams *Streams, _ *config.Set) error {
		fmt.Fprintf(streams.Out, "%s %s %s %s/%s\n", p.Name, Version(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
		return nil
	}}
}

// named returns the command of a name, or nil.
func (p *Program) named(name string) *Command {
	for i := range p.Commands {
		if p.Commands[i].Name == name {
			return &p.Commands[i]
		}
	}
	return nil
}

func (p *Program) run(ctx context.Context, streams *Streams, c *Command, args []string) error {
	title := p.Name + " " + c.Name
	set := config.New(title, c.Settings)
	var flags strings.Builder
	if err := set.ParseArgs(args, &flags); errors.Is(err, flag.ErrHelp) {
		fmt.Fprintf(streams.Out, "Usage: %s\n\n%s\n%s", strings.TrimSpace(title+" [flags] "+c.Args), strings.TrimSpace(c.Long), flags.String())
		return err
	} else if err != nil {
		return usageError{err.Error()}
	}
	if want, got := len(strings.Fields(c.Args)), len(set.Args()); want != got {
		return usageError{fmt.Sprintf("%s takes %s; see %s --help", title, countArgs(want, c.Args), title)}
	}
	path := ""
	if c.File != nil {
		var err error
		if path, err = c.File(set); err != nil {
			return err
		}
	}
	if err := set.Apply(path); err != nil {
		return usageError{err.Error()}
	}
	return c.Run(ctx, streams, set)
}

func countArgs(n int, names string) string {
	if n == 0 {
		return "no arguments"
	}
	return "exactly: " + names
}

func (p *Program) help(w io.Writer) {
	fmt.Fprintf(w, "%s\n\nUsage: %s COMMAND [flags] [arguments]\n\nCommands:\n", p.About, p.Name)
	for _, c := range p.Commands {
		fmt.Fprintf(w, "  %-26s %s\n", strings.TrimSpace(c.Name+" "+c.Args), c.Short)
	}
	fmt.Fprintf(w, "  %-26s %s\n", "version", "print which version this is")
	if p.Default != "" {
		fmt.Fprintf(w, "\nWithout a command: %s.\n", p.Default)
	}
	fmt.Fprintf(w, "\n%s COMMAND --help tells about one of them.\n", p.Name)
}

// Printable makes control and formatting characters in text from elsewhere visible,
// so that they can't steer a terminal.
func Printable(text string) string {
	return strings.Map(func(r rune) rune {
		if r != ' ' && (unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Zl, r) || unicode.Is(unicode.Zp, r)) {
			return unicode.ReplacementChar
		}
		return r
	}, text)
}

// oneLine gives an error's message for people, with its code where it has one.
func oneLine(err error) string {
	text := Printable(strings.ReplaceAll(err.Error(), "\n", " "))
	var e *voiceapp.Error
	if !errors.As(err, &e) {
		return text
	}
	if e.Reason != "" {
		text += ": " + Printable(strings.ReplaceAll(e.Reason, "\n", " "))
	}
	return fmt.Sprintf("%s (%s)", text, e.Code)
}
