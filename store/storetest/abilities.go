package storetest

import (
	"context"
	"crypto/sha256"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
)

// The interfaces that a [Directory] may also satisfy. *store.Store has all but
// [Clock] and says what each method does.
type (
	// ChannelEditor changes the tree of channels.
	ChannelEditor interface {
		CreateChannel(ctx context.Context, channel voiceapp.Channel) (voiceapp.Channel, error)
		UpdateChannel(ctx context.Context, channel voiceapp.Channel) (voiceapp.Channel, error)
		MoveChannel(ctx context.Context, id, parent voiceapp.ChannelID, position int) (voiceapp.Channel, error)
		DeleteChannel(ctx context.Context, id voiceapp.ChannelID) error
	}

	// Permitter says what someone may do in a channel, and why.
	Permitter interface {
		Permissions(ctx context.Context, user voiceapp.UserID, channel voiceapp.ChannelID) (voiceapp.Permissions, error)
	}

	// Accounts lists and changes accounts.
	Accounts interface {
		Users(ctx context.Context, after voiceapp.UserID, limit int) ([]voiceapp.User, error)
		User(ctx context.Context, id voiceapp.UserID) (voiceapp.User, error)
		RenameUser(ctx context.Context, id voiceapp.UserID, name string) (voiceapp.User, error)
		SetRole(ctx context.Context, id voiceapp.UserID, role voiceapp.Role) (voiceapp.User, error)
		SetPassword(ctx context.Context, id voiceapp.UserID, hash string) error
		DeleteUser(ctx context.Context, id voiceapp.UserID) error
	}

	// Bans keeps people out.
	Bans interface {
		Bans(ctx context.Context, after voiceapp.BanID, limit int) ([]voiceapp.Ban, error)
		AddBan(ctx context.Context, ban voiceapp.Ban) (voiceapp.Ban, error)
		EditBan(ctx context.Context, id voiceapp.BanID, reason string, until time.Time) (voiceapp.Ban, error)
		LiftBan(ctx context.Context, id voiceapp.BanID) error
		ActiveBan(ctx context.Context, user voiceapp.UserID, device string, addr netip.Addr) (ban voiceapp.Ban, banned bool, err error)
	}

	// Invites lets people in.
	Invites interface {
		Invites(ctx context.Context, after voiceapp.InviteID, limit int) ([]voiceapp.Invite, error)
		NewInvite(ctx context.Context, invite voiceapp.Invite) (made voiceapp.Invite, token string, err error)
		DeleteInvite(ctx context.Context, id voiceapp.InviteID) error
		UseInvite(ctx context.Context, token [sha256.Size]byte, name, hash string) (voiceapp.User, error)
	}

	// HashUpgrader replaces hashes by better ones.
	HashUpgrader interface {
		UpgradeHash(ctx context.Context, user voiceapp.UserID, old, better string) error
	}

	// Resumer remembers sessions for those who lost their connection.
	Resumer interface {
		KeepSession(ctx context.Context, session voiceapp.Resumption, token [sha256.Size]byte) error
		Resume(ctx context.Context, token, next [sha256.Size]byte, expires time.Time) (voiceapp.Resumption, error)
		EndSession(ctx context.Context, session voiceapp.SessionID) error
		EndSessions(ctx context.Context, user voiceapp.UserID, device string) error
	}

	// Messages keeps what was said.
	Messages interface {
		AppendMessage(ctx context.Context, m voiceapp.Message) (voiceapp.Message, error)
		Messages(ctx context.Context, query voiceapp.MessageQuery) ([]voiceapp.Message, error)
		Message(ctx context.Context, id voiceapp.MessageID) (voiceapp.Message, error)
		EditMessage(ctx context.Context, id voiceapp.MessageID, text string) (voiceapp.Message, error)
		DeleteMessage(ctx context.Context, id voiceapp.MessageID) error
		Prune(ctx context.Context, keep time.Duration) (messages int, err error)
	}

	// Audit keeps who did what.
	Audit interface {
		AppendAudit(ctx context.Context, entry voiceapp.AuditEntry) (voiceapp.AuditEntry, error)
		AuditLog(ctx context.Context, query voiceapp.AuditQuery) ([]voiceapp.AuditEntry, error)
	}

	// Settings keeps what an operator has set.
	Settings interface {
		Settings(ctx context.Context) (map[string]string, error)
		SetSettings(ctx context.Context, settings map[string]string) error
	}

	// Devices remembers devices, which log in without a password.
	Devices interface {
		NewDeviceToken(ctx context.Context, user voiceapp.UserID, name string) (made voiceapp.DeviceToken, token string, err error)
		DeviceTokens(ctx context.Context, user voiceapp.UserID) ([]voiceapp.DeviceToken, error)
		UseDeviceToken(ctx context.Context, token [sha256.Size]byte) (voiceapp.User, error)
		RevokeDeviceToken(ctx context.Context, user voiceapp.UserID, id voiceapp.DeviceTokenID) error
	}

	// DeviceForgetter ends the token of a device by the token itself.
	DeviceForgetter interface {
		ForgetDevice(ctx context.Context, token [sha256.Size]byte) (voiceapp.DeviceToken, error)
	}

	// UserFinder finds accounts by a part of their names.
	UserFinder interface {
		FindUsers(ctx context.Context, text string, after voiceapp.UserID, limit int) ([]voiceapp.User, error)
	}

	// Epochs tells when what proves who one is has changed.
	Epochs interface {
		Epoch(ctx context.Context, user voiceapp.UserID) (now voiceapp.User, epoch uint64, err error)
	}

	// APIKeys keeps the keys of programs.
	APIKeys interface {
		NewAPIKey(ctx context.Context, key voiceapp.APIKey) (made voiceapp.APIKey, secret string, err error)
		APIKeys(ctx context.Context, after voiceapp.APIKeyID, limit int) ([]voiceapp.APIKey, error)
		UseAPIKey(ctx context.Context, secret [sha256.Size]byte) (voiceapp.APIKey, voiceapp.User, error)
		RevokeAPIKey(ctx context.Context, id voiceapp.APIKeyID) error
	}

	// Webhooks keeps whom to tell what happens.
	Webhooks interface {
		Webhooks(ctx context.Context) ([]voiceapp.Webhook, error)
		Webhook(ctx context.Context, id voiceapp.WebhookID) (voiceapp.Webhook, error)
		NewWebhook(ctx context.Context, hook voiceapp.Webhook) (made voiceapp.Webhook, secret string, err error)
		UpdateWebhook(ctx context.Context, hook voiceapp.Webhook) (voiceapp.Webhook, error)
		DeleteWebhook(ctx context.Context, id voiceapp.WebhookID) error
		WebhookSecret(ctx context.Context, id voiceapp.WebhookID) ([]byte, error)
	}

	// Deliveries keeps what [Webhooks] are still to be told, and what became of that.
	Deliveries interface {
		AddDeliveries(ctx context.Context, deliveries []voiceapp.Delivery) (kept []voiceapp.Delivery, err error)
		Deliveries(ctx context.Context, webhook voiceapp.WebhookID, before voiceapp.DeliveryID, limit int) ([]voiceapp.Delivery, error)
		NextDelivery(ctx context.Context, webhook voiceapp.WebhookID) (next voiceapp.Delivery, found bool, err error)
		SettleDelivery(ctx context.Context, d voiceapp.Delivery) (voiceapp.Webhook, error)
	}

	// Externals has accounts whose passwords another program checks.
	Externals interface {
		ExternalUser(ctx context.Context, key, name string, role voiceapp.Role) (voiceapp.User, error)
	}

	// Clock moves the directory's clock, so that tests need not wait for things to
	// expire. It is for the value that [Open] gives to the tests to have.
	Clock interface {
		Advance(d time.Duration)
	}
)

// ability is an optional interface and the tests of it.
type ability struct {
	name    string
	offered func(Directory) bool
	parts   []part
}

type part struct {
	name string
	run  func(*testing.T, *rig)
}

func abilities() []ability {
	return []ability{
		{"ChannelEditor", offers[ChannelEditor], channelEditorParts()},
		{"Permitter", offers[Permitter], []part{{"Permissions", testPermissions}}},
		{"Accounts", offers[Accounts], accountsParts()},
		{"Bans", offers[Bans], bansParts()},
		{"Invites", offers[Invites], invitesParts()},
		{"HashUpgrader", offers[HashUpgrader], []part{{"UpgradeHash", testUpgradeHash}}},
		{"Resumer", offers[Resumer], resumerParts()},
		{"Messages", offers[Messages], messagesParts()},
		{"Audit", offers[Audit], []part{{"Pages", testAuditPages}, {"Refuses", testAuditRefuses}}},
		{"Settings", offers[Settings], []part{{"Settings", testSettings}}},
		{"Devices", offers[Devices], devicesParts()},
		{"DeviceForgetter", offers[DeviceForgetter], []part{{"Forget", testDeviceForget}}},
		{"Externals", offers[Externals], externalsParts()},
		{"UserFinder", offers[UserFinder], []part{{"FindUsers", testFindUsers}}},
		{"Epochs", offers[Epochs], []part{{"Epoch", testEpoch}}},
		{"APIKeys", offers[APIKeys], apiKeysParts()},
		{"Webhooks", offers[Webhooks], webhooksParts()},
		{"Deliveries", offers[Deliveries], deliveriesParts()},
		{"Clock", offers[Clock], nil},
	}
}

func offers[T any](dir Directory) bool {
	_, ok := dir.(T)
	return ok
}

// as gives the directory under test as what it was found to be.
func as[T any](r *rig) T { return r.Directory.(T) }

// All returns the names of all optional interfaces.
func All() []string {
	var names []string
	for _, a := range abilities() {
		names = append(names, a.name)
	}
	return names
}

// Test checks a directory as [TestDirectory] does, and then each of the optional
// interfaces of this package that it satisfies. must names those without which
// the test fails ("Bans", or [All]), so that one that is missing is not taken for
// one that works. The log says which were found.
func Test(t *testing.T, open Open, must ...string) {
	t.Helper()
	t.Run("Directory", func(t *testing.T) { TestDirectory(t, open) })
	dir, _ := open(t, seed())
	for _, name := range must {
		if !slices.Contains(All(), name) {
			t.Errorf("there is no interface %q: they are %s", name, strings.Join(All(), ", "))
		}
	}
	for _, a := range abilities() {
		switch {
		case a.offered(dir):
			t.Logf("%T offers %s", dir, a.name)
			t.Run(a.name, func(t *testing.T) { runParts(t, open, a.parts) })
		case slices.Contains(must, a.name):
			t.Errorf("%T does not offer %s", dir, a.name)
		default:
			t.Logf("%T does not offer %s", dir, a.name)
		}
	}
}

// runParts runs each test with a directory of its own.
func runParts(t *testing.T, open Open, parts []part) {
	t.Helper()
	for _, part := range parts {
		t.Run(part.name, func(t *testing.T) {
			dir, token := open(t, seed())
			part.run(t, &rig{Directory: dir, token: sha256.Sum256([]byte(token))})
		})
	}
}

// advance moves the directory's clock, or skips the rest of a test where it has
// none that can be moved.
func (r *rig) advance(t *testing.T, d time.Duration) {
	t.Helper()
	clock, ok := r.Directory.(Clock)
	if !ok {
		t.Skip("the directory's clock can't be moved")
	}
	clock.Advance(d)
}

// Ids that nothing has.
var badIDs = []int64{0, -1, 1 << 40, voiceapp.MaxID, voiceapp.MaxID + 1, -1 << 63, 1<<63 - 1}
