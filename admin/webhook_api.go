package admin

import (
	"context"
	"fmt"
	"net/http"
	"net/url"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/admin/internal/params"
)

type createWebhookInput struct {
	params.Change
	Body struct {
		URL     string   `json:"url" maxLength:"500" format:"uri" example:"https://hooks.example/voice" doc:"Who is told, by POST; https, unless the server's operator allows the host"`
		Events  []string `json:"events" minItems:"1" maxItems:"50" nullable:"false" example:"[\"user.joined\",\"user.left\"]" doc:"Which events: \"user.joined\", \"user.*\" or \"*\""`
		Enabled *bool    `json:"enabled,omitempty" doc:"Absent: it is on"`
	}
}

type createWebhookResult struct {
	Webhook voiceapp.Webhook `json:"webhook"`
	Secret  string           `json:"secret" doc:"By which its program knows who speaks; it is shown this once"`
}

type editWebhookInput struct {
	params.Change
	params.Precondition
	params.Webhook
	Body struct {
		URL     *string   `json:"url,omitempty" maxLength:"500" format:"uri"`
		Events  *[]string `json:"events,omitempty" minItems:"1" maxItems:"50"`
		Enabled *bool     `json:"enabled,omitempty" doc:"false: what it was still to be told is given up"`
	}
}

type deleteWebhookInput struct {
	params.Change
	params.Precondition
	params.Webhook
}

type testWebhookInput struct {
	params.Change
	params.Webhook
}

type listDeliveriesInput struct {
	params.Paging
	params.Webhook
}

const webhookDetail = `Deliveries have the form of Standard Webhooks: a POST with {"type": EVENT, "timestamp": TIME, "data": {...}}, where data is that of the control protocol's event (see /docs/control), and the headers Webhook-Id, Webhook-Timestamp and Webhook-Signature, which is "v1," and the base64 of the HMAC-SHA256 of "ID.TIMESTAMP.BODY" with the secret (the bytes behind whsec_, out of base64).

Whoever is told has ten seconds to answer with 2xx. Otherwise it is told again for a day, less and less often; redirects are not followed. It may be told the same twice, with the same Webhook-Id, and not in order. A webhook whose program takes nothing for a day is switched off.`

func (s *Server) registerWebhooks() {
	read := func(id, path, summary string, errors ...voiceapp.Code) operation {
		return operation{id: id, method: http.MethodGet, path: path, tag: "webhooks", scope: "webhooks:read", role: voiceapp.RoleOwner, summary: summary, errors: errors}
	}
	write := func(id, method, path, summary string) operation {
		return operation{
			id: id, method: method, path: path, tag: "webhooks", scope: "webhooks:write", role: voiceapp.RoleOwner,
			summary: summary, errors: []voiceapp.Code{voiceapp.NotFound, voiceapp.Conflict},
		}
	}
	add(s, read("list-webhooks", "/api/webhooks", "All webhooks, without their secrets"), s.listWebhooks)
	add(s, read("get-webhook", "/api/webhooks/{id}", "One webhook", voiceapp.NotFound), s.getWebhook)
	create := write("create-webhook", http.MethodPost, "/api/webhooks", "Have a program told what happens")
	create.status, create.detail, create.errors = http.StatusCreated, webhookDetail, []voiceapp.Code{voiceapp.Conflict}
	add(s, create, s.createWebhook)
	add(s, write("edit-webhook", http.MethodPatch, "/api/webhooks/{id}", "Change a webhook; what is not named stays"), s.editWebhook)
	add(s, write("delete-webhook", http.MethodDelete, "/api/webhooks/{id}", "Delete a webhook and its deliveries"), s.deleteWebhook)
	test := write("test-webhook", http.MethodPost, "/api/webhooks/{id}/test", "Tell a webhook's program that this is a test")
	test.errors = []voiceapp.Code{voiceapp.NotFound}
	test.detail = `The event is "webhook.test". It is sent once, at once, whether the webhook is on or off; the answer is what became of it.`
	add(s, test, s.testWebhook)
	add(s, read("list-deliveries", "/api/webhooks/{id}/deliveries", "What a webhook was told and is still to be told, the newest first", voiceapp.NotFound), s.listDeliveries)
}

func (s *Server) hooks() (*Hooks, error) {
	if s.config.Hooks == nil {
		return nil, errMissing("webhooks")
	}
	return s.config.Hooks, nil
}

func (s *Server) listWebhooks(ctx context.Context, _ *identity, _ *struct{}) (*body[page[voiceapp.Webhook]], error) {
	hooks, err := s.hooks()
	if err != nil {
		return nil, err
	}
	all, err := hooks.config.Webhooks.Webhooks(ctx)
	return reply(page[voiceapp.Webhook]{Items: append([]voiceapp.Webhook{}, all...)}, err)
}

func (s *Server) getWebhook(ctx context.Context, _ *identity, in *params.Webhook) (*tagged[voiceapp.Webhook], error) {
	hooks, err := s.hooks()
	if err != nil {
		return nil, err
	}
	return replyTagged(hooks.config.Webhooks.Webhook(ctx, in.ID))
}

// changeWebhook makes a change of the webhooks, which the audit log keeps.
func (s *Server) changeWebhook(ctx context.Context, who *identity, c params.Change, action string, do func(context.Context, *Hooks, *voiceapp.AuditEntry) error) error {
	hooks, err := s.hooks()
	if err != nil {
		return err
	}
	reason, err := reasonOf(c)
	if err != nil {
		return err
	}
	err = s.config.Live.Audited(ctx, who.actor, voiceapp.RoleOwner, action, reason, func(ctx context.Context, _ voiceapp.Actor, e *voiceapp.AuditEntry) error {
		return do(ctx, hooks, e)
	})
	if err == nil {
		hooks.Changed()
	}
	return err
}

func (s *Server) createWebhook(ctx context.Context, who *identity, in *createWebhookInput) (*body[createWebhookResult], error) {
	var result createWebhookResult
	err := s.changeWebhook(ctx, who, in.Change, "webhook.create", func(ctx context.Context, hooks *Hooks, e *voiceapp.AuditEntry) (err error) {
		want := voiceapp.Webhook{URL: in.Body.URL, Events: in.Body.Events, Enabled: in.Body.Enabled == nil || *in.Body.Enabled, By: who.actor.User}
		if err := hooks.Check(want); err != nil {
			return err
		}
		if result.Webhook, result.Secret, err = hooks.config.Webhooks.NewWebhook(ctx, want); err != nil {
			return err
		}
		e.Target, e.After = webhookTarget(result.Webhook.ID), webhookState(result.Webhook)
		return nil
	})
	return reply(result, err)
}

func webhookTarget(id voiceapp.WebhookID) string { return fmt.Sprintf("webhook:%d", id) }

// webhookState is a webhook for the audit log, which more may read than the webhooks: of
// the URL, whose path can be a secret, only the host.
func webhookState(hook voiceapp.Webhook) string {
	if at, err := url.Parse(hook.URL); err == nil {
		hook.URL = (&url.URL{Scheme: at.Scheme, Host: at.Host}).String()
	}
	return stateText(hook)
}

func (s *Server) editWebhook(ctx context.Context, who *identity, in *editWebhookInput) (*tagged[voiceapp.Webhook], error) {
	var now voiceapp.Webhook
	err := s.editedWebhook(ctx, in.ID, in.Precondition, func() error {
		return s.changeWebhook(ctx, who, in.Change, "webhook.edit", func(ctx context.Context, hooks *Hooks, e *voiceapp.AuditEntry) error {
			e.Target = webhookTarget(in.ID)
			before, err := hooks.config.Webhooks.Webhook(ctx, in.ID)
			if err != nil {
				return err
			}
			want := in.apply(before)
			if err := hooks.Check(want); err != nil {
				return err
			}
			if now, err = hooks.config.Webhooks.UpdateWebhook(ctx, want); err != nil {
				return err
			}
			e.Before, e.After = webhookState(before), webhookState(now)
			return nil
		})
	})
	return replyTagged(now, err)
}

// apply gives a webhook as it is to be.
func (in *editWebhookInput) apply(hook voiceapp.Webhook) voiceapp.Webhook {
	if in.Body.URL != nil {
		hook.URL = *in.Body.URL
	}
	if in.Body.Events != nil {
		hook.Events = *in.Body.Events
	}
	if in.Body.Enabled != nil {
		hook.Enabled = *in.Body.Enabled
	}
	return hook
}

// editedWebhook makes a change to a webhook that is as it was read.
func (s *Server) editedWebhook(ctx context.Context, id voiceapp.WebhookID, p params.Precondition, do func() error) error {
	hooks, err := s.hooks()
	if err != nil {
		return err
	}
	return edit(s, p, func() (voiceapp.Webhook, error) { return hooks.config.Webhooks.Webhook(ctx, id) }, do)
}

func (s *Server) deleteWebhook(ctx context.Context, who *identity, in *deleteWebhookInput) (*done, error) {
	return nothing(s.editedWebhook(ctx, in.ID, in.Precondition, func() error {
		return s.changeWebhook(ctx, who, in.Change, "webhook.delete", func(ctx context.Context, hooks *Hooks, e *voiceapp.AuditEntry) error {
			e.Target = webhookTarget(in.ID)
			before, err := hooks.config.Webhooks.Webhook(ctx, in.ID)
			if err != nil {
				return err
			}
			e.Before = webhookState(before)
			return hooks.config.Webhooks.DeleteWebhook(ctx, in.ID)
		})
	}))
}

// testWebhook waits for the answer where that keeps nobody else from a change.
func (s *Server) testWebhook(ctx context.Context, who *identity, in *testWebhookInput) (*body[voiceapp.Delivery], error) {
	err := s.changeWebhook(ctx, who, in.Change, "webhook.test", func(ctx context.Context, hooks *Hooks, e *voiceapp.AuditEntry) error {
		e.Target = webhookTarget(in.ID)
		_, err := hooks.config.Webhooks.Webhook(ctx, in.ID)
		return err
	})
	if err != nil {
		return nil, err
	}
	return reply(s.config.Hooks.Test(ctx, in.ID))
}

func (s *Server) listDeliveries(ctx context.Context, _ *identity, in *listDeliveriesInput) (*body[page[voiceapp.Delivery]], error) {
	hooks, err := s.hooks()
	if err != nil {
		return nil, err
	}
	before, err := after(in.Paging)
	if err != nil {
		return nil, err
	}
	if _, err := hooks.config.Webhooks.Webhook(ctx, in.ID); err != nil {
		return nil, err
	}
	all, err := hooks.config.Deliveries.Deliveries(ctx, in.ID, voiceapp.DeliveryID(before), in.Limit)
	return reply(pageOf(all, in.Limit, func(d voiceapp.Delivery) int64 { return int64(d.ID) }), err)
}
