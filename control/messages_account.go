package control

import (
	"time"

	"github.com/voiceapp-sdk/voiceapp"
)

// account.claim.
type claimParams struct {
	Token    secret `json:"token"`
	Name     string `json:"name"`
	Password secret `json:"password"`
}

// account.register.
type registerParams struct {
	Name     string `json:"name"`
	Password secret `json:"password"`
	Invite   secret `json:"invite,omitempty"` // the token of one
}

// accountResult answers account.claim, account.register and account.rename.
type accountResult struct {
	User voiceapp.User `json:"user"`
}

// account.set_password.
type passwordParams struct {
	Old secret `json:"old"`
	New secret `json:"new"`
}

// account.rename.
type renameParams struct {
	Name string `json:"name"`
}

// account.remember.
type rememberParams struct {
	Name string `json:"name"` // of the device
}

type rememberResult struct {
	Device voiceapp.DeviceToken `json:"device"`
	Token  secret               `json:"token"`
}

// account.devices.
type devicesResult struct {
	Devices []voiceapp.DeviceToken `json:"devices"`
}

// account.revoke.
type revokeParams struct {
	ID voiceapp.DeviceTokenID `json:"id"`
}

// account.forget.
type forgetParams struct {
	Token secret `json:"token"` // of account.remember
}

// invite.create.
type newInviteParams struct {
	Role    voiceapp.Role `json:"role"`
	Uses    int           `json:"uses,omitempty"`   // 0: 1
	Expires time.Time     `json:"expires,omitzero"` // the zero time: never
	Reason  string        `json:"reason,omitempty"`
}

type newInviteResult struct {
	Invite voiceapp.Invite `json:"invite"`
	Token  secret          `json:"token"`
	Link   secret          `json:"link"` // "": the server does not know its address
}

// invite.list, in ascending order of ids.
type invitesParams struct {
	After voiceapp.InviteID `json:"after,omitempty"` // the last of the page before
}

type invitesResult struct {
	Invites []voiceapp.Invite `json:"invites"`
	More    bool              `json:"more"`
}

// invite.delete.
type deleteInviteParams struct {
	ID     voiceapp.InviteID `json:"id"`
	Reason string            `json:"reason,omitempty"`
}
