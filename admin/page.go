package admin

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"reflect"
	"strconv"
	"strings"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/admin/internal/params"
)

var problemType = reflect.TypeFor[Problem]()

// page is one of a list.
type page[T any] struct {
	Items []T    `json:"items" nullable:"false"`
	Next  string `json:"next,omitempty" doc:"The page that follows; absent at the end"`
}

// after gives the id behind which the page begins, 0 for the first.
func after(p params.Paging) (int64, error) {
	if p.Page == "" {
		return 0, nil
	}
	text, err := base64.RawURLEncoding.DecodeString(p.Page)
	if err == nil {
		id, err := strconv.ParseInt(string(text), 10, 64)
		if err == nil && id > 0 && id <= voiceapp.MaxID {
			return id, nil
		}
	}
	return 0, invalidField("query.page", "this is no page: begin without it")
}

// pageOf makes a page of what was asked for; last gives the id of an item.
func pageOf[T any](items []T, limit int, id func(T) int64) page[T] {
	p := page[T]{Items: items}
	if p.Items == nil {
		p.Items = []T{}
	}
	if len(items) >= limit && len(items) > 0 {
		p.Next = base64.RawURLEncoding.EncodeToString(strconv.AppendInt(nil, id(items[len(items)-1]), 10))
	}
	return p
}

// tagged is a response with an ETag.
type tagged[T any] struct {
	ETag string `header:"ETag" doc:"For If-Match"`
	Body T
}

func etag(value any) string {
	text, err := json.Marshal(value)
	if err != nil {
		panic(err) // what is answered can be encoded
	}
	sum := sha256.Sum256(text)
	return `"` + base64.RawURLEncoding.EncodeToString(sum[:12]) + `"`
}

func replyTagged[T any](value T, err error) (*tagged[T], error) {
	if err != nil {
		return nil, err
	}
	return &tagged[T]{etag(value), value}, nil
}

// match reports that what is there is not what was read.
func match(p params.Precondition, now any) error {
	if p.IfMatch == "" || p.IfMatch == "*" {
		return nil
	}
	for tag := range strings.SplitSeq(p.IfMatch, ",") {
		if strings.TrimSpace(tag) == etag(now) {
			return nil
		}
	}
	return newProblem(http.StatusPreconditionFailed, voiceapp.Conflict, "somebody has changed it since it was read: read it again")
}

// edit makes a change of what is read by read, when it is still what was read before.
// No other edit comes between. What can't be read is left to do to refuse, which keeps
// that in the audit log.
func edit[T any](s *Server, p params.Precondition, read func() (T, error), do func() error) error {
	if p.IfMatch == "" {
		return do()
	}
	s.editing.Lock()
	defer s.editing.Unlock()
	if now, err := read(); err == nil {
		if err := match(p, now); err != nil {
			return err
		}
	}
	return do()
}
