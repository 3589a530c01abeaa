package storetest

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
)

func messagesParts() []part {
	return []part{
		{"Histories", testHistories},
		{"Pages", testMessagePages},
		{"Any", testMessagesAny},
		{"Search", testMessageSearch},
		{"Change", testMessageChange},
		{"GoWithTheirChannel", testMessagesOfDeletedChannel},
		{"Prune", testPrune},
		{"Refuses", testMessageRefuses},
	}
}

func (r *rig) say(t *testing.T, m voiceapp.Message) voiceapp.Message {
	t.Helper()
	if m.Text == "" {
		m.Text = "hello"
	}
	made, err := as[Messages](r).AppendMessage(t.Context(), m)
	if err != nil {
		t.Fatalf("AppendMessage(%+v): %v", m, err)
	}
	return made
}

func (r *rig) history(t *testing.T, query voiceapp.MessageQuery) []voiceapp.Message {
	t.Helper()
	all, err := as[Messages](r).Messages(t.Context(), query)
	if err != nil {
		t.Fatalf("Messages(%+v): %v", query, err)
	}
	return all
}

// testHistories checks that each message is in its own history and in no other.
func testHistories(t *testing.T, r *rig) {
	anna, berta, carl := r.user(t, "Anna", 10), r.user(t, "Berta", 10), r.user(t, "Carl", 10)
	lobby, workshop := r.channel(t, "Lobby"), r.channel(t, "Workshop")
	sent := time.Now().UTC().Truncate(time.Millisecond)
	said := []voiceapp.Message{
		r.say(t, voiceapp.Message{Channel: lobby.ID, User: anna.ID, Name: "Anna", Session: 1<<32 - 1, Text: "a\n\"b\" <c> \U0001f3a7", Sent: sent}),
		r.say(t, voiceapp.Message{Channel: workshop.ID, Name: "Guest"}),
		r.say(t, voiceapp.Message{Name: "Anna", User: anna.ID, Text: "to all"}),
		r.say(t, voiceapp.Message{User: anna.ID, To: berta.ID, Name: "Anna"}),
		r.say(t, voiceapp.Message{User: berta.ID, To: anna.ID, Name: "Berta"}),
		r.say(t, voiceapp.Message{User: anna.ID, To: carl.ID, Name: "Anna"}),
		r.say(t, voiceapp.Message{User: anna.ID, To: anna.ID, Name: "Anna"}),
	}
	if m := said[0]; m.Session != 1<<32-1 || m.Text != "a\n\"b\" <c> \U0001f3a7" || !m.Sent.Equal(sent) || !m.Edited.IsZero() || m.Name != "Anna" {
		t.Errorf("AppendMessage = %+v", m)
	}
	for _, c := range []struct {
		query voiceapp.MessageQuery
		want  []voiceapp.Message
	}{
		{voiceapp.MessageQuery{Channel: lobby.ID}, said[:1]},
		{voiceapp.MessageQuery{Channel: workshop.ID}, said[1:2]},
		{voiceapp.MessageQuery{}, said[2:3]},
		{voiceapp.MessageQuery{User: anna.ID, To: berta.ID}, said[3:5]},
		{voiceapp.MessageQuery{User: berta.ID, To: anna.ID}, said[3:5]},
		{voiceapp.MessageQuery{User: carl.ID, To: anna.ID}, said[5:6]},
		{voiceapp.MessageQuery{User: anna.ID, To: anna.ID}, said[6:7]},
		{voiceapp.MessageQuery{User: berta.ID, To: carl.ID}, nil},
		{voiceapp.MessageQuery{Channel: voiceapp.MaxID}, nil},
	} {
		if got := r.history(t, c.query); !slices.Equal(got, c.want) {
			t.Errorf("Messages(%+v) = %+v, want %+v", c.query, got, c.want)
		}
	}
}

func testMessagePages(t *testing.T, r *rig) {
	lobby, other := r.channel(t, "Lobby"), r.channel(t, "Workshop")
	var want []voiceapp.Message
	for i := range 10 {
		want = append(want, r.say(t, voiceapp.Message{Channel: lobby.ID, Text: fmt.Sprint(i)}))
		r.say(t, voiceapp.Message{Channel: other.ID})
	}
	var got []voiceapp.Message
	query := voiceapp.MessageQuery{Channel: lobby.ID, Limit: 4}
	for page := r.history(t, query); len(page) > 0; page = r.history(t, query) {
		got = append(slices.Clone(page), got...)
		query.Before = page[0].ID
	}
	if !slices.Equal(got, want) {
		t.Errorf("the pages are %+v, want %+v", got, want)
	}
	for _, limit := range []int{-1, 501} {
		_, err := as[Messages](r).Messages(t.Context(), voiceapp.MessageQuery{Limit: limit})
		wantCode(t, fmt.Sprint("Messages with a limit of ", limit), err, voiceapp.Invalid)
	}
}

func testMessageChange(t *testing.T, r *rig) {
	messages := as[Messages](r)
	want := r.say(t, voiceapp.Message{Channel: r.channel(t, "Lobby").ID, Text: "one"})
	got, err := messages.EditMessage(t.Context(), want.ID, "two")
	want.Text, want.Edited = "two", got.Edited
	if err != nil || got != want || got.Edited.IsZero() {
		t.Errorf("EditMessage = %+v, %v; want %+v", got, err, want)
	}
	if got, err := messages.Message(t.Context(), want.ID); err != nil || got != want {
		t.Errorf("Message = %+v, %v; want %+v", got, err, want)
	}
	if err := messages.DeleteMessage(t.Context(), want.ID); err != nil {
		t.Error(err)
	}
	wantCode(t, "DeleteMessage again", messages.DeleteMessage(t.Context(), want.ID), voiceapp.NotFound)
	if left := r.history(t, voiceapp.MessageQuery{Channel: want.Channel}); len(left) != 0 {
		t.Errorf("after it was deleted there is %+v", left)
	}
	if next := r.say(t, voiceapp.Message{Channel: want.Channel}); next.ID <= want.ID {
		t.Errorf("after %d came %d", want.ID, next.ID)
	}
}

func testMessagesOfDeletedChannel(t *testing.T, r *rig) {
	editor, ok := r.Directory.(ChannelEditor)
	if !ok {
		t.Skip("no channel can be deleted")
	}
	m := r.say(t, voiceapp.Message{Channel: r.channel(t, "Lobby").ID})
	toAll := r.say(t, voiceapp.Message{})
	if err := editor.DeleteChannel(t.Context(), m.Channel); err != nil {
		t.Fatal(err)
	}
	_, err := as[Messages](r).Message(t.Context(), m.ID)
	wantCode(t, "Message of a deleted channel", err, voiceapp.NotFound)
	if left := r.history(t, voiceapp.MessageQuery{}); len(left) != 1 || left[0] != toAll {
		t.Errorf("messages to all are %+v", left)
	}
}

// testPrune removes what is too old, and nothing because of a clock that jumps.
func testPrune(t *testing.T, r *rig) {
	const day = 24 * time.Hour
	lobby := r.channel(t, "Lobby").ID
	now := time.Now()
	for i := range 600 { // more than one batch
		r.say(t, voiceapp.Message{Channel: lobby, Text: "old", Sent: now.Add(-10*day - time.Duration(i)*time.Minute)})
	}
	for range 3 {
		r.say(t, voiceapp.Message{Channel: lobby, Text: "young", Sent: now.Add(-5 * day)})
	}
	prune := func(keep time.Duration, want int) {
		t.Helper()
		if n, err := as[Messages](r).Prune(t.Context(), keep); err != nil || n != want {
			t.Errorf("Prune(%v) = %d, %v; want %d", keep, n, err, want)
		}
	}
	prune(0, 0)
	prune(7*day, 600)
	prune(7*day, 0)
	if left := r.history(t, voiceapp.MessageQuery{Channel: lobby}); len(left) != 3 || left[0].Text != "young" {
		t.Errorf("%d messages are left", len(left))
	}
	_, err := as[Messages](r).Prune(t.Context(), -1)
	wantCode(t, "Prune of what is to come", err, voiceapp.Invalid)

	r.advance(t, 365*day)
	prune(7*day, 0)
	r.advance(t, -2*365*day)
	prune(7*day, 0)
	r.advance(t, 365*day)
	prune(7*day, 0)
	r.advance(t, day)
	prune(7*day, 0)
	r.advance(t, 2*day)
	prune(7*day, 3)
}

func testMessageRefuses(t *testing.T, r *rig) {
	messages := as[Messages](r)
	anna := r.user(t, "Anna", voiceapp.RoleMember)
	lobby := r.channel(t, "Lobby").ID
	kept := r.say(t, voiceapp.Message{Channel: lobby})
	for _, c := range []struct {
		m    voiceapp.Message
		code voiceapp.Code
	}{
		{voiceapp.Message{Channel: lobby}, voiceapp.Invalid},
		{voiceapp.Message{Channel: lobby, Text: strings.Repeat("x", voiceapp.MaxMessageLength+1)}, voiceapp.Invalid},
		{voiceapp.Message{Channel: lobby, Text: "\xff"}, voiceapp.Invalid},
		{voiceapp.Message{Channel: lobby, Text: "\x1b[2J"}, voiceapp.Invalid},
		{voiceapp.Message{Channel: lobby, Text: "x", Name: strings.Repeat("x", 10_000)}, voiceapp.Invalid},
		{voiceapp.Message{Channel: lobby, Text: "x", User: voiceapp.MaxID + 1}, voiceapp.Invalid},
		{voiceapp.Message{Channel: lobby, Text: "x", Sent: time.Unix(1<<62, 0)}, voiceapp.Invalid},
		{voiceapp.Message{Channel: lobby, Text: "x", User: anna.ID, To: anna.ID}, voiceapp.Invalid},
		{voiceapp.Message{Text: "x", To: anna.ID}, voiceapp.Invalid},
		{voiceapp.Message{Text: "x", User: anna.ID, To: voiceapp.MaxID + 1}, voiceapp.NotFound},
		{voiceapp.Message{Text: "x", User: anna.ID, To: -1}, voiceapp.NotFound},
		{voiceapp.Message{Text: "x", Channel: voiceapp.MaxID + 1}, voiceapp.NotFound},
		{voiceapp.Message{Text: "x", Channel: -1}, voiceapp.NotFound},
	} {
		_, err := messages.AppendMessage(t.Context(), c.m)
		wantCode(t, fmt.Sprintf("AppendMessage(%.100q)", fmt.Sprint(c.m)), err, c.code)
	}
	for _, text := range []string{"", strings.Repeat("x", voiceapp.MaxMessageLength+1), "\u202e"} {
		_, err := messages.EditMessage(t.Context(), kept.ID, text)
		wantCode(t, "EditMessage", err, voiceapp.Invalid)
	}
	for _, bad := range badIDs {
		id := voiceapp.MessageID(bad)
		_, err := messages.Message(t.Context(), id)
		wantCode(t, fmt.Sprint("Message ", id), err, voiceapp.NotFound)
		_, err = messages.EditMessage(t.Context(), id, "x")
		wantCode(t, fmt.Sprint("EditMessage of ", id), err, voiceapp.NotFound)
		wantCode(t, fmt.Sprint("DeleteMessage of ", id), messages.DeleteMessage(t.Context(), id), voiceapp.NotFound)
	}
	for _, query := range []voiceapp.MessageQuery{{Channel: lobby, To: anna.ID}, {Any: true, Channel: lobby}, {Any: true, To: anna.ID}, {Text: "\xff"}, {Text: strings.Repeat("x", 10_000)}} {
		_, err := messages.Messages(t.Context(), query)
		wantCode(t, fmt.Sprintf("Messages(%.100q)", fmt.Sprint(query)), err, voiceapp.Invalid)
	}
	if left := r.history(t, voiceapp.MessageQuery{Channel: lobby}); len(left) != 1 || left[0] != kept {
		t.Errorf("the history became %+v", left)
	}
}
