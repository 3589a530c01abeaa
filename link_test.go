package voiceapp_test

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"testing"

	"github.com/voiceapp-sdk/voiceapp"
)

var someKey = voiceapp.Fingerprint{0xab, 31: 0xcd}

func ExampleParseLink() {
	link, err := voiceapp.ParseLink("voiceapp://voice.example/Games/Chess%20Club?title=Our%20server&invite=K3X")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(link.Addr(), link.Channel, link.Title, link.Invite)
	// Output: voice.example:7788 Games/Chess Club Our server K3X
}

func ExampleLink_String() {
	link := voiceapp.Link{Host: "2001:db8::1", Port: "7799", User: "Anna", Channel: "Lobby"}
	fmt.Println(link)
	// Output: voiceapp://Anna@[2001:db8::1]:7799/Lobby
}

func TestLinkRoundTrip(t *testing.T) {
	for text, want := range map[string]voiceapp.Link{
		"voiceapp://voice.example/": {Host: "voice.example"},
		"voiceapp://10.0.0.7:1/":    {Host: "10.0.0.7", Port: "1"},
		"voiceapp://[::1]/":         {Host: "::1"},
		"voiceapp://[::1]:65535/":   {Host: "::1", Port: "65535"},
		"voiceapp://J%C3%B6rg%20%3A%40%3F%23%25@h/a%3Fb%23c%25/d%20%2B+e?fp=" + someKey.String() + "&invite=K3X-_9&title=A%20%26%20B%20%2B%20%2F%20%C3%A9": {
			User: "Jörg :@?#%", Host: "h", Channel: "a?b#c%/d ++e", Title: "A & B + / é", Fingerprint: someKey, Invite: "K3X-_9",
		},
	} {
		got, err := voiceapp.ParseLink(text)
		if err != nil || got != want {
			t.Errorf("ParseLink(%s) = %+v, %v; want %+v", text, got, err, want)
		}
		again, err := voiceapp.ParseLink(want.String())
		if err != nil || again != want {
			t.Errorf("%+v became %s, and that %+v, %v", want, want, again, err)
		}
	}
}

func TestLinkIsForgiving(t *testing.T) {
	for text, want := range map[string]string{
		" voiceapp://h \n":                                                  "voiceapp://h/",
		"VoiceApp://HOST.Example:":                                          "voiceapp://host.example/",
		"voiceapp://h//Lobby///Quiet/":                                      "voiceapp://h/Lobby/Quiet",
		"voiceapp://h/ Lobby %20/Quiet":                                     "voiceapp://h/Lobby/Quiet",
		"voiceapp://h?title=a+b&new=1&title2=":                              "voiceapp://h/?title=a%20b",
		"voiceapp://h?fp=" + strings.ToUpper(someKey.String()) + "&invite=": "voiceapp://h/?fp=" + someKey.String(),
		"voiceapp://@h/Jörg":                                                "voiceapp://h/J%C3%B6rg",
	} {
		if got, err := voiceapp.ParseLink(text); err != nil || got.String() != want {
			t.Errorf("ParseLink(%q) = %s, %v; want %s", text, got, err, want)
		}
	}
}

var noLinks = map[string]string{
	"nothing":                     "",
	"another scheme":              "https://h/",
	"a script":                    "javascript:alert(1)",
	"no scheme":                   "//h/Lobby",
	"no slashes":                  "voiceapp:h",
	"no host":                     "voiceapp:///Lobby",
	"only a port":                 "voiceapp://:7788/",
	"a password":                  "voiceapp://Anna:secret@h/",
	"an empty password":           "voiceapp://Anna:@h/",
	"a port of words":             "voiceapp://h:voice/",
	"port 0":                      "voiceapp://h:0/",
	"port 65536":                  "voiceapp://h:65536/",
	"a huge port":                 "voiceapp://h:99999999999999999999999/",
	"a port with a leading zero":  "voiceapp://h:07788/",
	"a zone":                      "voiceapp://[fe80::1%25eth0]/",
	"a host of other letters":     "voiceapp://vоice.example/",
	"a host with escapes":         "voiceapp://a%20b/",
	"a host with a slash":         "voiceapp://a%2Fb/",
	"a long host":                 "voiceapp://" + strings.Repeat("a", 254) + "/",
	"a newline":                   "voiceapp://h/a\nb",
	"an escaped newline":          "voiceapp://h/a%0Ab",
	"a newline in the title":      "voiceapp://h/?title=a%0Ab",
	"a newline in the name":       "voiceapp://a%0Ab@h/",
	"an escape code in the title": "voiceapp://h/?title=%1b[2J",
	"a turn of direction":         "voiceapp://h/?title=%E2%80%AEgpj",
	"a bare turn of direction":    "voiceapp://h/?title=\u202egpj",
	"a slash inside a channel":    "voiceapp://h/a%2Fb",
	"a bad escape":                "voiceapp://h/%zz",
	"bytes that are no UTF-8":     "voiceapp://h/%ff",
	"a title of no UTF-8":         "voiceapp://h/?title=%ff",
	"a fragment":                  "voiceapp://h/#x",
	"a title twice":               "voiceapp://h/?title=a&title=b",
	"two invites":                 "voiceapp://h/?invite=a&invite=b",
	"an invite of other letters":  "voiceapp://h/?invite=a%20b",
	"a long invite":               "voiceapp://h/?invite=" + strings.Repeat("a", 129),
	"a short fingerprint":         "voiceapp://h/?fp=abcd",
	"a semicolon":                 "voiceapp://h/?a;b",
	"a long title":                "voiceapp://h/?title=" + strings.Repeat("a", 129),
	"a long name":                 "voiceapp://" + strings.Repeat("a", 65) + "@h/",
	"a long channel":              "voiceapp://h/" + strings.Repeat("a", 65),
	"too much of all":             "voiceapp://h/" + strings.Repeat("abc/", voiceapp.MaxLinkLength/4),
}

func TestLinkRefuses(t *testing.T) {
	for what, text := range noLinks {
		if got, err := voiceapp.ParseLink(text); !errors.Is(err, voiceapp.Invalid) {
			t.Errorf("%s: ParseLink(%.80q) = %+v, %v; want invalid", what, text, got, err)
		}
	}
}

func TestLinkCheckRefusesWhatCouldNotBeRead(t *testing.T) {
	long := strings.TrimSuffix(strings.Repeat(strings.Repeat("ä", 60)+"/", 8), "/") // 3 bytes of escape for each of 2
	for _, l := range []voiceapp.Link{
		{}, {Host: "H"}, {Host: "2001:DB8::1"}, {Host: "[::1]"}, {Host: "h", Port: "+1"}, {Host: "h", Port: "-1"}, {Host: "h", Channel: "a\x00"}, {Host: "h", Channel: long},
	} {
		if err := l.Check(); !errors.Is(err, voiceapp.Invalid) {
			t.Errorf("Check of %+v = %v", l, err)
		}
	}
}

// The reason for a refusal shows neither password nor invite.
func TestLinkErrorsKeepSecrets(t *testing.T) {
	for _, text := range []string{"voiceapp://Anna:hunter2@h/", "voiceapp://Anna:hunter2@h:x/", "voiceapp://h/%zz?invite=hunter2", "voiceapp://h/#hunter2"} {
		if _, err := voiceapp.ParseLink(text); err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("ParseLink(%s): %v", text, err)
		}
	}
}

func TestLinkLogsWithoutItsInvite(t *testing.T) {
	var out bytes.Buffer
	slog.New(slog.NewTextHandler(&out, nil)).Info("followed", "link", voiceapp.Link{Host: "h", Invite: "K3X"})
	if strings.Contains(out.String(), "K3X") || !strings.Contains(out.String(), "voiceapp://h/") {
		t.Error(out.String())
	}
}

func FuzzLink(f *testing.F) {
	for _, text := range noLinks {
		f.Add(text)
	}
	for _, text := range []string{"voiceapp://J%C3%B6rg@h:1/a%3Fb/%20%2Bc?title=%2F&fp=" + someKey.String() + "&invite=K", "voiceapp://[::ffff:1.2.3.4]/", "voiceapp://h/.././%2e"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		link, err := voiceapp.ParseLink(text)
		if err != nil {
			if !errors.Is(err, voiceapp.Invalid) {
				t.Errorf("the error is %v", err)
			}
			return
		}
		again, err := voiceapp.ParseLink(link.String())
		if err != nil || again != link {
			t.Errorf("%q became %+v, whose text %q became %+v, %v", text, link, link, again, err)
		}
		if u, err := url.Parse(link.String()); err != nil || u.Scheme != "voiceapp" || len(link.String()) > voiceapp.MaxLinkLength {
			t.Errorf("%q is not the URL that it should be: %v", link, err)
		}
	})
}
