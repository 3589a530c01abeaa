package control

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"slices"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
)

// memoryDevices is what a Memory keeps of device tokens.
type memoryDevices struct {
	all  []memoryDevice // by rising ids
	last voiceapp.DeviceTokenID
}

type memoryDevice struct {
	voiceapp.DeviceToken
	token [sha256.Size]byte
}

// NewDeviceToken implements [Devices].
func (m *Memory) NewDeviceToken(_ context.Context, user voiceapp.UserID, name string) (voiceapp.DeviceToken, string, error) {
	if err := voiceapp.CheckName(name); err != nil {
		return voiceapp.DeviceToken{}, "", err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.account(user) == nil {
		return voiceapp.DeviceToken{}, "", errNoAccount()
	}
	now := time.Now().UTC().Round(0)
	m.devices.last++
	made := voiceapp.DeviceToken{ID: m.devices.last, User: user, Name: name, Created: now, Used: now}
	token := rand.Text()
	m.devices.all = append(m.devices.all, memoryDevice{made, hashToken(token)})
	m.devices.bound(user)
	return made, token, nil
}

// bound removes the token that was used least lately when an account has too many.
func (d *memoryDevices) bound(user voiceapp.UserID) {
	var own []memoryDevice
	for _, device := range d.all {
		if device.User == user {
			own = append(own, device)
		}
	}
	if len(own) <= voiceapp.MaxDeviceTokens {
		return
	}
	oldest := slices.MinFunc(own, func(a, b memoryDevice) int { return cmp.Or(a.Used.Compare(b.Used), cmp.Compare(a.ID, b.ID)) })
	d.all = slices.DeleteFunc(d.all, func(device memoryDevice) bool { return device.ID == oldest.ID })
}

// DeviceTokens implements [Devices].
func (m *Memory) DeviceTokens(_ context.Context, user voiceapp.UserID) ([]voiceapp.DeviceToken, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var own []voiceapp.DeviceToken
	for _, device := range m.devices.all {
		if device.User == user && device.goodAt(time.Now()) {
			own = append(own, device.DeviceToken)
		}
	}
	return own, nil
}

func (d memoryDevice) goodAt(now time.Time) bool {
	return now.Sub(d.Used) < voiceapp.DeviceTokenLifetime
}

// UseDeviceToken implements [Devices].
func (m *Memory) UseDeviceToken(_ context.Context, token [sha256.Size]byte) (voiceapp.User, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	now := time.Now().UTC().Round(0)
	at := slices.IndexFunc(m.devices.all, func(d memoryDevice) bool { return d.token == token && d.goodAt(now) })
	if at < 0 {
		return voiceapp.User{}, errForgotten()
	}
	device := &m.devices.all[at]
	device.Used = now
	return m.account(device.User).user, nil
}

func errForgotten() error {
	return voiceapp.NewError(voiceapp.BadCredentials, "this device is not remembered any more: log in with the password").With(voiceapp.DeviceForgotten)
}

// RevokeDeviceToken implements [Devices].
func (m *Memory) RevokeDeviceToken(_ context.Context, user voiceapp.UserID, id voiceapp.DeviceTokenID) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	at := slices.IndexFunc(m.devices.all, func(d memoryDevice) bool { return d.User == user && d.ID == id })
	if at < 0 {
		return voiceapp.NewError(voiceapp.NotFound, "there is no such device")
	}
	m.devices.all = slices.Delete(m.devices.all, at, at+1)
	return nil
}

// ForgetDevice implements [DeviceForgetter].
func (m *Memory) ForgetDevice(_ context.Context, token [sha256.Size]byte) (voiceapp.DeviceToken, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	at := slices.IndexFunc(m.devices.all, func(d memoryDevice) bool { return d.token == token })
	if at < 0 {
		return voiceapp.DeviceToken{}, errForgotten()
	}
	ended := m.devices.all[at].DeviceToken
	m.devices.all = slices.Delete(m.devices.all, at, at+1)
	return ended, nil
}

// endDevices, under mu, ends all device tokens of an account.
func (m *Memory) endDevices(user voiceapp.UserID) {
	m.devices.all = slices.DeleteFunc(m.devices.all, func(d memoryDevice) bool { return d.User == user })
}

// pruneDevices, under mu, removes those that were not used for too long.
func (m *Memory) pruneDevices(now time.Time) {
	m.devices.all = slices.DeleteFunc(m.devices.all, func(d memoryDevice) bool { return !d.goodAt(now) })
}
