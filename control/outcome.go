package control

import (
	"slices"
	"sync/atomic"

	"github.com/voiceapp-sdk/voiceapp"
)

// outcomes counts how something has ended: well, with one of errorCodes, or with
// another code, of a Directory's own. Any goroutine may use it.
type outcomes []atomic.Uint64

func newOutcomes() outcomes { return make(outcomes, len(errorCodes)+2) }

func (o outcomes) count(err error) {
	at := len(errorCodes) + 1
	if err != nil {
		code := voiceapp.AsError(err).Code
		if at = slices.Index(errorCodes, code); at < 0 {
			at = len(errorCodes)
		}
	}
	o[at].Add(1)
}

// all yields what has happened, and "ok" also where it has not.
func (o outcomes) all(yield func(code string, count uint64) bool) {
	for i := range o {
		count, code := o[i].Load(), "ok"
		switch {
		case i < len(errorCodes):
			code = string(errorCodes[i])
		case i == len(errorCodes):
			code = "other"
		}
		if (count > 0 || code == "ok") && !yield(code, count) {
			return
		}
	}
}

// unknownMethod stands for all that is no method of the protocol.
const unknownMethod = "unknown"

// answered counts requests by method. Its keys do not change; they are those of
// documented, which has all methods.
type answered map[string]outcomes

func newAnswered() answered {
	a := answered{unknownMethod: newOutcomes()}
	for name := range documented {
		a[name] = newOutcomes()
	}
	return a
}

func (a answered) count(method string, err error) {
	if _, ok := a[method]; !ok {
		method = unknownMethod
	}
	a[method].count(err)
}
