package ui

import (
	"context"
	"errors"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/widget"

	"github.com/voiceapp-sdk/voiceapp"
)

// trust lets pass the key that is pinned, and asks about one that is new. Another key in
// place of the one that is pinned is a hard stop.
func (c *connecting) trust(addr string, shown voiceapp.Fingerprint) error {
	b, err := c.app.cfg.Book.Get(c.bookmark.ID)
	if err != nil {
		return err
	}
	c.pinned, c.shown = b.Fingerprint, shown
	pin := c.app.cfg.Book.TrustFirstUse(c.bookmark.ID)
	if !b.Fingerprint.IsZero() {
		return pin(addr, shown)
	}
	asked := time.Now()
	if err := c.askTrust(addr, shown); err != nil {
		return err
	}
	if err := pin(addr, shown); err != nil {
		return err
	}
	if time.Since(asked) > c.app.patience {
		return errAnswered
	}
	return nil
}

// serverPatience is for how long a server surely waits for who has connected. A person
// takes as long as it takes to compare two keys.
const serverPatience = 10 * time.Second

// errAnswered says that a key is trusted by now, and that it took too long for the
// connection on which it was shown.
var errAnswered = errors.New("the key is trusted now: connect again")

// askTrust shows a key to a person.
func (c *connecting) askTrust(addr string, shown voiceapp.Fingerprint) error {
	answer := make(chan bool, 1)
	c.app.do(func() {
		text := widget.NewLabel(lang.L("This is your first contact with {{.Address}}. Its key is below. Whoever runs the server can tell you whether it is the right one. From now on, a server with another key will not be trusted.", map[string]any{"Address": plain(addr)}))
		text.Wrapping = fyne.TextWrapWord
		key := widget.NewLabelWithStyle(shortKey(shown), fyne.TextAlignCenter, fyne.TextStyle{Monospace: true})
		ask := dialog.NewCustomConfirm(lang.L("Do you trust this server?"), lang.L("Trust it"), lang.L("Cancel"), container.NewVBox(text, key), func(yes bool) { answer <- yes }, c.app.window)
		c.app.show(ask, fyne.NewSize(520, 0), nil)
	})
	select {
	case yes := <-answer:
		if yes {
			return nil
		}
		return context.Canceled
	case <-c.ctx.Done():
		return c.ctx.Err()
	}
}

// twoKeys is why a server is not trusted any more: the key that it had and the one that it
// shows, where both are known, or else what why says.
func (c *connecting) twoKeys(why *widget.Label) fyne.CanvasObject {
	why.Importance = widget.DangerImportance
	if c.pinned.IsZero() || c.shown.IsZero() {
		return why
	}
	why.SetText(lang.L("The server at {{.Address}} shows another key than before. Somebody may be listening in; nothing was sent to it.", map[string]any{"Address": plain(c.bookmark.HostPort())}))
	advice := widget.NewLabel(lang.L("If its owner tells you that the key was changed, edit the saved server and forget its key."))
	advice.Wrapping = fyne.TextWrapWord
	key := func(name string, f voiceapp.Fingerprint) *widget.FormItem {
		return widget.NewFormItem(name, monospaced(shortKey(f)))
	}
	return container.NewVBox(why, widget.NewForm(key(lang.L("Key before"), c.pinned), key(lang.L("Key now"), c.shown)), advice)
}

// shortKey gives a key in a form that people can compare: groups of four, two lines.
func shortKey(f voiceapp.Fingerprint) string {
	var groups []string
	text := f.String()
	for i := 0; i+4 <= len(text); i += 4 {
		groups = append(groups, text[i:i+4])
	}
	return strings.Join(groups[:len(groups)/2], " ") + "\n" + strings.Join(groups[len(groups)/2:], " ")
}
