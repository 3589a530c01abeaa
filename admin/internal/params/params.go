// Package params has the parts that requests of the admin API share. They are
// embedded, and the library that reads requests sees only types with exported names.
package params

import "github.com/voiceapp-sdk/voiceapp"

// Change is a part of the requests that change something.
type Change struct {
	Reason string `header:"X-Audit-Log-Reason" maxLength:"4096" doc:"Why, for the audit log and, where there is one, for whom it is about; UTF-8, percent-encoded"`
}

// Precondition is a part of the requests that change what somebody has read.
type Precondition struct {
	IfMatch string `header:"If-Match" maxLength:"200" doc:"The ETag that was read: when it is another by now, nothing is changed"`
}

// Paging is a part of the requests for lists.
type Paging struct {
	Limit int    `query:"limit" minimum:"1" maximum:"500" default:"100" doc:"Most items"`
	Page  string `query:"page" maxLength:"64" doc:"What the page before said is next; the first without it"`
}

// Channel names a channel in the path.
type Channel struct {
	ID voiceapp.ChannelID `path:"id" minimum:"1" doc:"The channel"`
}

// Session names a session in the path.
type Session struct {
	ID voiceapp.SessionID `path:"id" minimum:"1" doc:"The session"`
}

// User names an account in the path.
type User struct {
	ID voiceapp.UserID `path:"id" minimum:"1" doc:"The account"`
}

// Webhook names a webhook in the path.
type Webhook struct {
	ID voiceapp.WebhookID `path:"id" minimum:"1" doc:"The webhook"`
}

// Ban names a ban in the path.
type Ban struct {
	ID voiceapp.BanID `path:"id" minimum:"1" doc:"The ban"`
}
