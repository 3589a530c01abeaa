package voiceapp

import (
	"encoding/hex"
	"time"
	"unicode/utf8"
)

// MaxAuditState is the most bytes of what an [AuditEntry] says of its target,
// before and after each.
const MaxAuditState = 64 << 10

// Check reports, as [Invalid], why b can't be a ban that begins at the given time:
// it names nobody, its device or its range of addresses is none, its reason is too
// long, or it would be over already. That there is such an account is not looked
// at.
func (b Ban) Check(now time.Time) error {
	if b.User == 0 && b.Device == "" && b.Address == "" {
		return NewError(Invalid, "a ban names an account, a device or an address")
	}
	if err := checkID("the one who bans", b.By); err != nil {
		return err
	}
	if err := CheckDevice(b.Device); err != nil {
		return err
	}
	if b.Address != "" {
		if _, err := ParseAddressRange(b.Address); err != nil {
			return err
		}
	}
	if err := checkTime("the end of the ban", b.Until); err != nil {
		return err
	}
	if !b.Until.IsZero() && !b.Until.After(now) {
		return NewError(Invalid, "the ban would be over already")
	}
	return CheckText("the reason", b.Reason, MaxReasonLength)
}

// CheckDevice reports, as [Invalid], why a text does not name a device: that is the
// lower-case hex SHA-256 of its key. An empty one is none, and passes.
func CheckDevice(device string) error {
	raw, err := hex.DecodeString(device)
	if device != "" && (err != nil || len(raw) != len(Fingerprint{}) || hex.EncodeToString(raw) != device) {
		return NewError(Invalid, "a device is named by 64 lower-case hexadecimal digits")
	}
	return nil
}

// Check reports, as [Invalid], why e can't be an entry of the audit log: it names
// no action, or a text or a number of it is out of range.
func (e AuditEntry) Check() error {
	if e.Action == "" {
		return NewError(Invalid, "an entry of the audit log names an action")
	}
	if err := checkID("the actor", e.Actor); err != nil {
		return err
	}
	if err := checkTime("the time of the entry", e.Time); err != nil {
		return err
	}
	for _, text := range []string{e.Name, e.Action, e.Target, string(e.Result), e.Address} {
		if err := CheckText("a field of the entry", text, 4*MaxNameLength); err != nil {
			return err
		}
	}
	for _, state := range []string{e.Before, e.After} {
		if len(state) > MaxAuditState || !utf8.ValidString(state) {
			return NewError(Invalid, "what the entry says of its target is longer than 64 KiB, or not valid UTF-8")
		}
	}
	return CheckText("the reason", e.Reason, MaxReasonLength)
}
