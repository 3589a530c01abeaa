package storetest

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
)

func deliveriesParts() []part {
	return []part{
		{"Queue", testDeliveryQueue},
		{"Pages", testDeliveryPages},
		{"Bound", testDeliveryBound},
		{"SwitchedOff", testDeliverySwitchedOff},
		{"Failing", testDeliveryFailing},
		{"Prune", testDeliveryPrune},
		{"Refuses", testDeliveryRefuses},
	}
}

// today is a time of now in the precision of all directories.
func today() time.Time { return time.Now().UTC().Truncate(time.Millisecond) }

func (r *rig) tell(t *testing.T, deliveries ...voiceapp.Delivery) []voiceapp.Delivery {
	t.Helper()
	kept, err := as[Deliveries](r).AddDeliveries(t.Context(), deliveries)
	if err != nil {
		t.Fatalf("AddDeliveries(%+v): %v", deliveries, err)
	}
	return kept
}

// tellOne queues one for now.
func (r *rig) tellOne(t *testing.T, hook voiceapp.Webhook) voiceapp.Delivery {
	t.Helper()
	kept := r.tell(t, voiceapp.Delivery{Webhook: hook.ID, Event: "user.joined", Body: `{"a":"ä\n"}`, Next: today()})
	if len(kept) != 1 {
		t.Fatalf("of one delivery %+v was kept", kept)
	}
	return kept[0]
}

func (r *rig) settle(t *testing.T, d voiceapp.Delivery) voiceapp.Webhook {
	t.Helper()
	hook, err := as[Deliveries](r).SettleDelivery(t.Context(), d)
	if err != nil {
		t.Fatalf("SettleDelivery(%+v): %v", d, err)
	}
	return hook
}

func (r *rig) wantNext(t *testing.T, of voiceapp.Webhook, want voiceapp.Delivery) {
	t.Helper()
	got, found, err := as[Deliveries](r).NextDelivery(t.Context(), of.ID)
	if err != nil || found != (want.ID != 0) || got != want {
		t.Errorf("NextDelivery = %+v, %v, %v; want %+v", got, found, err, want)
	}
}

func (r *rig) deliveries(t *testing.T, of voiceapp.Webhook) []voiceapp.Delivery {
	t.Helper()
	all, err := as[Deliveries](r).Deliveries(t.Context(), of.ID, 0, 500)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// needsWebhooks skips the rest of a test where there can be no webhook.
func (r *rig) needsWebhooks(t *testing.T) {
	t.Helper()
	if _, ok := r.Directory.(Webhooks); !ok {
		t.Skip("there are no webhooks")
	}
}

// testDeliveryQueue checks that the earliest is next, and that what became of each is
// kept.
func testDeliveryQueue(t *testing.T, r *rig) {
	r.needsWebhooks(t)
	hook, other, now := r.webhook(t), r.webhook(t), today()
	r.wantNext(t, hook, voiceapp.Delivery{})
	kept := r.tell(t,
		voiceapp.Delivery{Webhook: hook.ID, Event: "user.joined", Body: `{"a":"ä\n"}`, Next: now.Add(time.Minute), ID: 99, Attempts: 9, Status: 9, Error: "x", Done: now},
		voiceapp.Delivery{Webhook: hook.ID, Event: "user.left", Body: "{}", Next: now},
		voiceapp.Delivery{Webhook: other.ID, Event: "chat.sent", Body: "{}", Next: now.Add(-time.Hour)},
		voiceapp.Delivery{Webhook: hook.ID, Event: "webhook.test", Body: "{}"},
		voiceapp.Delivery{Webhook: 1 << 40, Event: "user.left", Body: "{}", Next: now},
	)
	if len(kept) != 4 {
		t.Fatalf("AddDeliveries = %+v", kept)
	}
	first, second, others, test := kept[0], kept[1], kept[2], kept[3]
	if first.Body != `{"a":"ä\n"}` || first.Event != "user.joined" || first.Attempts != 0 || first.Status != 0 || first.Error != "" || !first.Done.IsZero() ||
		!first.Next.Equal(now.Add(time.Minute)) || first.Created.IsZero() || second.ID <= first.ID || !test.Next.IsZero() {
		t.Errorf("AddDeliveries = %+v", kept)
	}
	r.wantNext(t, hook, second)
	r.wantNext(t, other, others)

	second.Attempts, second.Status, second.Error, second.Next = 1, 503, "the answer was 503", now.Add(time.Hour)
	r.settle(t, second)
	r.wantNext(t, hook, first)
	first.Attempts, first.Status, first.Next, first.Done = 1, 204, time.Time{}, now
	r.settle(t, first)
	r.wantNext(t, hook, second)
	second.Attempts, second.Status, second.Error, second.Next, second.Done = 2, 200, "", time.Time{}, now
	r.settle(t, second)
	r.wantNext(t, hook, voiceapp.Delivery{})
	if got := r.deliveries(t, hook); !slices.Equal(got, []voiceapp.Delivery{test, second, first}) {
		t.Errorf("Deliveries = %+v", got)
	}
}

func testDeliveryPages(t *testing.T, r *rig) {
	r.needsWebhooks(t)
	hook, other := r.webhook(t), r.webhook(t)
	var want, got []voiceapp.Delivery
	for range 10 {
		want = append(want, r.tellOne(t, hook))
		r.tellOne(t, other)
	}
	slices.Reverse(want)
	before := voiceapp.DeliveryID(0)
	for {
		page, err := as[Deliveries](r).Deliveries(t.Context(), hook.ID, before, 4)
		if err != nil {
			t.Fatal(err)
		}
		if len(page) == 0 {
			break
		}
		got, before = append(got, page...), page[len(page)-1].ID
	}
	if !slices.Equal(got, want) {
		t.Errorf("the pages are %+v, want %+v", got, want)
	}
}

func testDeliveryBound(t *testing.T, r *rig) {
	r.needsWebhooks(t)
	hook, other := r.webhook(t), r.webhook(t)
	others := r.tellOne(t, other)
	many := make([]voiceapp.Delivery, voiceapp.MaxDeliveries+3)
	for i := range many {
		many[i] = voiceapp.Delivery{Webhook: hook.ID, Event: "user.joined", Body: fmt.Sprint(i), Next: today()}
	}
	r.tell(t, many[:voiceapp.MaxDeliveries/2]...)
	kept := r.tell(t, many[voiceapp.MaxDeliveries/2:]...)
	n, oldest, before := 0, voiceapp.Delivery{}, voiceapp.DeliveryID(0)
	for {
		page, err := as[Deliveries](r).Deliveries(t.Context(), hook.ID, before, 500)
		if err != nil {
			t.Fatal(err)
		}
		if len(page) == 0 {
			break
		}
		oldest = page[len(page)-1]
		n, before = n+len(page), oldest.ID
	}
	if n != voiceapp.MaxDeliveries || oldest.Body != "3" {
		t.Errorf("there are %d from %q on, want %d from 3 on", n, oldest.Body, voiceapp.MaxDeliveries)
	}
	if len(kept) != len(many)-voiceapp.MaxDeliveries/2 {
		t.Errorf("AddDeliveries kept %d", len(kept))
	}
	r.wantNext(t, other, others)
}

// testDeliverySwitchedOff checks that a webhook that is off is told nothing, but what
// its owner tells it by hand.
func testDeliverySwitchedOff(t *testing.T, r *rig) {
	r.needsWebhooks(t)
	hook := r.webhook(t)
	d := r.tellOne(t, hook)
	done := r.tellOne(t, hook)
	done.Attempts, done.Next, done.Done, done.Status = 1, time.Time{}, today(), 200
	r.settle(t, done)
	hook.Enabled = false
	if _, err := as[Webhooks](r).UpdateWebhook(t.Context(), hook); err != nil {
		t.Fatal(err)
	}
	r.wantNext(t, hook, voiceapp.Delivery{})
	all := r.deliveries(t, hook)
	if len(all) != 2 || all[0] != done || all[1].ID != d.ID || all[1].Done.IsZero() || !all[1].Next.IsZero() || all[1].Error == "" {
		t.Errorf("when it is off the deliveries are %+v", all)
	}
	if kept := r.tell(t, voiceapp.Delivery{Webhook: hook.ID, Event: "user.left", Next: today()}, voiceapp.Delivery{Webhook: hook.ID, Event: "webhook.test"}); len(kept) != 1 || kept[0].Event != "webhook.test" {
		t.Errorf("when it is off there was kept %+v", kept)
	}

	d.Attempts, d.Status, d.Error, d.Next = 1, 500, "the answer was 500", today().Add(time.Minute) // an attempt that was under way
	if now := r.settle(t, d); now.Enabled {
		t.Errorf("the webhook became %+v", now)
	}
	r.wantNext(t, hook, voiceapp.Delivery{})
	hook.Enabled = true
	if now, err := as[Webhooks](r).UpdateWebhook(t.Context(), hook); err != nil || !now.Failing.IsZero() {
		t.Errorf("when it is on again it is %+v, %v", now, err)
	}
	r.wantNext(t, hook, voiceapp.Delivery{})
}

// testDeliveryFailing checks that a webhook whose program takes nothing for long is
// switched off, and no other.
func testDeliveryFailing(t *testing.T, r *rig) {
	r.needsWebhooks(t)
	hook, other := r.webhook(t), r.webhook(t)
	fail := func() voiceapp.Webhook {
		t.Helper()
		d := r.tellOne(t, hook)
		d.Attempts, d.Error, d.Next = 1, "nobody answers", today()
		return r.settle(t, d)
	}
	first := fail()
	if first.Failing.IsZero() || !first.Enabled {
		t.Errorf("after one failure it is %+v", first)
	}
	r.advance(t, voiceapp.WebhookGrace-time.Minute)
	if again := fail(); !again.Failing.Equal(first.Failing) || !again.Enabled {
		t.Errorf("after the last failure that is let pass it is %+v", again)
	}
	taken := r.tellOne(t, hook)
	taken.Attempts, taken.Next, taken.Done, taken.Status = 1, time.Time{}, today(), 200
	if now := r.settle(t, taken); !now.Failing.IsZero() {
		t.Errorf("after a success it is %+v", now)
	}
	fail()
	r.advance(t, voiceapp.WebhookGrace)
	if now := fail(); now.Enabled || now.Failing.IsZero() {
		t.Errorf("after a day of failures it is %+v", now)
	}
	r.wantNext(t, hook, voiceapp.Delivery{})
	r.wantWebhook(t, other)
}

func testDeliveryPrune(t *testing.T, r *rig) {
	r.needsWebhooks(t)
	pruner, ok := r.Directory.(Messages)
	if !ok {
		t.Skip("nothing is pruned")
	}
	hook := r.webhook(t)
	r.tellOne(t, hook)
	prune := func() {
		t.Helper()
		if _, err := pruner.Prune(t.Context(), 0); err != nil {
			t.Fatal(err)
		}
	}
	prune()
	for range int(voiceapp.DeliveryLifetime / (24 * time.Hour)) {
		if left := r.deliveries(t, hook); len(left) != 1 {
			t.Errorf("there are %+v", left)
		}
		r.advance(t, 24*time.Hour)
		prune()
	}
	if left := r.deliveries(t, hook); len(left) != 0 {
		t.Errorf("when all is over there are %+v", left)
	}
}

func testDeliveryRefuses(t *testing.T, r *rig) {
	r.needsWebhooks(t)
	hook := r.webhook(t)
	kept := r.tellOne(t, hook)
	for _, bad := range []voiceapp.Delivery{
		{},
		{Event: "user"},
		{Event: "user.*"},
		{Event: "user.joined now"},
		{Event: "user.joined", Body: strings.Repeat("x", voiceapp.MaxDeliveryBody+1)},
		{Event: "user.joined", Error: strings.Repeat("x", 10_000)},
		{Event: "user.joined", Error: "a\x1bb"},
	} {
		bad.Webhook = hook.ID
		got, err := as[Deliveries](r).AddDeliveries(t.Context(), []voiceapp.Delivery{{Webhook: hook.ID, Event: "user.joined"}, bad})
		wantCode(t, fmt.Sprintf("AddDeliveries(%.100q)", fmt.Sprint(bad)), err, voiceapp.Invalid)
		if len(got) != 0 {
			t.Errorf("it kept %+v", got)
		}
		bad.ID = kept.ID
		_, err = as[Deliveries](r).SettleDelivery(t.Context(), bad)
		wantCode(t, fmt.Sprintf("SettleDelivery(%.100q)", fmt.Sprint(bad)), err, voiceapp.Invalid)
	}
	for _, bad := range badIDs {
		_, err := as[Deliveries](r).SettleDelivery(t.Context(), voiceapp.Delivery{ID: voiceapp.DeliveryID(bad), Event: "user.joined"})
		wantCode(t, fmt.Sprint("SettleDelivery of ", bad), err, voiceapp.NotFound)
		r.wantNext(t, voiceapp.Webhook{ID: voiceapp.WebhookID(bad)}, voiceapp.Delivery{})
	}
	if got := r.deliveries(t, hook); !slices.Equal(got, []voiceapp.Delivery{kept}) {
		t.Errorf("the deliveries became %+v", got)
	}
}
