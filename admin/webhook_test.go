package admin_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/admin"
	"github.com/voiceapp-sdk/voiceapp/control"
	"github.com/voiceapp-sdk/voiceapp/store"
)

// told is what a webhook's program was sent.
type told struct {
	header http.Header
	body   string
}

// event is the body of one.
type event struct {
	Type      string          `json:"type"`
	Timestamp time.Time       `json:"timestamp"`
	Data      json.RawMessage `json:"data"`
}

// receiver is a webhook's program, which answers with a status.
type receiver struct {
	t      *testing.T
	url    string
	status atomic.Int64
	told   chan told
}

func newReceiver(t *testing.T) *receiver {
	t.Helper()
	r := &receiver{t: t, told: make(chan told, 100)}
	r.status.Store(http.StatusNoContent)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		body, err := io.ReadAll(req.Body)
		if err != nil || req.Method != http.MethodPost {
			t.Errorf("%s, %v", req.Method, err)
		}
		r.told <- told{req.Header, string(body)}
		w.WriteHeader(int(r.status.Load()))
	}))
	t.Cleanup(server.Close)
	r.url = strings.Replace(server.URL, "127.0.0.1", "localhost", 1) // which the rig allows
	return r
}

// next waits for what is told next.
func (r *receiver) next() (event, told) {
	r.t.Helper()
	select {
	case got := <-r.told:
		var e event
		if err := json.Unmarshal([]byte(got.body), &e); err != nil {
			r.t.Errorf("%q: %v", got.body, err)
		}
		return e, got
	case <-time.After(10 * time.Second):
		r.t.Fatal("nothing was told")
		return event{}, told{}
	}
}

// until waits for an event of a name.
func (r *receiver) until(name string) {
	r.t.Helper()
	for e, _ := r.next(); e.Type != name; e, _ = r.next() {
	}
}

// checkSigned fails unless what was told is signed as Standard Webhooks says.
func (r *receiver) checkSigned(got told, secret string) {
	r.t.Helper()
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
	if err != nil {
		r.t.Fatal(err)
	}
	mac := hmac.New(sha256.New, key)
	_, _ = io.WriteString(mac, got.header.Get("Webhook-Id")+"."+got.header.Get("Webhook-Timestamp")+"."+got.body)
	if want := "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil)); got.header.Get("Webhook-Signature") != want {
		r.t.Errorf("the signature is %q, want %q", got.header.Get("Webhook-Signature"), want)
	}
	if at, err := strconv.ParseInt(got.header.Get("Webhook-Timestamp"), 10, 64); err != nil || time.Since(time.Unix(at, 0)).Abs() > time.Minute {
		r.t.Errorf("the time is %q", got.header.Get("Webhook-Timestamp"))
	}
	if got.header.Get("Content-Type") != "application/json" || !strings.HasPrefix(got.header.Get("User-Agent"), "voiceapp/") || got.header.Get("Webhook-Id") == "" {
		r.t.Errorf("the headers are %v", got.header)
	}
}

// hook makes a webhook by the API.
func (r *rig) hook(token, url string, events ...string) (hook voiceapp.Webhook, secret string) {
	r.t.Helper()
	var made struct {
		Webhook voiceapp.Webhook
		Secret  string
	}
	r.as(token).do("POST", "/api/webhooks", map[string]any{"url": url, "events": events}).want(http.StatusCreated).into(&made)
	return made.Webhook, made.Secret
}

func (r *rig) deliveries(token string, hook voiceapp.Webhook) []voiceapp.Delivery {
	r.t.Helper()
	var all struct{ Items []voiceapp.Delivery }
	r.as(token).do("GET", fmt.Sprintf("/api/webhooks/%d/deliveries", hook.ID), nil).want(http.StatusOK).into(&all)
	return all.Items
}

// Programs are told what happens on the server as it happens, each what it wants.
func TestWebhooksAreTold(t *testing.T) {
	r := newRig(t)
	r.account("owner", voiceapp.RoleOwner)
	token := r.token("owner")
	people, all, off := newReceiver(t), newReceiver(t), newReceiver(t)
	_, secret := r.hook(token, people.url, "user.joined", "user.left")
	r.hook(token, all.url, "*")
	hook, _ := r.hook(token, off.url, "*")
	r.as(token).do("PATCH", fmt.Sprintf("/api/webhooks/%d", hook.ID), map[string]any{"enabled": false}).want(http.StatusOK)

	probe := 0
	for told := false; !told; { // the server is followed from some moment on
		probe++
		r.as(token).do("POST", "/api/channels", map[string]any{"name": fmt.Sprint("Probe ", probe)}).want(http.StatusCreated)
		select {
		case <-all.told:
			told = true
		case <-time.After(50 * time.Millisecond):
		}
	}
	anna := r.client("Anna", "")
	joined, got := people.next()
	if joined.Type != "user.joined" || !strings.Contains(string(joined.Data), `"Anna"`) {
		t.Errorf("told %q", got.body)
	}
	people.checkSigned(got, secret)
	all.until("user.joined")
	r.must(anna.Join(t.Context(), 1))
	all.until("user.updated")
	r.must(anna.Close())
	if left, got := people.next(); left.Type != "user.left" || left.Timestamp.Before(joined.Timestamp) {
		t.Errorf("then told %q", got.body)
	}
	all.until("user.left")
	if len(off.told) != 0 {
		t.Error("a webhook that is off was told something")
	}
	for _, d := range r.deliveries(token, voiceapp.Webhook{ID: hook.ID - 2}) {
		if d.Status != 0 && d.Status != http.StatusNoContent || d.Error != "" {
			t.Errorf("the delivery is %+v", d)
		}
	}
}

// A test says what came of it, whatever that is.
func TestWebhookTest(t *testing.T) {
	r := newRig(t)
	r.account("owner", voiceapp.RoleOwner)
	token := r.token("owner")
	at := newReceiver(t)
	hook, secret := r.hook(token, at.url, "chat.sent")
	path := fmt.Sprintf("/api/webhooks/%d", hook.ID)
	try := func() (d voiceapp.Delivery) {
		t.Helper()
		r.as(token).do("POST", path+"/test", nil).want(http.StatusOK).into(&d)
		if e, got := at.next(); e.Type != "webhook.test" {
			t.Errorf("told %q", got.body)
		} else {
			at.checkSigned(got, secret)
		}
		return d
	}
	if d := try(); d.Status != http.StatusNoContent || d.Error != "" || d.Attempts != 1 || d.Done.IsZero() || !d.Next.IsZero() {
		t.Errorf("a test that is taken: %+v", d)
	}
	at.status.Store(http.StatusGone)
	failed := try()
	if failed.Status != http.StatusGone || failed.Error != "the answer was 410 Gone" || failed.Done.IsZero() || !failed.Next.IsZero() {
		t.Errorf("one that is not: %+v", failed)
	}
	if all := r.deliveries(token, hook); len(all) != 2 || all[0].ID != failed.ID || all[0].Error != failed.Error {
		t.Errorf("the deliveries are %+v", all)
	}
	var now voiceapp.Webhook
	r.as(token).do("GET", path, nil).want(http.StatusOK).into(&now)
	if now.Failing.IsZero() || !now.Enabled {
		t.Errorf("the webhook is %+v", now)
	}
	r.as(token).do("PATCH", path, map[string]any{"enabled": false}).want(http.StatusOK)
	at.status.Store(http.StatusOK)
	if d := try(); d.Status != http.StatusOK || d.Error != "" {
		t.Errorf("of one that is off: %+v", d)
	}
}

// What is changed is changed, once, for those who read it, and the secret is shown once.
func TestWebhooksAreChanged(t *testing.T) {
	r := newRig(t)
	owner := r.account("owner", voiceapp.RoleOwner)
	token := r.token("owner")
	hook, secret := r.hook(token, "https://hooks.example/T0KEN", "user.*")
	if !hook.Enabled || hook.By != owner.ID || !strings.HasPrefix(secret, "whsec_") {
		t.Errorf("made %+v, %q", hook, secret)
	}
	path := fmt.Sprintf("/api/webhooks/%d", hook.ID)
	tag := r.as(token).do("GET", path, nil).want(http.StatusOK).header.Get("ETag")
	var now voiceapp.Webhook
	r.as(token).with("If-Match", tag).do("PATCH", path, map[string]any{"events": []string{"ban.*", "chat.sent"}}).want(http.StatusOK).into(&now)
	if now.URL != hook.URL || !now.Enabled || strings.Join(now.Events, " ") != "ban.* chat.sent" {
		t.Errorf("it became %+v", now)
	}
	r.as(token).with("If-Match", tag).do("PATCH", path, map[string]any{"enabled": false}).want(http.StatusPreconditionFailed).refused(voiceapp.Conflict)
	list := r.as(token).do("GET", "/api/webhooks", nil).want(http.StatusOK)
	if key := strings.TrimPrefix(secret, "whsec_"); strings.Contains(string(list.body), key) || !strings.Contains(string(list.body), "hooks.example") {
		t.Errorf("the list is %s", list.body)
	}
	for _, e := range r.entries() {
		if said := e.After + e.Before + e.Reason; strings.Contains(said, strings.TrimPrefix(secret, "whsec_")) || strings.Contains(said, "T0KEN") {
			t.Errorf("the audit log has a secret: %+v", e)
		}
	}
	r.as(token).do("DELETE", path, nil).want(http.StatusNoContent)
	r.as(token).do("GET", path, nil).refused(voiceapp.NotFound)
	r.as(token).do("GET", path+"/deliveries", nil).refused(voiceapp.NotFound)
	r.as(token).do("POST", path+"/test", nil).refused(voiceapp.NotFound)
}

// Nothing leads a webhook to where only the server gets: not its URL, not a name, and
// not an answer.
func TestWebhooksDoNotLeadInside(t *testing.T) {
	r := newRig(t)
	r.account("owner", voiceapp.RoleOwner)
	token := r.token("owner")
	for _, bad := range []string{
		"http://hooks.example/", "https://10.0.0.1/", "https://[::1]/", "https://[::ffff:169.254.169.254]/latest", "https://169.254.169.254/", "ftp://127.0.0.1/",
		"https://me:secret@hooks.example/", "https://hooks.example/#x", "file:///etc/passwd", "https:///", "hooks.example",
	} {
		r.as(token).do("POST", "/api/webhooks", map[string]any{"url": bad, "events": []string{"*"}}).refused(voiceapp.Invalid)
	}
	var visits atomic.Int64
	inside := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { visits.Add(1) }))
	defer inside.Close()
	at, err := url.Parse(inside.URL)
	r.must(err)
	for _, host := range []string{"localhost.", "2130706433", "127.1", "0x7f.1", "ip6-localhost"} {
		hook, _ := r.hook(token, "https://"+host+":"+at.Port()+"/", "*")
		var d voiceapp.Delivery
		r.as(token).do("POST", fmt.Sprintf("/api/webhooks/%d/test", hook.ID), nil).want(http.StatusOK).into(&d)
		if d.Error == "" || d.Status != 0 {
			t.Errorf("%s: %+v", host, d)
		}
	}
	redirecting := httptest.NewServer(http.RedirectHandler(inside.URL, http.StatusPermanentRedirect))
	defer redirecting.Close()
	hook, _ := r.hook(token, strings.Replace(redirecting.URL, "127.0.0.1", "localhost", 1), "*")
	var d voiceapp.Delivery
	r.as(token).do("POST", fmt.Sprintf("/api/webhooks/%d/test", hook.ID), nil).want(http.StatusOK).into(&d)
	if d.Status != http.StatusPermanentRedirect || d.Error == "" || visits.Load() != 0 {
		t.Errorf("after a redirect: %+v with %d visits", d, visits.Load())
	}
}

// The audit log of a real server says that a webhook was switched off.
func TestSwitchedOffWebhookIsAudited(t *testing.T) {
	quiet := slog.New(slog.DiscardHandler)
	var behind atomic.Int64
	db, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "voiceapp.db"), store.Options{
		Log: quiet, Now: func() time.Time { return time.Now().Add(-time.Duration(behind.Load())) },
	})
	if err != nil {
		t.Fatal(err)
	}
	cert, err := newIdentity()
	if err != nil {
		t.Fatal(err)
	}
	server := &control.Server{Directory: db, Certificate: cert, Logger: quiet}
	t.Cleanup(func() { _ = server.Close(); _ = db.Close() })
	hooks, err := admin.NewHooks(admin.HooksConfig{Webhooks: db, Deliveries: db, Live: server, Logger: quiet})
	if err != nil {
		t.Fatal(err)
	}
	hook, _, err := db.NewWebhook(t.Context(), voiceapp.Webhook{URL: "https://127.0.0.1/", Events: []string{"*"}, Enabled: true})
	if err != nil {
		t.Fatal(err)
	}
	for _, ago := range []time.Duration{voiceapp.WebhookGrace + time.Minute, voiceapp.WebhookGrace / 2, 0} {
		behind.Store(int64(ago))
		if d, err := hooks.Test(t.Context(), hook.ID); err != nil || d.Error == "" {
			t.Fatalf("the test is %+v, %v", d, err)
		}
	}
	if now, err := db.Webhook(t.Context(), hook.ID); err != nil || now.Enabled {
		t.Errorf("the webhook is %+v, %v", now, err)
	}
	log, err := db.AuditLog(t.Context(), voiceapp.AuditQuery{})
	if err != nil || len(log) != 1 || log[0].Action != "webhook.fail" || log[0].Target != fmt.Sprintf("webhook:%d", hook.ID) || log[0].Reason == "" || log[0].Result != "" {
		t.Errorf("the audit log is %+v, %v", log, err)
	}
}
