package admin

import (
	"context"
	"crypto/sha256"
	"io"
	"net/netip"

	"github.com/voiceapp-sdk/voiceapp"
)

// Live is what a [Server] asks of the server whose people and channels it manages.
// *control.Server satisfies it, and says what each method does. It decides what an
// actor may, and keeps the audit log.
type Live interface {
	Login(ctx context.Context, name, password string, from netip.Addr) (voiceapp.User, error)
	Watch(ctx context.Context, by voiceapp.Actor, take func(line []byte)) error
	Sessions(ctx context.Context, by voiceapp.Actor) ([]voiceapp.SessionInfo, error)
	Audited(ctx context.Context, by voiceapp.Actor, needs voiceapp.Role, action, reason string, do func(context.Context, voiceapp.Actor, *voiceapp.AuditEntry) error) error
}

// What a [Live] may also be. What needs one that it is not is refused, as
// [voiceapp.Forbidden]. *control.Server is all of them.
type (
	// Claimer makes the owner by the one-time token.
	Claimer interface {
		Claim(ctx context.Context, token, name, password string, from netip.Addr) (voiceapp.User, error)
	}

	// Moderator acts on those who are here.
	Moderator interface {
		Kick(ctx context.Context, by voiceapp.Actor, id voiceapp.SessionID, reason string) error
		Mute(ctx context.Context, by voiceapp.Actor, id voiceapp.SessionID, muted bool, reason string) error
		Deafen(ctx context.Context, by voiceapp.Actor, id voiceapp.SessionID, deaf bool, reason string) error
		Move(ctx context.Context, by voiceapp.Actor, id voiceapp.SessionID, to voiceapp.ChannelID, reason string) error
		SetPriority(ctx context.Context, by voiceapp.Actor, id voiceapp.SessionID, priority bool, reason string) error
		RenameGuest(ctx context.Context, by voiceapp.Actor, id voiceapp.SessionID, name, reason string) error
	}

	// ChannelReader shows the channels.
	ChannelReader interface {
		Tree(ctx context.Context, by voiceapp.Actor) ([]voiceapp.ChannelInfo, error)
		Explain(ctx context.Context, by voiceapp.Actor, channel voiceapp.ChannelID, user voiceapp.UserID, session voiceapp.SessionID) (voiceapp.Permissions, error)
	}

	// ChannelEditor changes the channels.
	ChannelEditor interface {
		CreateChannel(ctx context.Context, by voiceapp.Actor, ch voiceapp.Channel, reason string) (voiceapp.Channel, error)
		EditChannel(ctx context.Context, by voiceapp.Actor, id voiceapp.ChannelID, edit voiceapp.ChannelEdit, reason string) (voiceapp.Channel, error)
		MoveChannel(ctx context.Context, by voiceapp.Actor, id, parent voiceapp.ChannelID, position int, reason string) (voiceapp.Channel, error)
		DeleteChannel(ctx context.Context, by voiceapp.Actor, id voiceapp.ChannelID, recursive bool, reason string) error
	}

	// UserReader lists accounts.
	UserReader interface {
		FindUsers(ctx context.Context, by voiceapp.Actor, text string, after voiceapp.UserID, limit int) ([]voiceapp.User, error)
		DevicesOf(ctx context.Context, by voiceapp.Actor, id voiceapp.UserID) ([]voiceapp.DeviceToken, error)
	}

	// UserEditor changes accounts.
	UserEditor interface {
		CreateUser(ctx context.Context, by voiceapp.Actor, name, password string, role voiceapp.Role, reason string) (voiceapp.User, error)
		RenameUser(ctx context.Context, by voiceapp.Actor, id voiceapp.UserID, name, reason string) (voiceapp.User, error)
		SetRole(ctx context.Context, by voiceapp.Actor, id voiceapp.UserID, role voiceapp.Role, reason string) (voiceapp.User, error)
		ResetPassword(ctx context.Context, by voiceapp.Actor, id voiceapp.UserID, password, reason string) error
		DeleteUser(ctx context.Context, by voiceapp.Actor, id voiceapp.UserID, reason string) error
		RevokeDeviceOf(ctx context.Context, by voiceapp.Actor, user voiceapp.UserID, id voiceapp.DeviceTokenID, reason string) error
	}

	// Banner keeps people out.
	Banner interface {
		Bans(ctx context.Context, by voiceapp.Actor, after voiceapp.BanID, limit int) ([]voiceapp.Ban, error)
		Ban(ctx context.Context, by voiceapp.Actor, want voiceapp.BanRequest) (voiceapp.Ban, error)
		EditBan(ctx context.Context, by voiceapp.Actor, id voiceapp.BanID, edit voiceapp.BanEdit) (voiceapp.Ban, error)
		LiftBan(ctx context.Context, by voiceapp.Actor, id voiceapp.BanID, reason string) error
	}

	// Inviter lets people in.
	Inviter interface {
		Invites(ctx context.Context, by voiceapp.Actor, after voiceapp.InviteID) ([]voiceapp.Invite, error)
		NewInvite(ctx context.Context, by voiceapp.Actor, invite voiceapp.Invite, reason string) (voiceapp.Invite, voiceapp.Link, error)
		DeleteInvite(ctx context.Context, by voiceapp.Actor, id voiceapp.InviteID, reason string) error
	}

	// Chatter reads, writes and removes what is said.
	Chatter interface {
		Messages(ctx context.Context, by voiceapp.Actor, query voiceapp.MessageQuery) ([]voiceapp.Message, error)
		SendChat(ctx context.Context, by voiceapp.Actor, to voiceapp.ChatTarget, text string) (voiceapp.Message, error)
		DeleteChat(ctx context.Context, by voiceapp.Actor, id voiceapp.MessageID, reason string) error
	}

	// Auditor shows who did what.
	Auditor interface {
		AuditLog(ctx context.Context, by voiceapp.Actor, query voiceapp.AuditQuery) ([]voiceapp.AuditEntry, error)
	}

	// Setter shows and changes the settings.
	Setter interface {
		Settings() (settings voiceapp.Settings, fixed []string, err error)
		SetSettings(ctx context.Context, by voiceapp.Actor, edit voiceapp.SettingsEdit, reason string) (voiceapp.Settings, error)
	}
)

// Accounts says who somebody is. *store.Store satisfies it.
type Accounts interface {
	// Epoch returns an account as it is, and a number that rises with each change of
	// what proves that one is it: its role, its password, a kick. NotFound when there
	// is none.
	Epoch(ctx context.Context, id voiceapp.UserID) (user voiceapp.User, epoch uint64, err error)
}

// APIKeys keeps the keys of programs. *store.Store satisfies it, and says what each
// method does.
type APIKeys interface {
	NewAPIKey(ctx context.Context, key voiceapp.APIKey) (made voiceapp.APIKey, secret string, err error)
	APIKeys(ctx context.Context, after voiceapp.APIKeyID, limit int) ([]voiceapp.APIKey, error)
	UseAPIKey(ctx context.Context, secret [sha256.Size]byte) (voiceapp.APIKey, voiceapp.User, error)
	RevokeAPIKey(ctx context.Context, id voiceapp.APIKeyID) error
}

// Backups keeps copies of the server's data.
type Backups interface {
	// Backups returns those that there are, the newest first.
	Backups(ctx context.Context) ([]voiceapp.BackupInfo, error)

	// Backup makes one now.
	Backup(ctx context.Context) (voiceapp.BackupInfo, error)

	// OpenBackup gives the database of one, without what could let anybody in: hashes,
	// tokens and keys. NotFound when there is none of that name.
	OpenBackup(ctx context.Context, name string) (io.ReadSeekCloser, error)
}

// Plugins shows what extends the server.
type Plugins interface {
	Plugins() []voiceapp.PluginInfo
}

// Source gives figures. See [voiceapp.Metric] for what they are to be like. It is
// called from many goroutines at once.
type Source interface {
	Metrics(yield func(voiceapp.Metric))
}

// Webhooks keeps whom to tell what happens. *store.Store satisfies it, and says what
// each method does.
type Webhooks interface {
	Webhooks(ctx context.Context) ([]voiceapp.Webhook, error)
	Webhook(ctx context.Context, id voiceapp.WebhookID) (voiceapp.Webhook, error)
	NewWebhook(ctx context.Context, hook voiceapp.Webhook) (made voiceapp.Webhook, secret string, err error)
	UpdateWebhook(ctx context.Context, hook voiceapp.Webhook) (voiceapp.Webhook, error)
	DeleteWebhook(ctx context.Context, id voiceapp.WebhookID) error
	WebhookSecret(ctx context.Context, id voiceapp.WebhookID) ([]byte, error)
}

// Deliveries keeps what webhooks are still to be told, and what became of that.
// *store.Store satisfies it, and says what each method does.
type Deliveries interface {
	AddDeliveries(ctx context.Context, deliveries []voiceapp.Delivery) (kept []voiceapp.Delivery, err error)
	Deliveries(ctx context.Context, webhook voiceapp.WebhookID, before voiceapp.DeliveryID, limit int) ([]voiceapp.Delivery, error)
	NextDelivery(ctx context.Context, webhook voiceapp.WebhookID) (next voiceapp.Delivery, found bool, err error)
	SettleDelivery(ctx context.Context, d voiceapp.Delivery) (voiceapp.Webhook, error)
}
