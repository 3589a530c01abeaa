package bookmarks_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/bookmarks"
)

// Links of this and of other programs, and files with them, lead where they say; passwords
// and ports of other protocols stay behind.
func TestParseLink(t *testing.T) {
	for text, want := range map[string]bookmarks.Bookmark{
		"voiceapp://bo@voice.example:7000/Games/Chess?title=Club":                                 {Label: "Club", Address: "voice.example", Port: 7000, User: "bo", Channel: "Games/Chess"},
		" voiceapp://voice.example \n":                                                            {Address: "voice.example"},
		"mumble://bo:secret@voice.example:64738/A/B%20C?title=T&version=1.2":                      {Label: "T", Address: "voice.example", User: "bo", Channel: "A/B C"},
		"mumble://[2001:db8::1]/":                                                                 {Address: "2001:db8::1"},
		"ts3server://voice.example?port=9987&nickname=bo&password=x&channel=A/B&addbookmark=Club": {Label: "Club", Address: "voice.example", User: "bo", Channel: "A/B"},
		"TS3SERVER://Voice.Example?addbookmark=1":                                                 {Address: "voice.example"},
		"[InternetShortcut]\r\nIconIndex=0\r\nURL=mumble://voice.example/\r\n":                    {Address: "voice.example"},
	} {
		got, _, err := bookmarks.ParseLink(text)
		if err != nil || got != want {
			t.Errorf("%q: %+v, %v", text, got, err)
		}
		if strings.Contains(got.Link().String(), "secret") {
			t.Errorf("%q: the password came along", text)
		}
	}
}

func TestParseLinkThatIsNone(t *testing.T) {
	for _, text := range []string{
		"", "voice.example", "https://voice.example/", "mumble://", "mumble://a b/", "mumble://voice.example/a%00b",
		"mumble://u%E2%80%AEv@voice.example/", "ts3server://?port=1", "[InternetShortcut]\nURL=javascript:alert(1)\n", "[InternetShortcut]\n",
		"voiceapp://voice.example:99999/", "mumble://" + strings.Repeat("a", 20_000),
	} {
		if got, _, err := bookmarks.ParseLink(text); !errors.Is(err, voiceapp.Invalid) {
			t.Errorf("%.60q: %+v, %v", text, got, err)
		}
	}
}

// A link that is read can be saved, and comes back from its own link.
func FuzzParseLink(f *testing.F) {
	for _, seed := range []string{
		"voiceapp://bo@voice.example:7000/Games/Chess?title=Club&invite=TOKEN", "mumble://bo:pw@h/a/b?title=T", "ts3server://h?nickname=n&channel=a",
		"[InternetShortcut]\r\nURL=voiceapp://h\r\n", "mumble://[::1%25eth0]/",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		b, link, err := bookmarks.ParseLink(text)
		if err != nil {
			return
		}
		if err := b.Check(); err != nil {
			t.Fatalf("%q gives a bookmark that can't be: %v", text, err)
		}
		if link.Host != b.Address {
			t.Errorf("%q: the link leads to %q and the bookmark to %q", text, link.Host, b.Address)
		}
		again, _, err := bookmarks.ParseLink(b.Link().String())
		if err != nil || again.HostPort() != b.HostPort() || again.User != b.User {
			t.Errorf("%q: %+v came back as %+v, %v", text, b, again, err)
		}
	})
}

// A file that is read is written so that it is read the same.
func FuzzImport(f *testing.F) {
	for _, seed := range []string{
		"", "version = 1\n[[server]]\naddress = \"a\"\nport = 1\nlast_used = 2026-01-02T03:04:05Z\n", "[[server]]\naddress = \"a\"\nx = {y = [1, 2]}\n",
		"version = 99\n", "server = []\n", "[[server]]\naddress = \"a\"\nfingerprint = \"zz\"\n", "[[server]]\nid = \"1\"\naddress=\"a\"\n[[server]]\nid = \"1\"\naddress=\"b\"\n",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		list, err := bookmarks.Import(strings.NewReader(text))
		if err != nil {
			if !errors.Is(err, voiceapp.Invalid) {
				t.Errorf("%q: %v", text, err)
			}
			return
		}
		var out strings.Builder
		if err := bookmarks.Export(&out, list); err != nil {
			t.Fatal(err)
		}
		again, err := bookmarks.Import(strings.NewReader(out.String()))
		if err != nil || len(again) != len(list) {
			t.Fatalf("%q was written as %q: %v", text, out.String(), err)
		}
		for i := range list {
			was := list[i]
			was.LastUsed = again[i].LastUsed // to the second
			if again[i] != was {
				t.Errorf("%+v came back as %+v", was, again[i])
			}
		}
	})
}
