package main

import (
	"context"
	"net/url"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/control"
	"github.com/voiceapp-sdk/voiceapp/control/authhook"
	"github.com/voiceapp-sdk/voiceapp/store"
)

// checkAccounts looks at the settings about who may come in, and how.
func (s *settings) checkAccounts() error {
	if s.PublicAddr != "" {
		if err := voiceapp.CheckPublicAddress(s.PublicAddr); err != nil {
			return voiceapp.WrapError(voiceapp.Invalid, "public-address", err)
		}
	}
	if s.AuthURL == "" {
		return nil
	}
	if err := s.authConfig().Check(); err != nil {
		return voiceapp.WrapError(voiceapp.Invalid, "auth-url and auth-allow", err)
	}
	if u, err := url.Parse(s.AuthURL); err != nil || u.User != nil {
		return voiceapp.NewError(voiceapp.Invalid, "auth-url: a password in it would be seen by whoever sees the settings")
	}
	if s.Registration == voiceapp.RegistrationOpen {
		return voiceapp.NewError(voiceapp.Invalid, "auth-url: anyone could register the name of somebody there; set registration to invite or closed")
	}
	return nil
}

func (s *settings) authConfig() authhook.Config {
	return authhook.Config{URL: s.AuthURL, Allow: hostList(s.AuthAllow), Address: control.PeerAddress}
}

// newHook makes the hook to the program that says who may log in; nil where there
// is none.
func (s *settings) newHook(db *store.Store) (*authhook.Hook, error) {
	if s.AuthURL == "" {
		return nil, nil
	}
	config := s.authConfig()
	config.Accounts = db
	return authhook.New(config)
}

// hookedStore is the store with a hook that checks passwords.
type hookedStore struct {
	*store.Store
	hook *authhook.Hook
}

// Authenticate implements control.Authenticator.
func (h hookedStore) Authenticate(ctx context.Context, name, password string) (voiceapp.User, error) {
	return h.hook.Authenticate(ctx, name, password)
}

// directory is what control asks.
func (s *server) directory() control.Directory {
	if s.hook == nil {
		return s.store
	}
	return hookedStore{s.store, s.hook}
}
