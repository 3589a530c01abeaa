package ui

import (
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2/widget"

	"github.com/voiceapp-sdk/voiceapp/examples/fyne/session"
)

// People who are called the same have a conversation each.
func TestConversationsOfOneName(t *testing.T) {
	c := &chatPane{names: map[string]session.Topic{"@ Bo": "a", "@ Bo (2)": "b"}}
	for name, want := range map[string]string{"@ Bo": "@ Bo (3)", "@ Cy": "@ Cy"} {
		if got := c.unlike(name); got != want {
			t.Errorf("%s is shown as %q, not as %q", name, got, want)
		}
	}
}

// A link to a server can be followed as one to the web can, and nothing that is none.
func TestLinksInChat(t *testing.T) {
	key := strings.Repeat("ab", 32)
	for text, want := range map[string][]string{
		"nothing": nil,
		"come to voiceapp://voice.example/Games/Chess%20club?fp=" + key + ", or not": {"voiceapp://voice.example/Games/Chess%20club?fp=" + key},
		"(voiceapp://voice.example)\nand voiceapp://voice.example:7000/":             {"voiceapp://voice.example", "voiceapp://voice.example:7000/"},
		"https://a.example/?to=voiceapp://b.example and voiceapp://c.example":        {"https://a.example/?to=voiceapp://b.example", "voiceapp://c.example"},
		"voiceapp:// voiceapp://a?fp=1 <voiceapp://d.example>":                       {"voiceapp://d.example"},
	} {
		var got, followed, written []string
		for _, part := range segments(text, func(link string) { followed = append(followed, link) }) {
			written = append(written, part.Textual())
			if link, ok := part.(*widget.HyperlinkSegment); ok {
				got = append(got, link.Text)
				if link.OnTapped != nil {
					link.OnTapped()
				}
			}
		}
		if !slices.Equal(got, want) || strings.Join(written, "") != text {
			t.Errorf("%q: links are %q, of %q", text, got, written)
		}
		servers := slices.DeleteFunc(want, func(link string) bool { return strings.HasPrefix(link, "https") })
		if !slices.Equal(followed, servers) {
			t.Errorf("%q: %q are followed", text, followed)
		}
	}
}
