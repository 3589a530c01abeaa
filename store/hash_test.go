package store

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
)

// A password hash leaves by Credential alone: every method whose results could
// hold one is called, and a new one has to be added here.
func TestHashLeavesByOneMethod(t *testing.T) {
	s := openTest(t, newPath(t), quiet)
	populate(t, s)
	hash := sha256.Sum256([]byte(frozenToken))
	ctx := t.Context()
	calls := map[string]func() ([]any, error){
		"APIKeys":   func() ([]any, error) { k, err := s.APIKeys(ctx, 0, 0); return []any{k}, err },
		"Access":    func() ([]any, error) { c, r, err := s.Access(ctx, 1, 1); return []any{c, r}, err },
		"ActiveBan": func() ([]any, error) { b, _, err := s.ActiveBan(ctx, 1, "", netip.Addr{}); return []any{b}, err },
		"AddBan":    func() ([]any, error) { b, err := s.AddBan(ctx, voiceapp.Ban{User: 1}); return []any{b}, err },
		"AddDeliveries": func() ([]any, error) {
			d, err := s.AddDeliveries(ctx, []voiceapp.Delivery{{Webhook: 1, Event: "a.b"}})
			return []any{d}, err
		},
		"AppendAudit": func() ([]any, error) {
			e, err := s.AppendAudit(ctx, voiceapp.AuditEntry{Actor: 1, Action: "x"})
			return []any{e}, err
		},
		"AppendMessage": func() ([]any, error) {
			m, err := s.AppendMessage(ctx, voiceapp.Message{User: 1, Text: "x"})
			return []any{m}, err
		},
		"AuditLog":   func() ([]any, error) { l, err := s.AuditLog(ctx, voiceapp.AuditQuery{}); return []any{l}, err },
		"Bans":       func() ([]any, error) { b, err := s.Bans(ctx, 0, 0); return []any{b}, err },
		"Channels":   func() ([]any, error) { c, err := s.Channels(ctx); return []any{c}, err },
		"ClaimOwner": func() ([]any, error) { u, err := s.ClaimOwner(ctx, hash, "jörg", someHash); return []any{u}, err },
		"CreateChannel": func() ([]any, error) {
			c, err := s.CreateChannel(ctx, voiceapp.Channel{Name: "New"})
			return []any{c}, err
		},
		"CreateUser":   func() ([]any, error) { u, err := s.CreateUser(ctx, "New", someHash, 0); return []any{u}, err },
		"Credential":   func() ([]any, error) { u, h, err := s.Credential(ctx, "jörg"); return []any{u, h}, err },
		"DeviceTokens": func() ([]any, error) { d, err := s.DeviceTokens(ctx, 1); return []any{d}, err },
		"Deliveries":   func() ([]any, error) { d, err := s.Deliveries(ctx, 1, 0, 0); return []any{d}, err },
		"EditBan":      func() ([]any, error) { b, err := s.EditBan(ctx, 1, "", time.Time{}); return []any{b}, err },
		"EditMessage":  func() ([]any, error) { m, err := s.EditMessage(ctx, 1, "x"); return []any{m}, err },
		"Epoch":        func() ([]any, error) { u, e, err := s.Epoch(ctx, 1); return []any{u, e}, err },
		"ExternalUser": func() ([]any, error) { u, err := s.ExternalUser(ctx, "id:4711", "Elsewhere", 0); return []any{u}, err },
		"FindUsers":    func() ([]any, error) { u, err := s.FindUsers(ctx, "j", 0, 0); return []any{u}, err },
		"ForgetDevice": func() ([]any, error) {
			_, token, err := s.NewDeviceToken(ctx, 1, "tablet")
			if err != nil {
				return nil, err
			}
			d, err := s.ForgetDevice(ctx, sha256.Sum256([]byte(token)))
			return []any{d}, err
		},
		"Init":    func() ([]any, error) { k, err := s.Init(ctx, nil); return []any{k}, err },
		"Invites": func() ([]any, error) { i, err := s.Invites(ctx, 0, 0); return []any{i}, err },
		"Message": func() ([]any, error) { m, err := s.Message(ctx, 1); return []any{m}, err },
		"Messages": func() ([]any, error) {
			m, err := s.Messages(ctx, voiceapp.MessageQuery{Channel: 1})
			return []any{m}, err
		},
		"MoveChannel": func() ([]any, error) { c, err := s.MoveChannel(ctx, 1, 0, 1); return []any{c}, err },
		"NewAPIKey": func() ([]any, error) {
			k, secret, err := s.NewAPIKey(ctx, voiceapp.APIKey{Name: "bot", User: 1, Role: voiceapp.RoleMember})
			return []any{k, secret}, err
		},
		"NextDelivery": func() ([]any, error) { d, _, err := s.NextDelivery(ctx, 1); return []any{d}, err },
		"NewWebhook": func() ([]any, error) {
			w, secret, err := s.NewWebhook(ctx, voiceapp.Webhook{URL: "https://b.example/", Events: []string{"*"}})
			return []any{w, secret}, err
		},
		"NewDeviceToken": func() ([]any, error) { d, k, err := s.NewDeviceToken(ctx, 1, "phone"); return []any{d, k}, err },
		"NewInvite":      func() ([]any, error) { i, k, err := s.NewInvite(ctx, voiceapp.Invite{}); return []any{i, k}, err },
		"NewOwnerToken":  func() ([]any, error) { k, err := s.NewOwnerToken(ctx); return []any{k}, err },
		"Permissions":    func() ([]any, error) { p, err := s.Permissions(ctx, 1, 1); return []any{p}, err },
		"RenameUser":     func() ([]any, error) { u, err := s.RenameUser(ctx, 1, "Jörg"); return []any{u}, err },
		"Resume":         func() ([]any, error) { r, err := s.Resume(ctx, hash, [32]byte{}, farFuture); return []any{r}, err },
		"SetRole":        func() ([]any, error) { u, err := s.SetRole(ctx, 1, voiceapp.RoleOwner); return []any{u}, err },
		"SettleDelivery": func() ([]any, error) {
			w, err := s.SettleDelivery(ctx, voiceapp.Delivery{ID: 1, Event: "a.b"})
			return []any{w}, err
		},
		"Settings": func() ([]any, error) { m, err := s.Settings(ctx); return []any{m}, err },
		"UpdateChannel": func() ([]any, error) {
			c, err := s.UpdateChannel(ctx, voiceapp.Channel{ID: 1, Name: "Lobby"})
			return []any{c}, err
		},
		"UpdateWebhook": func() ([]any, error) {
			w, err := s.UpdateWebhook(ctx, voiceapp.Webhook{ID: 1, URL: "https://hooks.example/", Events: []string{"*"}})
			return []any{w}, err
		},
		"UseAPIKey":      func() ([]any, error) { k, u, err := s.UseAPIKey(ctx, hash); return []any{k, u}, err },
		"UseDeviceToken": func() ([]any, error) { u, err := s.UseDeviceToken(ctx, hash); return []any{u}, err },
		"UseInvite":      func() ([]any, error) { u, err := s.UseInvite(ctx, hash, "Invited", someHash); return []any{u}, err },
		"User":           func() ([]any, error) { u, err := s.User(ctx, 1); return []any{u}, err },
		"Webhook":        func() ([]any, error) { w, err := s.Webhook(ctx, 1); return []any{w}, err },
		"WebhookSecret":  func() ([]any, error) { k, err := s.WebhookSecret(ctx, 1); return []any{k}, err },
		"Webhooks":       func() ([]any, error) { w, err := s.Webhooks(ctx); return []any{w}, err },
		"Users":          func() ([]any, error) { u, err := s.Users(ctx, 0, 0); return []any{u}, err },
	}
	methods := reflect.TypeFor[*Store]()
	for i := range methods.NumMethod() {
		method := methods.Method(i)
		call, known := calls[method.Name]
		switch {
		case !known && givesText(method.Type):
			t.Errorf("%s could give a password hash: call it here", method.Name)
		case known:
			results, err := call()
			if err != nil {
				t.Errorf("%s: %v", method.Name, err)
			}
			text, _ := json.Marshal(results)
			if found := strings.Contains(fmt.Sprintf("%s %+v", text, results), someHash); found != (method.Name == "Credential") {
				t.Errorf("%s gives the hash: %v", method.Name, found)
			}
		}
	}
}

// givesText reports whether one of a method's results can hold text.
func givesText(method reflect.Type) bool {
	for i := range method.NumOut() {
		if holdsText(method.Out(i)) {
			return true
		}
	}
	return false
}

func holdsText(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Struct:
		if t == reflect.TypeFor[time.Time]() {
			return false
		}
		for i := range t.NumField() {
			if holdsText(t.Field(i).Type) {
				return true
			}
		}
		return false
	case reflect.Interface:
		return t != reflect.TypeFor[error]()
	case reflect.Slice, reflect.Array, reflect.Pointer, reflect.Map, reflect.Chan:
		return true
	default:
		return t.Kind() == reflect.String
	}
}

// Every method of a closed store answers, and never with success.
func TestEveryMethodAnswersWhenClosed(t *testing.T) {
	s := openTest(t, newPath(t), quiet)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	value := reflect.ValueOf(s)
	for i := range value.NumMethod() {
		name, method := value.Type().Method(i).Name, value.Method(i)
		kind := method.Type()
		if name == "Close" || kind.NumOut() == 0 || kind.Out(kind.NumOut()-1) != reflect.TypeFor[error]() {
			continue
		}
		args := []reflect.Value{reflect.ValueOf(t.Context())}
		for n := 1; n < kind.NumIn(); n++ {
			args = append(args, reflect.Zero(kind.In(n)))
		}
		results := method.Call(args)
		err, _ := results[len(results)-1].Interface().(error)
		if !errors.Is(err, voiceapp.Unavailable) && !errors.Is(err, voiceapp.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
