package ui_test

import (
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"github.com/voiceapp-sdk/voiceapp"
)

// leave has another program have the keyboard, or this one again.
func (w *world) leave(away bool) {
	w.t.Helper()
	hooks := fyne.CurrentApp().Lifecycle().(interface { //nolint:forcetypeassert // Fyne's drivers call these
		OnEnteredForeground() func()
		OnExitedForeground() func()
	})
	if away {
		hooks.OnExitedForeground()()
	} else {
		hooks.OnEnteredForeground()()
	}
}

// What was not seen is counted: at the tab while the server is not on the screen, and
// beside the conversation for the others.
func TestUnread(t *testing.T) {
	w := newWorld(t)
	h := newHost(t)
	bo := h.member("Bo", voiceapp.RoleAdmin)
	w.app.Connect(w.save("Home", h.addr, h.key))
	w.until("the Lobby", func() bool { return w.app.Talks() == 1 && w.app.Topic() == "channel:1" })
	says := func(to voiceapp.ChatTarget, text string) {
		t.Helper()
		if _, err := bo.SendChatTo(t.Context(), to, text); err != nil {
			t.Fatal(err)
		}
	}
	title := func(want string) { t.Helper(); w.until(want, func() bool { return w.app.ShownTabTitle(1) == want }) }
	anna := voiceapp.ChatTarget{ToSession: w.app.Client().Self().Session}

	w.app.ShowTab(0)
	for _, one := range []struct {
		to   voiceapp.ChatTarget
		want string
	}{{voiceapp.ChatTarget{}, "Home (1)"}, {voiceapp.ChatTarget{Server: true}, "Home (2)"}, {anna, "Home (3)"}} {
		says(one.to, "hello")
		title(one.want)
	}
	w.app.ShowTab(1)
	title("Home")
	for _, left := range []string{"2", "1"} {
		w.until("what is unread elsewhere", func() bool { return w.app.Elsewhere().Text == left })
		test.Tap(w.app.Elsewhere())
	}
	w.until("nothing is unread", func() bool { return !w.app.Elsewhere().Visible() })
	w.app.OpenChannel(1)

	w.leave(true)
	says(voiceapp.ChatTarget{}, "are you there")
	title("Home (1)")
	w.leave(false)
	title("Home")
}

// A direct message notifies, unless it is on the screen.
func TestDirectMessageNotifies(t *testing.T) {
	w := newWorld(t)
	h := newHost(t)
	cy := h.member("Cy", voiceapp.RoleAdmin)
	w.app.Connect(w.save("Home", h.addr, h.key))
	w.until("the Lobby", func() bool { return w.app.Talks() == 1 && w.app.Topic() == "channel:1" })
	says := func(text string) {
		t.Helper()
		if _, err := cy.SendChatTo(t.Context(), voiceapp.ChatTarget{ToSession: w.app.Client().Self().Session}, text); err != nil {
			t.Fatal(err)
		}
		w.until(text, func() bool { return w.app.Latest(cy.Self()) == text })
		w.settle()
	}
	told := func(text string) {
		t.Helper()
		test.AssertNotificationSent(t, fyne.NewNotification("Cy", text), func() { says(text) })
	}
	told("one")
	w.app.OpenPerson(cy.Self())
	test.AssertNotificationSent(t, nil, func() { says("two") })
	w.leave(true)
	told("three")
}
