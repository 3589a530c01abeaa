package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/control"
	"github.com/voiceapp-sdk/voiceapp/internal/cli"
)

// moderation is the commands about others.
func moderation() []cli.Command {
	return []cli.Command{
		command("kick", "NAME", "end somebody's session, and keep them out for a minute",
			"Ends the sessions of somebody who is there; for moderators.\n\n  voiceapp kick bo --reason 'once more and it is for a week' --user anna --password-file secret.txt",
			&kick{moderator: asModerator()}),
		command("ban", "WHOM", "keep somebody out",
			"Keeps out somebody who is there, an account, an address or range of addresses, or a device; for moderators up\nto 7 days. When it would hit others too it says so, and wants --confirm.\n\n  voiceapp ban bo --for 24h --reason noise --user anna --password-file secret.txt\n  voiceapp ban 203.0.113.0/24 --for 1h --confirm --user anna --password-file secret.txt",
			&ban{moderator: asModerator()}),
		command("unban", "ID", "let in again whom a ban keeps out",
			"Lifts a ban by its number, which voiceapp bans shows.\n\n  voiceapp unban 7 --user anna --password-file secret.txt",
			&unban{moderator: asModerator()}),
		command("bans", "", "show who is kept out",
			"Shows all bans, those that are over too; for moderators.\n\n  voiceapp bans --user anna --password-file secret.txt",
			&bans{login: asUser()}),
		command("mute", "NAME", "keep somebody from being heard",
			"Mutes somebody who is there, also when they come back, until --off; for moderators.\n\n  voiceapp mute bo --user anna --password-file secret.txt",
			&mute{moderator: asModerator()}),
		command("deafen", "NAME", "keep somebody from hearing",
			"Deafens somebody who is there, also when they come back, until --off; for moderators.\n\n  voiceapp deafen bo --user anna --password-file secret.txt",
			&deafen{moderator: asModerator()}),
		command("move", "NAME", "move somebody to another channel",
			"Moves somebody who is there to a channel that they may join, or without --to out of theirs; for moderators.\n\n  voiceapp move bo --to Games/Go --user anna --password-file secret.txt",
			&move{moderator: asModerator()}),
		command("role", "NAME ROLE", "give an account a role",
			"Gives an account a role below one's own: guest, member, moderator, admin, or a number; owners give any.\n\n  voiceapp role bo moderator --user anna --password-file secret.txt",
			&role{moderator: asModerator()}),
	}
}

// moderator is a session of one who acts on others.
type moderator struct {
	login

	Reason string `name:"reason" help:"why, for the audit log; those who are kicked or banned read it too"`
}

func asModerator() moderator { return moderator{login: asUser()} }

// on opens a session and acts on somebody who is there.
func (m *moderator) on(ctx context.Context, streams *cli.Streams, name string, act func(*control.Client, voiceapp.SessionID) error) error {
	client, err := m.dial(ctx, streams)
	if err != nil {
		return err
	}
	defer client.Close()
	session, err := sessionNamed(client, name)
	if err != nil {
		return err
	}
	return act(client, session)
}

// kick is the command kick.
type kick struct{ moderator }

func (k *kick) run(ctx context.Context, streams *cli.Streams, args []string) error {
	return k.on(ctx, streams, args[0], func(client *control.Client, session voiceapp.SessionID) error {
		return client.Kick(ctx, session, k.Reason)
	})
}

// mute is the command mute.
type mute struct {
	moderator

	Off bool `name:"off" help:"let them be heard again"`
}

func (m *mute) run(ctx context.Context, streams *cli.Streams, args []string) error {
	return m.on(ctx, streams, args[0], func(client *control.Client, session voiceapp.SessionID) error {
		return client.Mute(ctx, session, !m.Off, m.Reason)
	})
}

// deafen is the command deafen.
type deafen struct {
	moderator

	Off bool `name:"off" help:"let them hear again"`
}

func (d *deafen) run(ctx context.Context, streams *cli.Streams, args []string) error {
	return d.on(ctx, streams, args[0], func(client *control.Client, session voiceapp.SessionID) error {
		return client.Deafen(ctx, session, !d.Off, d.Reason)
	})
}

// move is the command move.
type move struct {
	moderator

	To string `name:"to" value:"PATH" help:"the channel; none: out of theirs"`
}

func (m *move) run(ctx context.Context, streams *cli.Streams, args []string) error {
	return m.on(ctx, streams, args[0], func(client *control.Client, session voiceapp.SessionID) error {
		var to voiceapp.Channel
		if m.To != "" {
			var err error
			if to, err = voiceapp.FindPath(client.Channels(), m.To); err != nil {
				return err
			}
		}
		return client.Move(ctx, session, to.ID, m.Reason)
	})
}

// role is the command role.
type role struct{ moderator }

func (r *role) run(ctx context.Context, streams *cli.Streams, args []string) error {
	wanted, err := voiceapp.ParseRole(args[1])
	if err != nil {
		return err
	}
	client, err := r.dial(ctx, streams)
	if err != nil {
		return err
	}
	defer client.Close()
	id, err := accountNamed(ctx, client, args[0])
	if err != nil {
		return err
	}
	user, err := client.SetRole(ctx, id, wanted, r.Reason)
	if err != nil {
		return err
	}
	if r.JSON {
		return streams.PrintJSON(user)
	}
	fmt.Fprintf(streams.Out, "%s is %s now.\n", cli.Printable(user.Name), user.Role)
	return nil
}

// accountNamed finds an account, of somebody who is there or, for admins, of
// anybody.
func accountNamed(ctx context.Context, client *control.Client, name string) (voiceapp.UserID, error) {
	for _, p := range client.Sessions() {
		if p.User != 0 && voiceapp.FoldName(p.Name) == voiceapp.FoldName(name) {
			return p.User, nil
		}
	}
	var after voiceapp.UserID
	for more := true; more; {
		users, rest, err := client.Users(ctx, after)
		if errors.Is(err, voiceapp.Forbidden) {
			break
		}
		if err != nil {
			return 0, err
		}
		for _, user := range users {
			if voiceapp.FoldName(user.Name) == voiceapp.FoldName(name) {
				return user.ID, nil
			}
			after = user.ID
		}
		more = rest && len(users) > 0
	}
	return 0, voiceapp.NewError(voiceapp.NotFound, "there is no account called "+cli.Printable(name))
}
