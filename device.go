package voiceapp

import "time"

// MaxDeviceTokens is the most device tokens of one account; a further one takes the
// place of the one that was used least lately.
const MaxDeviceTokens = 32

// DeviceTokenLifetime is how long a device token is good for without being used.
const DeviceTokenLifetime = 90 * 24 * time.Hour

// DeviceTokenID names a device token.
type DeviceTokenID int64

// DeviceToken lets a device log in to an account without its password, until it is
// revoked or was not used for [DeviceTokenLifetime]. The token itself is not part
// of it: that is shown once, when it is made.
type DeviceToken struct {
	ID      DeviceTokenID `json:"id"`
	User    UserID        `json:"user"`
	Name    string        `json:"name"` // of the device, for its owner to know it by
	Created time.Time     `json:"created"`
	Used    time.Time     `json:"used"` // last, to the hour; as Created where it never was
}
