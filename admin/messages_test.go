package admin_test

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"testing"

	"github.com/voiceapp-sdk/voiceapp"
)

// said reads all pages of a list of messages.
func (r *rig) said(token, query string) (texts []string) {
	r.t.Helper()
	for next := "-"; next != ""; {
		var got struct {
			Items []voiceapp.Message
			Next  string
		}
		path := "/api/messages?limit=3&" + query
		if next != "-" {
			path += "&page=" + next
		}
		r.as(token).do("GET", path, nil).want(http.StatusOK).into(&got)
		for _, m := range got.Items {
			texts = append(texts, m.Text)
		}
		if next = got.Next; len(texts) > 1000 {
			r.t.Fatalf("the pages of %q have no end", query)
		}
	}
	return texts
}

// What was said comes the newest first, all of it, and to each only what he may read.
func TestMessagesAreListed(t *testing.T) {
	r := newRig(t)
	owner := r.account("owner", voiceapp.RoleOwner)
	r.account("moderator", voiceapp.RoleModerator)
	ownerToken, token := r.token("owner"), r.token("moderator")
	var closed voiceapp.ChannelInfo
	r.as(ownerToken).do("POST", "/api/channels", map[string]any{"name": "Owners", "required_role": 40}).want(http.StatusCreated).into(&closed)
	var lobby, readable, all, server []string
	say := func(to voiceapp.Message) {
		t.Helper()
		to.User, to.Name = owner.ID, "owner"
		_, err := r.store.AppendMessage(t.Context(), to)
		r.must(err)
	}
	for i := range 20 {
		text := func(where string) string { return fmt.Sprintf("%s Nº %d", where, i) }
		say(voiceapp.Message{Channel: 1, Text: text("lobby")})
		say(voiceapp.Message{To: owner.ID, Text: text("secret")})
		for range 5 {
			say(voiceapp.Message{Channel: closed.ID, Text: text("closed")})
			all = append(all, text("closed"))
		}
		say(voiceapp.Message{Text: text("server")})
		lobby, server = append(lobby, text("lobby")), append(server, text("server"))
		readable = append(readable, text("lobby"), text("server"))
	}
	for _, texts := range [][]string{lobby, server, readable} {
		slices.Reverse(texts)
	}
	for _, c := range []struct {
		query string
		want  []string
	}{
		{"", readable},
		{"channel=1", lobby},
		{"server=true", server},
		{"q=" + url.QueryEscape("LOBBY nº"), lobby},
		{"q=server", server},
		{"channel=1&q=server", nil},
		{"q=" + url.QueryEscape("nº 7"), []string{"server Nº 7", "lobby Nº 7"}},
		{"q=secret", nil},
		{"q=closed", nil},
	} {
		if got := r.said(token, c.query); !slices.Equal(got, c.want) {
			t.Errorf("%q lists %q, want %q", c.query, got, c.want)
		}
	}
	if got := r.said(ownerToken, "q=closed"); len(got) != len(all) {
		t.Errorf("the owner finds %d, want %d", len(got), len(all))
	}
	if got := r.said(ownerToken, "q=secret"); len(got) != 0 {
		t.Errorf("among all channels there is %q", got)
	}
	r.as(token).do("GET", fmt.Sprintf("/api/messages?channel=%d", closed.ID), nil).refused(voiceapp.Forbidden)
}
