package voiceapp

import (
	"fmt"
	"time"
)

// BanPart is a part of somebody who is here by which a ban can keep him out.
type BanPart string

// The parts. The address is a range for IPv6, where one changes it at will.
const (
	BanAccount BanPart = "account"
	BanDevice  BanPart = "device"
	BanAddress BanPart = "address"
)

// BanRequest says whom to keep out, how long and why: somebody who is here, or an
// account, a device and a range of addresses, each of which keeps out by itself.
type BanRequest struct {
	// Session is somebody who is here; 0: User, Device and Address say who it is.
	Session SessionID

	// Parts says by what he is kept out. None: by account and device, and by the
	// address where he has neither.
	Parts []BanPart

	User    UserID
	Device  string // as [Ban] has it
	Address string // that too: an address, or a range such as 203.0.113.0/24

	Reason string        // shown to those whom it hits; "" is fine
	For    time.Duration // 0: for good

	// Confirm bans although it hits others, or the one who bans.
	Confirm bool
}

// BanEdit says what is to be different of a ban. What is nil stays.
type BanEdit struct {
	Reason  *string
	For     *time.Duration // from now on; 0: for good
	Confirm bool           // as in a BanRequest
}

// BanHitsError says that a ban was not made, or changed, because it would hit others
// than the one whom it is meant for, or its author: behind one address there can be
// many. With Confirm it goes on. It unwraps to a [Conflict].
type BanHitsError struct {
	Self   bool // the one who bans is among them
	Others int  // how many more sessions are here and would end
}

// Error says whom it hits, for people.
func (e *BanHitsError) Error() string {
	whom := fmt.Sprintf("%d others who are here", e.Others)
	switch {
	case e.Self && e.Others == 0:
		whom = "yourself"
	case e.Self:
		whom = "yourself and " + whom
	case e.Others == 1:
		whom = "one other who is here"
	}
	return "this would hit " + whom + ": confirm that it is meant so"
}

// Unwrap gives the [Conflict].
func (e *BanHitsError) Unwrap() error { return NewError(Conflict, e.Error()) }
