package instance

import (
	"strings"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
)

// Usage is the command line that [Parse] reads, for people.
const Usage = `voiceapp-desktop                          open the window
voiceapp-desktop LINK                     follow a voiceapp:// link

of a client that runs, for keys that the desktop binds:
voiceapp-desktop ptt on [--for 30s]       talk; it ends by itself after 5 minutes, or as --for says
voiceapp-desktop ptt off | ptt toggle
voiceapp-desktop mute [on|off|toggle]     the microphone; toggle if nothing is said
voiceapp-desktop deafen [on|off|toggle]   the loudspeaker
voiceapp-desktop show | status
`

// Parse reads a command line without the program's name. No arguments are [Show]. The error
// is [voiceapp.Invalid] and for people; [Usage] tells the rest.
func Parse(args []string) (Command, error) {
	if len(args) == 0 {
		return Command{Verb: Show}, nil
	}
	if strings.Contains(args[0], "://") {
		return parseOpen(args)
	}
	c, rest := Command{Verb: Verb(args[0])}, args[1:]
	switch c.Verb {
	case PTT, Mute, Deafen:
		c.State, rest = parseState(c.Verb, rest)
	case Show, Status:
	default:
		return Command{}, voiceapp.NewError(voiceapp.Invalid, "there is no command "+args[0])
	}
	if len(rest) > 0 && c.Verb == PTT {
		var err error
		if c.For, rest, err = parseFor(rest); err != nil {
			return Command{}, err
		}
	}
	if len(rest) > 0 {
		return Command{}, voiceapp.NewError(voiceapp.Invalid, "what is "+rest[0]+" after "+args[0]+"?")
	}
	return checked(c)
}

func parseOpen(args []string) (Command, error) {
	if len(args) > 1 {
		return Command{}, voiceapp.NewError(voiceapp.Invalid, "one link at a time")
	}
	return checked(Command{Verb: Open, Link: args[0]})
}

// parseState reads the word after a verb. That of ptt has to be said.
func parseState(verb Verb, args []string) (State, []string) {
	if len(args) > 0 && State(args[0]).known() {
		return State(args[0]), args[1:]
	}
	if verb == PTT {
		return "", args
	}
	return Toggle, args
}

// parseFor reads --for 30s and --for=30s.
func parseFor(args []string) (time.Duration, []string, error) {
	value, ok := strings.CutPrefix(args[0], "--for=")
	rest := args[1:]
	if !ok {
		if args[0] != "--for" || len(rest) == 0 {
			return 0, args, nil
		}
		value, rest = rest[0], rest[1:]
	}
	d, err := time.ParseDuration(value)
	if err != nil || d <= 0 {
		return 0, nil, voiceapp.NewError(voiceapp.Invalid, "--for takes a time such as 30s")
	}
	return d, rest, nil
}

func checked(c Command) (Command, error) {
	if err := c.Check(); err != nil {
		return Command{}, err
	}
	return c, nil
}
