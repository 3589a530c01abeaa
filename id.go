package voiceapp

// MaxID is the largest id: every JSON number reader holds it exactly.
const MaxID = 1<<53 - 1

// UserID names an account. 0 is a guest, who has none.
type UserID int64

// ChannelID names a channel. 0 is "no channel": the parent of a top-level
// channel, and where a session is that has joined none.
type ChannelID int64

// SessionID names one open connection of a user or guest. It is unique among
// the sessions that are present, and 0 is none.
type SessionID uint32

// MessageID names a chat message.
type MessageID int64

// BanID names a ban.
type BanID int64

// InviteID names an invite.
type InviteID int64

// AuditID names an entry of the audit log.
type AuditID int64

// APIKeyID names an API key.
type APIKeyID int64

// WebhookID names a webhook.
type WebhookID int64

// DeliveryID names a delivery of a webhook.
type DeliveryID int64
