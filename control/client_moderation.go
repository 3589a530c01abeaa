package control

import (
	"context"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
)

// Kick ends the session of someone who is here, with all others of the account and
// of the device, and keeps these out for a minute. The reason is shown to them. It
// takes a moderator, and someone of a lower role. The errors are
// [voiceapp.NotFound], [voiceapp.Forbidden], [voiceapp.Conflict] for the last owner,
// and [voiceapp.Invalid].
func (c *Client) Kick(ctx context.Context, session voiceapp.SessionID, reason string) error {
	return c.ask(ctx, methodKick, kickParams{session, reason}, nil)
}

// Mute keeps someone who is here from being heard, or lets him be heard again, with
// all sessions of the account and the device, also when he comes back. The errors
// are as of [Client.Kick].
func (c *Client) Mute(ctx context.Context, session voiceapp.SessionID, muted bool, reason string) error {
	return c.ask(ctx, methodMute, muteParams{session, muted, reason}, nil)
}

// Deafen keeps someone who is here from hearing, or lets him hear again, as
// [Client.Mute] does with being heard.
func (c *Client) Deafen(ctx context.Context, session voiceapp.SessionID, deaf bool, reason string) error {
	return c.ask(ctx, methodDeafen, deafenParams{session, deaf, reason}, nil)
}

// Move puts someone who is here into a channel that he may join, or into none for 0.
// The errors are as of [Client.Kick].
func (c *Client) Move(ctx context.Context, session voiceapp.SessionID, to voiceapp.ChannelID, reason string) error {
	return c.ask(ctx, methodMoveUser, moveUserParams{session, to, reason}, nil)
}

// Ban keeps somebody out and ends what it hits. It returns the ban as it is. Beside
// those of [Client.Kick] there is the error [*voiceapp.BanHitsError]: ask the person, then
// do it again with Confirm.
func (c *Client) Ban(ctx context.Context, ban voiceapp.BanRequest) (voiceapp.Ban, error) {
	result, err := fetch[banResult](ctx, c, methodBan, banParams{
		Session: ban.Session, Parts: ban.Parts, User: ban.User, Device: ban.Device, Address: ban.Address,
		Reason: ban.Reason, Seconds: wholeSeconds(ban.For), Confirm: ban.Confirm,
	})
	return result.Ban, err
}

// wholeSeconds gives a time in seconds, rounded up: a short one is not for good.
func wholeSeconds(d time.Duration) int64 {
	if d%time.Second > 0 {
		d += time.Second
	}
	return int64(d / time.Second)
}

// EditBan changes the reason and the end of a ban; moderators change their own. The
// errors are as of [Client.Ban].
func (c *Client) EditBan(ctx context.Context, id voiceapp.BanID, edit voiceapp.BanEdit) (voiceapp.Ban, error) {
	params := editBanParams{Ban: id, Reason: edit.Reason, Confirm: edit.Confirm}
	if edit.For != nil {
		seconds := wholeSeconds(*edit.For)
		params.Seconds = &seconds
	}
	result, err := fetch[banResult](ctx, c, methodEditBan, params)
	return result.Ban, err
}

// LiftBan lets in again whom a ban keeps out; moderators lift their own. The errors
// are [voiceapp.NotFound] and [voiceapp.Forbidden].
func (c *Client) LiftBan(ctx context.Context, id voiceapp.BanID, reason string) error {
	return c.ask(ctx, methodLiftBan, liftBanParams{id, reason}, nil)
}

// Bans returns all bans, those that are over too. The error is [voiceapp.Forbidden]
// for those below moderator.
func (c *Client) Bans(ctx context.Context) (all []voiceapp.Ban, err error) {
	for after := voiceapp.BanID(0); ; after = all[len(all)-1].ID {
		page, err := fetch[bansResult](ctx, c, methodBans, bansParams{after})
		if err != nil {
			return nil, err
		}
		if len(page.Bans) > 0 && page.Bans[0].ID <= after {
			return nil, errRepeated()
		}
		all = append(all, page.Bans...)
		if !page.More || len(page.Bans) == 0 {
			return all, nil
		}
	}
}

// Users returns a page of all accounts, from the first after that id on, and whether
// there are more. The error is [voiceapp.Forbidden] for those below admin.
func (c *Client) Users(ctx context.Context, after voiceapp.UserID) (page []voiceapp.User, more bool, err error) {
	result, err := fetch[usersResult](ctx, c, methodUsers, usersParams{after})
	return result.Users, result.More, err
}

// SetRole gives an account of a lower role another one, below one's own, and
// returns it as it is; owners give any. The errors are as of [Client.Kick].
func (c *Client) SetRole(ctx context.Context, user voiceapp.UserID, role voiceapp.Role, reason string) (voiceapp.User, error) {
	result, err := fetch[accountResult](ctx, c, methodSetRole, setRoleParams{user, role, reason})
	return result.User, err
}

// RenameUser gives an account of a lower role another name. It takes an admin.
// Beside those of [Client.Kick] there is the error [voiceapp.Exists].
func (c *Client) RenameUser(ctx context.Context, user voiceapp.UserID, name, reason string) (voiceapp.User, error) {
	result, err := fetch[accountResult](ctx, c, methodRenameUser, renameUserParams{User: user, Name: name, Reason: reason})
	return result.User, err
}

// RenameGuest gives a guest who is here another name. It takes a moderator. The
// errors are as of [Client.RenameUser].
func (c *Client) RenameGuest(ctx context.Context, session voiceapp.SessionID, name, reason string) error {
	return c.ask(ctx, methodRenameUser, renameUserParams{Session: session, Name: name, Reason: reason}, nil)
}

// DeleteUser removes an account of a lower role. It takes an admin. The errors are
// as of [Client.Kick].
func (c *Client) DeleteUser(ctx context.Context, user voiceapp.UserID, reason string) error {
	return c.ask(ctx, methodDeleteUser, deleteUserParams{user, reason}, nil)
}

// AuditLog returns a page of the audit log, the newest entries first, and whether
// there are older ones; the query's Limit plays no part. The error is
// [voiceapp.Forbidden] for those below admin.
func (c *Client) AuditLog(ctx context.Context, query voiceapp.AuditQuery) (page []voiceapp.AuditEntry, more bool, err error) {
	params := auditParams{Actor: query.Actor, Action: query.Action, Target: query.Target, Before: query.Before}
	result, err := fetch[auditResult](ctx, c, methodAudit, params)
	return result.Entries, result.More, err
}
