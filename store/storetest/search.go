package storetest

import (
	"fmt"
	"slices"
	"testing"

	"github.com/voiceapp-sdk/voiceapp"
)

// testMessagesAny checks that all is there but what was said to one.
func testMessagesAny(t *testing.T, r *rig) {
	anna, berta := r.user(t, "Anna", 10), r.user(t, "Berta", 10)
	lobby, backstage := r.channel(t, "Lobby"), r.channel(t, "Backstage")
	want := []voiceapp.Message{
		r.say(t, voiceapp.Message{Channel: lobby.ID, User: anna.ID, Name: "Anna"}),
		r.say(t, voiceapp.Message{Channel: backstage.ID, Name: "Guest"}),
	}
	r.say(t, voiceapp.Message{User: anna.ID, To: berta.ID, Name: "Anna"})
	want = append(want, r.say(t, voiceapp.Message{User: anna.ID, Name: "Anna"}))
	if got := r.history(t, voiceapp.MessageQuery{Any: true}); !slices.Equal(got, want) {
		t.Errorf("with Any there is %+v, want %+v", got, want)
	}
	if got := r.history(t, voiceapp.MessageQuery{Any: true, Before: want[2].ID, Limit: 1}); !slices.Equal(got, want[1:2]) {
		t.Errorf("before the last there is %+v, want %+v", got, want[1:2])
	}
}

// testMessageSearch checks that a text is found whatever its case and width, in its
// history only, and that nothing in it has a meaning.
func testMessageSearch(t *testing.T, r *rig) {
	anna, berta := r.user(t, "Anna", 10), r.user(t, "Berta", 10)
	lobby, other := r.channel(t, "Lobby"), r.channel(t, "Workshop")
	texts := []string{"100% sure", "100 sure", "a_b", "axb", `back\slash "quoted" 'single'`, "Grüße aus KÖLN", "ｗｉｄｅ", "two\n lines", "<b>*bold*</b>", "\U0001f3a7"}
	for _, text := range texts {
		r.say(t, voiceapp.Message{Channel: lobby.ID, Text: text})
		r.say(t, voiceapp.Message{Channel: other.ID, Text: text})
		r.say(t, voiceapp.Message{User: anna.ID, To: berta.ID, Text: text})
		r.say(t, voiceapp.Message{Text: text})
	}
	for part, want := range map[string][]string{
		"SURE": {"100% sure", "100 sure"}, "0%": {"100% sure"}, "%": {"100% sure"}, "_": {"a_b"}, "A_B": {"a_b"}, "\\": texts[4:5], `"Quoted`: texts[4:5], "'": texts[4:5],
		"GRÜSSE": texts[5:6], "grüße aus köln": texts[5:6], "WIDE": texts[6:7], "two lines": texts[7:8], "*": texts[8:9], "\U0001f3a7": texts[9:], "nowhere": nil, "": texts,
	} {
		for name, query := range map[string]voiceapp.MessageQuery{
			"a channel": {Channel: lobby.ID}, "two": {User: berta.ID, To: anna.ID}, "the server": {},
		} {
			query.Text = part
			if got := textsOf(r.history(t, query)); !slices.Equal(got, want) {
				t.Errorf("of %s %q finds %q, want %q", name, part, got, want)
			}
		}
		if got := r.history(t, voiceapp.MessageQuery{Any: true, Text: part}); len(got) != 3*len(want) {
			t.Errorf("of all %q finds %d, want %d", part, len(got), 3*len(want))
		}
	}
	r.testSearchPages(t)
}

// testSearchPages checks that pages of what is found have each once.
func (r *rig) testSearchPages(t *testing.T) {
	t.Helper()
	lobby := r.channel(t, "Lobby").ID
	var want, got []string
	for i := range 10 {
		want = append(want, r.say(t, voiceapp.Message{Channel: lobby, Text: fmt.Sprint("needle ", i)}).Text)
		r.say(t, voiceapp.Message{Channel: lobby, Text: "hay"})
	}
	query := voiceapp.MessageQuery{Channel: lobby, Text: "NEEDLE", Limit: 3}
	for page := r.history(t, query); len(page) > 0; page = r.history(t, query) {
		got = append(textsOf(page), got...)
		query.Before = page[0].ID
	}
	if !slices.Equal(got, want) {
		t.Errorf("the pages are %q, want %q", got, want)
	}
}

func textsOf(messages []voiceapp.Message) (texts []string) {
	for _, m := range messages {
		texts = append(texts, m.Text)
	}
	return texts
}

func testFindUsers(t *testing.T, r *rig) {
	find := func(text string, after voiceapp.UserID, limit int) (found []string) {
		t.Helper()
		all, err := as[UserFinder](r).FindUsers(t.Context(), text, after, limit)
		if err != nil {
			t.Fatalf("FindUsers(%q): %v", text, err)
		}
		for _, user := range all {
			found = append(found, user.Name)
		}
		return found
	}
	var anna voiceapp.User
	for _, name := range []string{"Anna", "Hanna", "Jörg", "Ann%a", "a_b", "acb", "Straße"} {
		user := r.user(t, name, voiceapp.RoleMember)
		if name == "Anna" {
			anna = user
		}
	}
	for text, want := range map[string][]string{
		"": {"Anna", "Hanna", "Jörg", "Ann%a", "a_b", "acb", "Straße"}, "ANN": {"Anna", "Hanna", "Ann%a"}, "jÖR": {"Jörg"}, "%": {"Ann%a"}, "A_": {"a_b"},
		"STRASSE": {"Straße"}, " anna ": {"Anna", "Hanna"}, "nobody": nil, "'": nil, "\xff": nil,
	} {
		if got := find(text, 0, 0); !slices.Equal(got, want) {
			t.Errorf("FindUsers(%q) = %q, want %q", text, got, want)
		}
	}
	if got := find("anna", anna.ID, 0); !slices.Equal(got, []string{"Hanna"}) {
		t.Errorf("after the first there is %q", got)
	}
	if got := find("ann", 0, 2); !slices.Equal(got, []string{"Anna", "Hanna"}) {
		t.Errorf("the first two are %q", got)
	}
	for _, limit := range []int{-1, 501} {
		_, err := as[UserFinder](r).FindUsers(t.Context(), "", 0, limit)
		wantCode(t, fmt.Sprint("FindUsers with a limit of ", limit), err, voiceapp.Invalid)
	}
}
