package ui

import (
	"context"
	"errors"
	"os/user"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/bookmarks"
	"github.com/voiceapp-sdk/voiceapp/control"
	"github.com/voiceapp-sdk/voiceapp/examples/fyne/session"
)

// connectTime bounds a try to connect.
const connectTime = 2 * time.Minute

// connecting is a connection that is being made, with what is shown of it.
type connecting struct {
	app      *App
	bookmark bookmarks.Bookmark
	invite   string            // a token that makes an account; "": none
	given    *bookmarks.Secret // what logs one in; nil: what is kept does
	secret   bookmarks.Secret  // that, once it was found
	ctx      context.Context
	cancel   context.CancelFunc
	pinned   voiceapp.Fingerprint // the key that the server is to have; zero: any, or none was shown yet
	shown    voiceapp.Fingerprint // the one that it showed last
	steps    map[session.Step]*widget.Label
	dialog   *dialog.CustomDialog
	busy     *widget.Activity
	next     string // a channel to go to then; "": none
	gaveUp   bool   // a person did
	over     bool   // it was made, or came to nothing
}

// connect connects to a saved server, or to one that is not saved yet, and shows it where
// one is there already. An invite makes an account there first.
func (a *App) connect(b bookmarks.Bookmark, invite string) {
	if invite == "" && a.showOpen(b) {
		return
	}
	if c := a.dialing[loginOf(b)]; invite == "" && c != nil && !c.gaveUp {
		c.next = b.Channel
		return
	}
	if b.User == "" || invite != "" {
		a.askName(b, invite, nil)
		return
	}
	if password, ok := a.unkept[loginOf(b)]; ok {
		a.dial(b, "", &bookmarks.Secret{Password: password})
		return
	}
	a.dial(b, "", nil)
}

// showOpen shows the server of a bookmark, and goes to its channel there, when one is on it
// under that name, or under any where the bookmark has none. It reports whether one is.
func (a *App) showOpen(b bookmarks.Bookmark) bool {
	for item, t := range a.talks {
		if t.bookmark.HostPort() != b.HostPort() || b.User != "" && t.bookmark.User != b.User {
			continue
		}
		a.tabs.Select(item)
		if t.ended != nil {
			t.connectAgain()
		} else {
			t.goTo(b.Channel)
		}
		return true
	}
	return false
}

// login is a name on a server.
type login struct{ server, user string }

func loginOf(b bookmarks.Bookmark) login { return login{server: b.HostPort(), user: b.User} }

// askName asks under which name one wants to come; refusal is the server's, to let
// one in under the name so far, nil where it was not asked.
func (a *App) askName(b bookmarks.Bookmark, invite string, refusal error) {
	name := newField(b.User, "")
	if b.User == "" {
		name.SetText(localName())
	}
	name.Validator = inWords(voiceapp.CheckName)
	password := newSecretField("")
	items := []*widget.FormItem{widget.NewFormItem(lang.L("Name"), name), widget.NewFormItem(lang.L("Password"), password)}
	if refusal != nil {
		text := widget.NewLabel(why(refusal))
		text.Wrapping = fyne.TextWrapWord
		items = append([]*widget.FormItem{widget.NewFormItem("", text)}, items...)
	}
	heading := lang.L("Who are you on {{.Server}}?", map[string]any{"Server": plain(title(b))})
	if invite != "" {
		heading = lang.L("You are invited to {{.Server}}", map[string]any{"Server": plain(title(b))})
		password.SetPlaceHolder(lang.L("of your new account"))
	} else {
		password.SetPlaceHolder(lang.L("leave it empty to come as a guest"))
	}
	a.showForm(heading, lang.L("Connect"), items, func() {
		b.User = name.Text
		a.dial(b, invite, &bookmarks.Secret{Password: password.Text})
	})
	if refusal != nil {
		a.window.Canvas().Focus(password)
	}
}

// localName is what the user is called on this computer, where that can be a name.
func localName() string {
	who, err := user.Current()
	if err != nil || voiceapp.CheckName(who.Username) != nil {
		return ""
	}
	return who.Username
}

// dial shows the steps and connects, with a secret; nil: what is kept.
func (a *App) dial(b bookmarks.Bookmark, invite string, secret *bookmarks.Secret) {
	c := &connecting{app: a, bookmark: b, invite: invite, given: secret, steps: make(map[session.Step]*widget.Label)}
	c.ctx, c.cancel = context.WithCancel(a.ctx)
	c.show()
	a.dialing[loginOf(b)] = c
	var made *talk
	a.work(func(context.Context) (err error) {
		defer c.cancel()
		c.findSecret()
		if err = c.keep(); err == nil {
			made, err = c.open()
		}
		if errors.Is(err, errAnswered) {
			made, err = c.open()
		}
		return err
	}, func(err error) {
		c.over = true
		c.busy.Stop() // it would be drawn for ever
		a.hide(c.dialog)
		if a.dialing[loginOf(b)] == c {
			delete(a.dialing, loginOf(b))
		}
		a.servers.fill() // its key may be known by now
		if err == nil || errors.Is(err, voiceapp.BadCredentials) {
			delete(a.unkept, loginOf(c.bookmark))
		}
		switch {
		case err == nil && c.gaveUp:
			a.beside.Go(made.leave)
		case err == nil:
			a.opened(made, c)
		case c.wantsLogin(err):
			a.askName(c.bookmark, "", err)
		default:
			c.failed(err)
		}
	})
}

// wantsLogin reports whether another name or password may help: the one that was given is
// wrong, or there was none where guests don't get in under that name.
func (c *connecting) wantsLogin(err error) bool {
	switch {
	case c.invite != "":
		return false
	case errors.Is(err, voiceapp.BadCredentials):
		return true
	}
	return c.secret == (bookmarks.Secret{}) && (errors.Is(err, voiceapp.Exists) || errors.Is(err, voiceapp.Forbidden))
}

// show shows the steps, and a way out.
func (c *connecting) show() {
	rows := container.NewVBox()
	for _, one := range []struct {
		step session.Step
		text string
	}{
		{session.StepConnect, lang.L("Find the server")},
		{session.StepTrust, lang.L("Check its key")},
		{session.StepLogin, lang.L("Log in")},
		{session.StepJoin, lang.L("Enter the channel")},
		{session.StepVoice, lang.L("Open the voice")},
	} {
		label := widget.NewLabel("○  " + one.text)
		label.Importance = widget.LowImportance
		c.steps[one.step] = label
		rows.Add(label)
	}
	c.busy = widget.NewActivity()
	c.busy.Start()
	c.dialog = dialog.NewCustomWithoutButtons(lang.L("Connecting to {{.Server}}", map[string]any{"Server": plain(title(c.bookmark))}), container.NewBorder(nil, nil, nil, c.busy, rows), c.app.window)
	c.dialog.SetButtons([]fyne.CanvasObject{widget.NewButtonWithIcon(lang.L("Cancel"), theme.CancelIcon(), c.giveUp)})
	c.app.show(c.dialog, fyne.NewSize(420, 0), func() {
		if !c.over {
			c.giveUp()
		}
	})
}

// giveUp ends it, also where it is nearly made.
func (c *connecting) giveUp() {
	c.gaveUp = true
	c.cancel()
}

// step shows how far it has come: the steps before are done.
func (c *connecting) step(now session.Step) {
	done := true
	for _, step := range []session.Step{session.StepConnect, session.StepTrust, session.StepLogin, session.StepJoin, session.StepVoice} {
		label := c.steps[step]
		text := []rune(label.Text)
		switch {
		case step == now:
			done = false
			text[0], label.Importance = '●', widget.HighImportance
		case done:
			text[0], label.Importance = '✓', widget.SuccessImportance
		}
		label.SetText(string(text))
	}
}

// findSecret finds what logs one in. The keyring may ask a person for that.
func (c *connecting) findSecret() {
	if c.given != nil {
		c.secret = *c.given
		return
	}
	kept, err := c.app.cfg.Secrets.Get(c.ctx, c.bookmark.HostPort(), c.bookmark.User)
	if err != nil && !errors.Is(err, voiceapp.NotFound) && c.ctx.Err() == nil {
		c.app.do(func() { c.app.Complain(err) })
	}
	c.secret = kept
}

// keep saves a server that is not saved yet, so that its key has a place.
func (c *connecting) keep() (err error) {
	if c.bookmark.ID != "" {
		return nil
	}
	for _, b := range c.app.cfg.Book.List() {
		if b.HostPort() == c.bookmark.HostPort() && b.User == c.bookmark.User {
			c.bookmark.ID, c.bookmark.Fingerprint, c.bookmark.Label = b.ID, b.Fingerprint, b.Label
			return nil
		}
	}
	c.bookmark, err = c.app.cfg.Book.Add(c.bookmark)
	return err
}

// config says who connects, and whom is trusted.
func (c *connecting) config() control.ClientConfig {
	return control.ClientConfig{
		Name: c.bookmark.User, Password: c.secret.Password, Token: c.secret.Token,
		Trust: c.trust, DeviceKey: c.app.cfg.DeviceKey, Logger: c.app.cfg.Logger,
	}
}

// open makes the account of an invite, and then the session.
func (c *connecting) open() (made *talk, err error) {
	ctx, cancel := context.WithTimeout(c.ctx, connectTime)
	defer cancel()
	t := newTalk(c.app, c.bookmark)
	c.app.beside.Go(t.port.Warm) // while the server is found
	defer func() {
		if err != nil {
			_ = t.port.Close() // it returns nil, always
		}
	}()
	if err := c.useInvite(ctx); err != nil {
		return nil, err
	}
	opened, err := session.Open(ctx, session.Config{
		Addr: c.bookmark.HostPort(), Channel: c.bookmark.Channel, Client: c.config(), Codec: c.app.cfg.Codec,
		Sound: t.port, Voice: c.app.voice(), Filter: c.app.filter(), Happened: t.happened,
		Step: func(now session.Step) { c.app.do(func() { c.step(now) }) },
	})
	if err != nil {
		return nil, err
	}
	t.session = opened
	return t, nil
}

// useInvite makes an account, where there is an invite.
func (c *connecting) useInvite(ctx context.Context) error {
	if c.invite == "" {
		return nil
	}
	client, err := control.Connect(ctx, c.bookmark.HostPort(), c.config())
	if err != nil {
		return err
	}
	_, err = client.UseInvite(ctx, c.invite, c.bookmark.User, c.secret.Password)
	return errors.Join(err, client.Close())
}

// failed says why there is no connection, and offers to try again.
func (c *connecting) failed(err error) {
	if errors.Is(err, context.Canceled) {
		return
	}
	text := widget.NewLabel(why(err))
	text.Wrapping = fyne.TextWrapWord
	if errors.Is(err, voiceapp.KeyChanged) {
		stop := dialog.NewCustom(lang.L("This is not the server that you know"), lang.L("Close"), c.twoKeys(text), c.app.window)
		c.app.show(stop, fyne.NewSize(560, 0), nil)
		return
	}
	ask := dialog.NewCustomConfirm(lang.L("No connection to {{.Server}}", map[string]any{"Server": plain(title(c.bookmark))}), lang.L("Try again"), lang.L("Close"), text, func(again bool) {
		if again {
			c.app.dial(c.bookmark, c.invite, c.given)
		}
	}, c.app.window)
	c.app.show(ask, fyne.NewSize(480, 0), nil)
}

// opened shows a session in a tab of its own, and remembers what got it there.
func (a *App) opened(t *talk, c *connecting) {
	item := container.NewTabItemWithIcon(plain(title(c.bookmark)), iconRoom, t.build())
	t.item = item
	a.talks[item] = t
	a.tabs.Append(item)
	a.tabs.Select(item)
	t.start()
	if a.muted || a.deaf {
		t.tellSelf()
	}
	a.sound("connected")
	saved, err := a.cfg.Book.Update(c.bookmark.ID, func(b *bookmarks.Bookmark) error {
		b.User, b.LastUsed = c.bookmark.User, time.Now()
		if name := t.session.View().Server.Name; b.Label == "" && voiceapp.CheckName(name) == nil {
			b.Label = name
		}
		return nil
	})
	a.Complain(err)
	if err == nil {
		t.bookmark = saved
		item.Text = plain(title(saved))
	}
	if c.secret.Password != "" {
		a.work(func(ctx context.Context) error { return c.keepSecret(ctx, t.session) }, func(err error) {
			if !errors.Is(err, control.ConnectionLost) { // the banner says that
				a.Complain(err)
			}
		})
	}
	a.tabs.Refresh()
	a.servers.fill()
	a.Complain(t.refused)
	t.goTo(c.next)
}

// keepSecret keeps what logs one in: the password, or where there is no keyring for it a
// token, which its owner can revoke.
func (c *connecting) keepSecret(ctx context.Context, s *session.Session) error {
	secrets, server, name := c.app.cfg.Secrets, c.bookmark.HostPort(), c.bookmark.User
	err := secrets.Set(ctx, server, name, c.secret)
	if !errors.Is(err, voiceapp.Unavailable) {
		return err
	}
	_, token, err := s.Client().RememberDevice(ctx, "voiceapp-desktop")
	if err != nil {
		return err
	}
	return secrets.Set(ctx, server, name, bookmarks.Secret{Token: token})
}
