package main

import (
	"context"
	"fmt"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/control"
	"github.com/voiceapp-sdk/voiceapp/internal/cli"
)

// register is the command register.
type register struct {
	reach

	Name         string `name:"name" help:"the name of the account"`
	PasswordFile string `name:"password-file" value:"FILE" help:"the new password, the first line of a file (- is standard input)"`
	Invite       string `name:"invite" value:"LINK" help:"the link of an invite, which names the server too, or its token"`
}

func (r *register) run(ctx context.Context, streams *cli.Streams, _ []string) error {
	if r.Name == "" || r.PasswordFile == "" {
		return voiceapp.NewError(voiceapp.Invalid, "name the account by --name, and the file with its password by --password-file")
	}
	token, err := r.follow()
	if err != nil {
		return err
	}
	secrets, err := readSecrets(ctx, streams, r.PasswordFile, "new password")
	if err != nil {
		return err
	}
	client, err := r.connect(ctx, streams)
	if err != nil {
		return err
	}
	defer client.Close()
	user, err := client.UseInvite(ctx, token, r.Name, secrets[0])
	if err != nil {
		return err
	}
	if r.JSON {
		return streams.PrintJSON(user)
	}
	fmt.Fprintf(streams.Out, "%s is a %s of %s now. Log in with --user %q and the new password.\n", user.Name, user.Role, client.Addr(), user.Name)
	return nil
}

// follow gives the token of the invite. Its link says where the server is, and
// which key it has.
func (r *register) follow() (token string, err error) {
	link, err := voiceapp.ParseLink(r.Invite)
	if err != nil {
		link = voiceapp.Link{Host: "token", Invite: r.Invite} // of which only the token counts
		return r.Invite, link.Check()
	}
	r.Server = link.Addr()
	if r.Fingerprint.IsZero() {
		r.Fingerprint = link.Fingerprint
	}
	return link.Invite, nil
}

// invite is the command invite.
type invite struct {
	login

	Role   string        `name:"role" help:"the role of the accounts that come of it: guest, member, moderator or a number up to 20"`
	Uses   int           `name:"uses" value:"N" help:"how many accounts it makes"`
	For    time.Duration `name:"for" value:"TIME" help:"how long it is good for; 0: for good"`
	List   bool          `name:"list" help:"show the invites that are open, and make none"`
	Delete int           `name:"delete" value:"ID" help:"make an invite worthless, and make none"`
}

func newInvite() *invite {
	return &invite{login: asUser(), Role: voiceapp.RoleMember.String(), Uses: 1, For: 7 * 24 * time.Hour}
}

func (i *invite) run(ctx context.Context, streams *cli.Streams, _ []string) error {
	client, err := i.dial(ctx, streams)
	if err != nil {
		return err
	}
	defer client.Close()
	switch {
	case i.Delete != 0:
		return client.DeleteInvite(ctx, voiceapp.InviteID(i.Delete), "")
	case i.List:
		return i.list(ctx, client, streams)
	default:
		return i.make(ctx, client, streams)
	}
}

func (i *invite) make(ctx context.Context, client *control.Client, streams *cli.Streams) error {
	role, err := voiceapp.ParseRole(i.Role)
	if err != nil {
		return err
	}
	wanted := voiceapp.Invite{Role: role, Uses: i.Uses}
	if i.For > 0 {
		wanted.Expires = time.Now().Add(i.For).UTC()
	}
	made, link, err := client.NewInvite(ctx, wanted)
	if err != nil {
		return err
	}
	if i.JSON {
		return streams.PrintJSON(struct {
			voiceapp.Invite
			Link string `json:"link"`
		}{made, link.String()})
	}
	_, err = fmt.Fprintln(streams.Out, link)
	return err
}

func (i *invite) list(ctx context.Context, client *control.Client, streams *cli.Streams) error {
	all, err := client.Invites(ctx)
	if err != nil {
		return err
	}
	for _, open := range all {
		if i.JSON {
			err = streams.PrintJSON(open)
		} else {
			_, err = fmt.Fprintf(streams.Out, "%d: %d more as %s, %s\n", open.ID, open.Uses, open.Role, until(open.Expires))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func until(end time.Time) string {
	if end.IsZero() {
		return "for good"
	}
	return "until " + end.Local().Format(time.DateTime)
}

// password is the command password.
type password struct {
	login

	NewFile string `name:"new-file" value:"FILE" help:"the new password, the first line of a file; without it, the second line of the old one's"`
}

func (p *password) run(ctx context.Context, streams *cli.Streams, _ []string) error {
	if p.PasswordFile == "" {
		return voiceapp.NewError(voiceapp.Invalid, "name the file with the old password by --password-file")
	}
	old, next, err := readTwoSecrets(ctx, streams, p.PasswordFile, "old password", p.NewFile, "new password")
	if err != nil {
		return err
	}
	client, err := p.connect(ctx, streams)
	if err != nil {
		return err
	}
	defer client.Close()
	if err := client.Open(ctx, p.name(), old); err != nil {
		return err
	}
	if err := client.SetPassword(ctx, old, next); err != nil {
		return err
	}
	_, err = fmt.Fprintln(streams.Out, "The password is changed. Devices that were remembered have to log in again.")
	return err
}
