package voiceapp

import "time"

// AuditEntry says who did what to whom, and what came of it. It holds no secret.
type AuditEntry struct {
	ID      AuditID   `json:"id"`
	Time    time.Time `json:"time"`
	Actor   UserID    `json:"actor"`   // 0: nobody with an account
	Name    string    `json:"name"`    // the actor's name at that time
	Action  string    `json:"action"`  // noun.verb, such as "channel.edit"
	Target  string    `json:"target"`  // noun:id, such as "channel:7"; "": the server
	Before  string    `json:"before"`  // the target as it was, as JSON; "": it was not
	After   string    `json:"after"`   // as it became; "": it is no more, or nothing changed
	Reason  string    `json:"reason"`  // as the actor gave it
	Result  Code      `json:"result"`  // "": it was done
	Address string    `json:"address"` // the actor's
}

// AuditQuery asks for a page of the audit log, the newest entries first. Of the
// other fields those that are not zero have to match.
type AuditQuery struct {
	Actor  UserID
	Action string
	Target string
	Before AuditID // only entries older than that one
	Limit  int     // most entries; 0 means 100, the most is 500
}
