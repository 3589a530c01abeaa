package admin

import (
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/voiceapp-sdk/voiceapp"
)

const (
	// hookTimeout is the time for an attempt, from the look-up of the name to the end of
	// the answer.
	hookTimeout = 10 * time.Second

	// hookAnswer is the most bytes of an answer that are read, so that its connection can
	// be used again.
	hookAnswer = 64 << 10

	// hookErrorLength is the most characters of an error that are kept.
	hookErrorLength = 300
)

// attempt sends a delivery once, and returns it with what came of it.
func (h *Hooks) attempt(ctx context.Context, hook voiceapp.Webhook, d voiceapp.Delivery) voiceapp.Delivery {
	d.Attempts++
	status, err := h.send(ctx, hook, d)
	d.Status, d.Error = status, ""
	if err != nil {
		h.failed.Add(1)
		d.Error = errorText(err)
		return d
	}
	h.taken.Add(1)
	return d
}

// send posts a delivery in the form of Standard Webhooks. The status is 0 when there is
// no answer.
func (h *Hooks) send(ctx context.Context, hook voiceapp.Webhook, d voiceapp.Delivery) (status int, err error) {
	if err := h.Check(hook); err != nil {
		return 0, err
	}
	secret, err := h.config.Webhooks.WebhookSecret(ctx, hook.ID)
	if err != nil {
		return 0, err
	}
	ctx, cancel := context.WithTimeout(ctx, hookTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, hook.URL, strings.NewReader(d.Body))
	if err != nil {
		return 0, err
	}
	id, at := "dlv_"+strconv.FormatInt(int64(d.ID), 10), strconv.FormatInt(time.Now().Unix(), 10)
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("User-Agent", "voiceapp/"+cmp.Or(h.config.Version, "dev"))
	request.Header.Set("Webhook-Id", id)
	request.Header.Set("Webhook-Timestamp", at)
	request.Header.Set("Webhook-Signature", signature(secret, id, at, d.Body))
	response, err := h.client.Do(request)
	if err != nil {
		return 0, err
	}
	_, _ = io.Copy(io.Discard, io.LimitReader(response.Body, hookAnswer))
	_ = response.Body.Close()
	if response.StatusCode < 200 || response.StatusCode > 299 {
		err = fmt.Errorf("the answer was %d %s", response.StatusCode, http.StatusText(response.StatusCode))
	}
	return response.StatusCode, err
}

// signature is what shows that a delivery is the server's, and of that time.
func signature(secret []byte, id, at, body string) string {
	mac := hmac.New(sha256.New, secret)
	_, _ = io.WriteString(mac, id+"."+at+"."+body) // it never fails
	return "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// errorText says what went wrong, for the list of deliveries: on one line, and without
// the URL, which may hold a secret.
func errorText(err error) string {
	var failed *url.Error
	if errors.As(err, &failed) {
		err = failed.Err
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return fmt.Sprintf("there was no answer within %v", hookTimeout)
	}
	text := []rune(strings.ToValidUTF8(err.Error(), "\ufffd"))
	for i, r := range text {
		if !unicode.IsPrint(r) {
			text[i] = ' '
		}
	}
	return string(text[:min(len(text), hookErrorLength)])
}
