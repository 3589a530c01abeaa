package voiceapp

import (
	"net/url"
	"strings"
	"time"
)

// The bounds of a [Webhook].
const (
	MaxWebhooks      = 20  // of a server
	MaxWebhookEvents = 50  // of one webhook
	MaxWebhookURL    = 500 // bytes
)

// The bounds of a [Delivery].
const (
	MaxDeliveries   = 1_000    // kept of one webhook; then the oldest go, sent or not
	MaxDeliveryBody = 32 << 10 // bytes
)

// DeliveryLifetime is how long a delivery can be looked at.
const DeliveryLifetime = 7 * 24 * time.Hour

// WebhookGrace is for how long a webhook's program may take nothing that it is told;
// with the next that it does not take, the webhook is switched off.
const WebhookGrace = 24 * time.Hour

// Webhook has the server tell another program what happens. Its secret, by which
// that program knows that it is the server who speaks, is not part of it: that is
// shown once, when the webhook is made.
type Webhook struct {
	ID      WebhookID `json:"id"`
	URL     string    `json:"url"`
	Events  []string  `json:"events"` // such as "user.joined", "user.*" or "*"
	Enabled bool      `json:"enabled"`
	By      UserID    `json:"by"`
	Created time.Time `json:"created"`
	Failing time.Time `json:"failing,omitzero"` // since when nothing was taken; the zero time: the last was
}

// Check reports, as [Invalid], why w can't be a webhook: its URL is not one of https
// or http with a host, or it has no events, too many, or one that none can be.
func (w Webhook) Check() error {
	if len(w.URL) > MaxWebhookURL {
		return NewError(Invalid, "the webhook's URL is too long")
	}
	at, err := url.Parse(w.URL)
	if err != nil || at.Scheme != "https" && at.Scheme != "http" || at.Hostname() == "" || at.User != nil || at.Fragment != "" {
		return NewError(Invalid, "a webhook needs a URL of https or http, with a host, without a user and a fragment")
	}
	if len(w.Events) == 0 || len(w.Events) > MaxWebhookEvents {
		return NewError(Invalid, "a webhook needs 1 to 50 events, such as user.joined, user.* or *")
	}
	for _, event := range w.Events {
		noun, verb, parted := strings.Cut(event, ".")
		if event != "*" && (!parted || !isWord(noun) || verb != "*" && !isWord(verb)) {
			return NewError(Invalid, `an event is "noun.verb", "noun.*" or "*"`)
		}
	}
	return nil
}

func isWord(s string) bool {
	return s != "" && len(s) <= 40 && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz_") == ""
}

// Wants reports whether the webhook is to be told of an event.
func (w Webhook) Wants(event string) bool {
	noun, _, _ := strings.Cut(event, ".")
	for _, want := range w.Events {
		if want == "*" || want == event || want == noun+".*" {
			return w.Enabled
		}
	}
	return false
}

// Delivery is what became of telling a [Webhook] of one event.
type Delivery struct {
	ID       DeliveryID `json:"id"`
	Webhook  WebhookID  `json:"webhook"`
	Event    string     `json:"event"`
	Body     string     `json:"body"` // JSON
	Created  time.Time  `json:"created"`
	Attempts int        `json:"attempts"`
	Next     time.Time  `json:"next,omitzero"` // the next attempt; the zero time: there is none
	Done     time.Time  `json:"done,omitzero"` // when it was taken or given up; the zero time: it is under way
	Status   int        `json:"status"`        // of the last answer; 0: there was none
	Error    string     `json:"error"`         // of the last attempt; "": it was taken, or there was none
}

// Check reports, as [Invalid], why d can't be a delivery: it has no event that can be,
// or its body is longer than [MaxDeliveryBody].
func (d Delivery) Check() error {
	noun, verb, parted := strings.Cut(d.Event, ".")
	if !parted || !isWord(noun) || !isWord(verb) {
		return NewError(Invalid, `an event is "noun.verb"`)
	}
	if len(d.Body) > MaxDeliveryBody {
		return NewError(Invalid, "the event has too much to say")
	}
	return CheckText("the error", d.Error, MaxReasonLength)
}
