package voiceapp_test

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/voiceapp-sdk/voiceapp"
)

// What is a link is shown as one; the rest of the text stays text.
func ExampleWebLinks() {
	text := "the rules (https://voice.example/rules), not javascript:alert(1)."
	shown := 0
	for at, link := range voiceapp.WebLinks(text) {
		fmt.Printf("%q then the link %q\n", text[shown:at], link)
		shown = at + len(link)
	}
	fmt.Printf("%q\n", text[shown:])
	// Output:
	// "the rules (" then the link "https://voice.example/rules"
	// "), not javascript:alert(1)."
}

func webLinks(text string) (links []string) {
	for at, link := range voiceapp.WebLinks(text) {
		if !strings.HasPrefix(text[at:], link) {
			return []string{fmt.Sprintf("%q is not at %d", link, at)}
		}
		links = append(links, link)
	}
	return links
}

func TestWebLinks(t *testing.T) {
	for text, want := range map[string][]string{
		"":                                  nil,
		"no link: http or https or http:/a": nil,
		"http://a":                          {"http://a"},
		"HTTPS://A.Example/B":               {"HTTPS://A.Example/B"},
		"http://a http://b\nhttp://c":       {"http://a", "http://b", "http://c"},
		"see http://a.":                     {"http://a"},
		"http://a/b?!":                      {"http://a/b"},
		"http://a/?b=c&d=e#f, and":          {"http://a/?b=c&d=e#f"},
		"<http://a/b>":                      {"http://a/b"},
		"\"http://a/b\"":                    {"http://a/b"},
		"[text](http://a/b)":                {"http://a/b"},
		"(http://a/b_(c))":                  {"http://a/b_(c)"},
		"http://a/b)))":                     {"http://a/b"},
		"*http://a/b*":                      {"http://a/b"},
		"http://a/http://b":                 {"http://a/http://b"},
		"http://a/Köln":                     {"http://a/Köln"},
		"日本http://a":                        nil,
		"日本：http://a/日本。x":                  {"http://a/日本。x"},
		"xhttp://a":                         nil,
		"9http://a":                         nil,
		"-http://a":                         {"http://a"},
		"http://[::1]:80/a":                 {"http://[::1]:80/a"},
		"http://127.0.0.1:8080":             {"http://127.0.0.1:8080"},
		"javascript:alert(1)":               nil,
		"javascript://http://a":             {"http://a"},
		"data:text/html,http://a":           {"http://a"},
		"file:///etc/passwd ftp://a voiceapp://a www.a.example": nil,
		"http://user@a":              nil,
		"http://a.example@b.example": nil,
		"http://user:pass@a":         nil,
		"http://":                    nil,
		"http:///a":                  nil,
		"http://.":                   nil,
		"http://exаmple.com":         nil, // a Cyrillic letter
		"http://a\u202egpj":          {"http://a"},
		"http://a\u200bb":            {"http://a"},
		"http://a\\@b":               {"http://a"},
		"http://a:0":                 nil,
		"http://a:99999":             nil,
		"http://a%20b":               nil,
		"http://[fe80::1%25eth0]/":   nil,
		"http://a/\xff":              {"http://a/"},
	} {
		if got := webLinks(text); !slices.Equal(got, want) {
			t.Errorf("the links of %q are %q, want %q", text, got, want)
		}
	}
}

func TestWebLinksStopsWhenAsked(t *testing.T) {
	for at, link := range voiceapp.WebLinks("http://a http://b") {
		if at != 0 || link != "http://a" {
			t.Errorf("%q at %d", link, at)
		}
		break
	}
}

func FuzzWebLinks(f *testing.F) {
	for _, text := range []string{"see http://a.", "(http://a/b_(c))", "http://a@b", "https://[::1]:1/?a=b#c", "javascript://http://a\x00", "http://http://a"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		end := 0
		for at, link := range voiceapp.WebLinks(text) {
			if at < end || !strings.HasPrefix(text[at:], link) {
				t.Fatalf("%q is not at %d of %q, after %d", link, at, text, end)
			}
			end = at + len(link)
			u, err := url.Parse(link)
			if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.User != nil || u.Hostname() == "" {
				t.Errorf("%q of %q is no link that may be followed: %v", link, text, err)
			}
			if strings.ContainsAny(link, " \t\r\n\x00<>\"`\\") {
				t.Errorf("%q of %q holds what links don't", link, text)
			}
			if again := webLinks(link); len(again) != 1 || again[0] != link {
				t.Errorf("%q by itself has the links %q", link, again)
			}
		}
	})
}
