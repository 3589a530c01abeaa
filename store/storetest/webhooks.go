package storetest

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/voiceapp-sdk/voiceapp"
)

func webhooksParts() []part {
	return []part{
		{"Keep", testWebhookKeep},
		{"Update", testWebhookUpdate},
		{"Bound", testWebhookBound},
		{"Refuses", testWebhookRefuses},
	}
}

// webhook makes one that is on and wants all.
func (r *rig) webhook(t *testing.T) voiceapp.Webhook {
	t.Helper()
	made, _ := r.newWebhook(t, voiceapp.Webhook{URL: "https://hooks.example/all", Events: []string{"*"}, Enabled: true})
	return made
}

func (r *rig) newWebhook(t *testing.T, hook voiceapp.Webhook) (made voiceapp.Webhook, secret string) {
	t.Helper()
	made, secret, err := as[Webhooks](r).NewWebhook(t.Context(), hook)
	if err != nil {
		t.Fatalf("NewWebhook(%+v): %v", hook, err)
	}
	return made, secret
}

func (r *rig) wantWebhook(t *testing.T, want voiceapp.Webhook) {
	t.Helper()
	if got, err := as[Webhooks](r).Webhook(t.Context(), want.ID); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("Webhook = %+v, %v; want %+v", got, err, want)
	}
}

func testWebhookKeep(t *testing.T, r *rig) {
	hooks := as[Webhooks](r)
	first, firstSecret := r.newWebhook(t, voiceapp.Webhook{ID: 99, URL: "https://hooks.example/a?b=c", Events: []string{"user.joined", "ban.*"}, Enabled: true, By: 7})
	second, secondSecret := r.newWebhook(t, voiceapp.Webhook{URL: "http://intern.example", Events: []string{"*"}})
	if first.URL != "https://hooks.example/a?b=c" || !reflect.DeepEqual(first.Events, []string{"user.joined", "ban.*"}) || !first.Enabled || first.By != 7 ||
		first.Created.IsZero() || !first.Failing.IsZero() || second.Enabled || second.ID <= first.ID {
		t.Errorf("NewWebhook = %+v, then %+v", first, second)
	}
	if all, err := hooks.Webhooks(t.Context()); err != nil || !reflect.DeepEqual(all, []voiceapp.Webhook{first, second}) {
		t.Errorf("Webhooks = %+v, %v", all, err)
	}
	for id, shown := range map[voiceapp.WebhookID]string{first.ID: firstSecret, second.ID: secondSecret} {
		want, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(shown, "whsec_"))
		if err != nil || len(want) < 24 || !strings.HasPrefix(shown, "whsec_") {
			t.Errorf("the secret is %q: %v", shown, err)
		}
		if got, err := hooks.WebhookSecret(t.Context(), id); err != nil || !bytes.Equal(got, want) {
			t.Errorf("WebhookSecret = %x, %v; want %x", got, err, want)
		}
	}
	if firstSecret == secondSecret {
		t.Error("two secrets are the same")
	}
	if err := hooks.DeleteWebhook(t.Context(), first.ID); err != nil {
		t.Fatal(err)
	}
	wantCode(t, "DeleteWebhook again", hooks.DeleteWebhook(t.Context(), first.ID), voiceapp.NotFound)
	if next := r.webhook(t); next.ID <= second.ID {
		t.Errorf("after %d came %d", second.ID, next.ID)
	}
	r.wantWebhook(t, second)
}

func testWebhookUpdate(t *testing.T, r *rig) {
	hooks := as[Webhooks](r)
	made, secret := r.newWebhook(t, voiceapp.Webhook{URL: "https://hooks.example/", Events: []string{"*"}, Enabled: true, By: 7})
	other := r.webhook(t)
	want := made
	want.URL, want.Events, want.Enabled = "https://hooks.example/new", []string{"chat.*", "user.left"}, false
	got, err := hooks.UpdateWebhook(t.Context(), voiceapp.Webhook{ID: made.ID, URL: want.URL, Events: want.Events, By: 8})
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("UpdateWebhook = %+v, %v; want %+v", got, err, want)
	}
	r.wantWebhook(t, want)
	r.wantWebhook(t, other)
	if key, err := hooks.WebhookSecret(t.Context(), made.ID); err != nil || "whsec_"+base64.StdEncoding.EncodeToString(key) != secret {
		t.Errorf("its secret changed: %v", err)
	}
}

func testWebhookBound(t *testing.T, r *rig) {
	var last voiceapp.Webhook
	for range voiceapp.MaxWebhooks {
		last = r.webhook(t)
	}
	_, secret, err := as[Webhooks](r).NewWebhook(t.Context(), last)
	wantCode(t, "NewWebhook beyond the most", err, voiceapp.Conflict)
	if all, err := as[Webhooks](r).Webhooks(t.Context()); err != nil || len(all) != voiceapp.MaxWebhooks || secret != "" {
		t.Errorf("there are %d, %v", len(all), err)
	}
	if err := as[Webhooks](r).DeleteWebhook(t.Context(), last.ID); err != nil {
		t.Fatal(err)
	}
	r.webhook(t)
}

func testWebhookRefuses(t *testing.T, r *rig) {
	hooks, kept := as[Webhooks](r), r.webhook(t)
	for _, bad := range []voiceapp.Webhook{
		{},
		{URL: "https://a/"},
		{URL: "ftp://a/", Events: []string{"*"}},
		{URL: "https:///", Events: []string{"*"}},
		{URL: "https://me:pw@a/", Events: []string{"*"}},
		{URL: "https://a/#x", Events: []string{"*"}},
		{URL: "https://a/" + strings.Repeat("x", voiceapp.MaxWebhookURL), Events: []string{"*"}},
		{URL: "https://a/", Events: []string{"user"}},
		{URL: "https://a/", Events: []string{"user.joined user.left"}},
		{URL: "https://a/", Events: []string{""}},
		{URL: "https://a/", Events: []string{"*.*"}},
		{URL: "https://a/", Events: make([]string, voiceapp.MaxWebhookEvents+1)},
	} {
		made, secret, err := hooks.NewWebhook(t.Context(), bad)
		wantCode(t, fmt.Sprintf("NewWebhook(%.100q)", fmt.Sprint(bad)), err, voiceapp.Invalid)
		if made.ID != 0 || secret != "" {
			t.Errorf("it gave %+v, %q", made, secret)
		}
		bad.ID = kept.ID
		_, err = hooks.UpdateWebhook(t.Context(), bad)
		wantCode(t, fmt.Sprintf("UpdateWebhook(%.100q)", fmt.Sprint(bad)), err, voiceapp.Invalid)
	}
	for _, bad := range badIDs {
		id := voiceapp.WebhookID(bad)
		_, err := hooks.Webhook(t.Context(), id)
		wantCode(t, fmt.Sprint("Webhook ", id), err, voiceapp.NotFound)
		_, err = hooks.UpdateWebhook(t.Context(), voiceapp.Webhook{ID: id, URL: "https://a/", Events: []string{"*"}})
		wantCode(t, fmt.Sprint("UpdateWebhook of ", id), err, voiceapp.NotFound)
		wantCode(t, fmt.Sprint("DeleteWebhook of ", id), hooks.DeleteWebhook(t.Context(), id), voiceapp.NotFound)
		secret, err := hooks.WebhookSecret(t.Context(), id)
		wantCode(t, fmt.Sprint("WebhookSecret of ", id), err, voiceapp.NotFound)
		if secret != nil {
			t.Errorf("it gave %x", secret)
		}
	}
	r.wantWebhook(t, kept)
}
