package ui

import (
	"strings"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/examples/fyne/session"
)

// completion completes the last word of a text with names, one after the other. Any other
// change of the text begins it anew.
type completion struct {
	names []string
	at    int    // which of names is in the text
	from  int    // where in the text it begins
	made  string // the text with it
}

// begin finds the names that a text can be completed with.
func (c *completion) begin(text string, people [][]session.Person) {
	if len(c.names) > 0 && text == c.made {
		return
	}
	word := text[strings.LastIndexAny(text, " \n")+1:]
	*c = completion{at: -1, from: len(text) - len(word)}
	beginning := voiceapp.FoldName(strings.TrimPrefix(word, "@"))
	if beginning == "" {
		return
	}
	for _, list := range people {
		for _, p := range list {
			if !p.Self && strings.HasPrefix(voiceapp.FoldName(p.Name), beginning) {
				c.names = append(c.names, p.Name)
			}
		}
	}
}

// offers reports whether there is a name that the text does not have yet.
func (c *completion) offers(text string) bool {
	return len(c.names) > 1 || len(c.names) == 1 && text != c.made
}

// next returns the text with the next name.
func (c *completion) next(text string) string {
	c.at = (c.at + 1) % len(c.names)
	end := " "
	if c.from == 0 {
		end = ": "
	}
	c.made = text[:c.from] + c.names[c.at] + end
	return c.made
}
