package control

import (
	"context"

	"github.com/voiceapp-sdk/voiceapp"
)

// SetPassword is [Client.SetPassword]; from then on it comes back with the new
// password.
func (r *Reconnector) SetPassword(ctx context.Context, old, next string) error {
	err := r.Client().SetPassword(ctx, old, next)
	if err == nil {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.config.Password, r.config.Token = next, "" // which has ended
		if r.config.Name == "" {
			r.config.Name = r.client.Self().Name
		}
	}
	return err
}

// Rename is [Client.Rename]; from then on it comes back under the new name.
func (r *Reconnector) Rename(ctx context.Context, name string) (voiceapp.User, error) {
	user, err := r.Client().Rename(ctx, name)
	if err == nil {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.config.Name = user.Name
	}
	return user, err
}
