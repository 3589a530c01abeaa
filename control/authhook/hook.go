package authhook

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/internal/outbound"
)

const (
	// DefaultTimeout is the time for an answer, from the look-up of the name on.
	DefaultTimeout = 5 * time.Second

	// MaxAnswer is the most bytes of an answer's body.
	MaxAnswer = 64 << 10

	maxConns  = 16 // at the same time; others wait within their time
	idleConns = 4
)

// Accounts is where those who come in by a hook have their accounts. *store.Store
// and *control.Memory satisfy it.
type Accounts interface {
	// Credential is that of a control.Directory; the hash of an account of
	// ExternalUser is "".
	Credential(ctx context.Context, name string) (user voiceapp.User, hash string, err error)

	// ExternalUser returns the account that another program knows by a key, with
	// the name and the role that it has there; it makes one where there is none.
	// Exists when the name is another account's.
	ExternalUser(ctx context.Context, key, name string, role voiceapp.Role) (voiceapp.User, error)
}

// Config says whom a [Hook] asks. URL and Accounts are needed.
type Config struct {
	// URL is asked for each login: https://auth.example/login. A user and a
	// password in it are sent as basic authentication.
	URL string

	// Allow lists the hosts that may be asked by http, and at addresses that are
	// not of the Internet: names as in the URL, addresses, and ranges of them
	// ("10.0.0.0/8").
	Allow []string

	Accounts Accounts

	// Address gives the address of who logs in, from the context of Authenticate.
	// control.PeerAddress fits. nil: it is not sent.
	Address func(context.Context) (netip.Addr, bool)

	Timeout   time.Duration // 0: DefaultTimeout
	TLSConfig *tls.Config   // nil: the system's certificates; it is copied
}

// Hook asks another program who may log in. Its methods may be called from any
// goroutine. It starts none but those of its connections, which end with Close.
type Hook struct {
	config Config
	client *http.Client
}

// New makes a hook. The error is [voiceapp.Invalid]: the URL or an entry of Allow
// can't be read, or the URL is one that may not be asked.
func New(config Config) (*Hook, error) {
	if config.Accounts == nil {
		return nil, voiceapp.NewError(voiceapp.Invalid, "authhook: a hook needs Accounts")
	}
	policy, err := config.parse()
	if err != nil {
		return nil, err
	}
	if config.Timeout <= 0 {
		config.Timeout = DefaultTimeout
	}
	return &Hook{config: config, client: policy.Client(outbound.Limits{
		Timeout: config.Timeout, Conns: maxConns, IdleConns: idleConns, TLSConfig: config.TLSConfig,
	})}, nil
}

// Check reports, as [voiceapp.Invalid], what is wrong with URL and Allow.
func (config Config) Check() error {
	_, err := config.parse()
	return err
}

// parse reads Allow, and checks URL by it.
func (config Config) parse() (outbound.Policy, error) {
	policy, err := outbound.Parse(config.Allow)
	if err != nil {
		return policy, err
	}
	u, err := url.Parse(config.URL)
	if err != nil {
		return policy, voiceapp.NewError(voiceapp.Invalid, "the authenticator's URL can't be read")
	}
	if err := policy.Check(u); err != nil {
		return policy, voiceapp.WrapError(voiceapp.Invalid, "the authenticator can't be asked", err)
	}
	return policy, nil
}

// Close closes the connections that wait for the next login. The hook may be used
// after it.
func (h *Hook) Close() { h.client.CloseIdleConnections() }

// Authenticate asks who may come in with a name and a password. The errors are
// [voiceapp.BadCredentials]; [voiceapp.NotFound] for an account with a password of
// its own, which the caller is to check; [voiceapp.Exists] when the name in the
// answer is another account's; [voiceapp.Limited]; and [voiceapp.Unavailable] when
// there is no answer of use, or it comes too late.
func (h *Hook) Authenticate(ctx context.Context, name, password string) (voiceapp.User, error) {
	_, hash, err := h.config.Accounts.Credential(ctx, name)
	switch {
	case err == nil && hash != "":
		return voiceapp.User{}, voiceapp.NewError(voiceapp.NotFound, "the account has a password of its own")
	case err != nil && !errors.Is(err, voiceapp.NotFound):
		return voiceapp.User{}, err
	}
	user, err := h.ask(ctx, name, password)
	if err != nil {
		return voiceapp.User{}, err
	}
	return h.config.Accounts.ExternalUser(ctx, user.key(), user.Name, user.role())
}

// question is what the other program is asked.
type question struct {
	Name     string `json:"name"`
	Password string `json:"password"`
	Address  string `json:"address,omitempty"`
}

func (h *Hook) ask(ctx context.Context, name, password string) (answer, error) {
	q := question{Name: name, Password: password}
	if h.config.Address != nil {
		if addr, ok := h.config.Address(ctx); ok {
			q.Address = addr.String()
		}
	}
	body, err := json.Marshal(q)
	if err != nil {
		return answer{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, h.config.Timeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, h.config.URL, bytes.NewReader(body))
	if err != nil {
		return answer{}, err
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Accept", "application/json")
	response, err := h.client.Do(request)
	if err != nil {
		return answer{}, unusable("the authenticator does not answer", err)
	}
	defer func() { _ = response.Body.Close() }()
	return read(response)
}

// read takes an answer as it came.
func read(response *http.Response) (answer, error) {
	switch response.StatusCode {
	case http.StatusOK:
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound:
		return answer{}, voiceapp.NewError(voiceapp.BadCredentials, "the name or the password is wrong")
	case http.StatusTooManyRequests:
		return answer{}, voiceapp.NewError(voiceapp.Limited, "too many attempts to log in; try again later")
	default:
		return answer{}, unusable("the authenticator failed", errors.New(response.Status))
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, MaxAnswer+1))
	switch {
	case err != nil:
		return answer{}, unusable("the authenticator's answer broke off", err)
	case len(body) > MaxAnswer:
		return answer{}, unusable("the authenticator's answer is too long", nil)
	}
	return parseAnswer(body)
}

// unusable is about an answer that lets nobody in.
func unusable(message string, cause error) error {
	return voiceapp.WrapError(voiceapp.Unavailable, message+"; try again later", cause)
}
