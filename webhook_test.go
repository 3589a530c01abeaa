package voiceapp_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/voiceapp-sdk/voiceapp"
)

func TestWebhookWants(t *testing.T) {
	for _, c := range []struct {
		wants, event string
		want         bool
	}{
		{"*", "user.joined", true},
		{"user.joined", "user.joined", true},
		{"user.joined", "user.left", false},
		{"user.joined", "user.joined_twice", false},
		{"user.*", "user.left", true},
		{"user.*", "users.left", false},
		{"chat.sent user.*", "user.left", true},
		{"chat.sent user.*", "chat.edited", false},
	} {
		hook := voiceapp.Webhook{Events: strings.Fields(c.wants), Enabled: true}
		if got := hook.Wants(c.event); got != c.want {
			t.Errorf("%q wants %s: %v", c.wants, c.event, got)
		}
		if hook.Enabled = false; hook.Wants(c.event) {
			t.Errorf("%q that is off wants %s", c.wants, c.event)
		}
	}
}

// What passes as a webhook has a URL that can be asked, and wants what its events say.
func FuzzWebhook(f *testing.F) {
	f.Add("https://hooks.example/a?b=c", "user.joined")
	f.Add("http://[::1]:80/", "*")
	f.Add("https://me@hooks.example/", "user.*")
	f.Add("HTTPS://x#", "a.b.c")
	f.Fuzz(func(t *testing.T, url, event string) {
		hook := voiceapp.Webhook{URL: url, Events: []string{event}, Enabled: true}
		err := hook.Check()
		if err != nil {
			if !errors.Is(err, voiceapp.Invalid) {
				t.Errorf("Check = %v", err)
			}
			return
		}
		if !strings.HasPrefix(strings.ToLower(url), "http") || strings.ContainsAny(event, " \n,") {
			t.Errorf("%q with %q passed", url, event)
		}
		if told := strings.ReplaceAll(event, "*", "x"); strings.Contains(event, ".") && !hook.Wants(told) {
			t.Errorf("%q does not want %q", event, told)
		}
	})
}

func TestDeliveryCheck(t *testing.T) {
	for _, c := range []struct {
		delivery voiceapp.Delivery
		ok       bool
	}{
		{voiceapp.Delivery{Event: "user.joined"}, true},
		{voiceapp.Delivery{Event: "user.joined", Body: strings.Repeat("x", voiceapp.MaxDeliveryBody), Error: strings.Repeat("x", voiceapp.MaxReasonLength)}, true},
		{voiceapp.Delivery{Event: "user.*"}, false},
		{voiceapp.Delivery{Event: "*"}, false},
		{voiceapp.Delivery{Event: ""}, false},
		{voiceapp.Delivery{Event: "user.joined", Body: strings.Repeat("x", voiceapp.MaxDeliveryBody+1)}, false},
		{voiceapp.Delivery{Event: "user.joined", Error: strings.Repeat("x", voiceapp.MaxReasonLength+1)}, false},
		{voiceapp.Delivery{Event: "user.joined", Error: "\x1b[2J"}, false},
	} {
		if err := c.delivery.Check(); (err == nil) != c.ok || err != nil && !errors.Is(err, voiceapp.Invalid) {
			t.Errorf("%.60q: %v, ok is to be %v", c.delivery.Event+c.delivery.Error, err, c.ok)
		}
	}
}
