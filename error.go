package voiceapp

import (
	"context"
	"errors"
	"log/slog"
	"time"
)

// Code says to a machine what went wrong. A code is itself an error, so that
// errors.Is(err, voiceapp.NotFound) asks for it. Codes are stable: they are what
// clients of every version branch on, over TCP and over HTTP alike.
type Code string

// The codes.
const (
	Internal       Code = "internal"        // a fault of the server; its log has the cause
	Invalid        Code = "invalid"         // a value is out of its range or of the wrong form
	NotFound       Code = "not_found"       // there is none, or one may not see it
	Exists         Code = "exists"          // the name is taken
	Forbidden      Code = "forbidden"       // the role is too low; Needs says which one would do
	Conflict       Code = "conflict"        // the request does not fit the present state
	LoginRequired  Code = "login_required"  // session.open has to come first
	BadCredentials Code = "bad_credentials" // unknown name, wrong password or token: never said which
	Limited        Code = "limited"         // too much at once; try again later
	TooLarge       Code = "too_large"       // a line, a message or a datagram over its limit
	Busy           Code = "busy"            // the server has no capacity for it at present
	Unavailable    Code = "unavailable"     // the server is stopping, or can't be reached
	UnknownMethod  Code = "unknown_method"  // the protocol has no such method
	BadRequest     Code = "bad_request"     // not JSON, not JSON-RPC 2.0, or not one message a line
	KeyChanged     Code = "key_changed"     // the server's key is not the one that was pinned
	Kicked         Code = "kicked"          // somebody who may has ended the session; Until says when one may come back
	Banned         Code = "banned"          // one is kept out until Until
)

// Final reports whether it is of no use to try the same again after a while: a
// program does not come back by itself then, but asks the person first.
func (c Code) Final() bool {
	switch c {
	case Unavailable, Busy, Limited, Internal:
		return false
	default:
		return true
	}
}

// Error makes a code an error.
func (c Code) Error() string { return string(c) }

// Codes returns all codes, each once. The slice is the caller's.
func Codes() []Code {
	return []Code{
		Internal, Invalid, NotFound, Exists, Forbidden, Conflict, LoginRequired, BadCredentials, Limited,
		TooLarge, Busy, Unavailable, UnknownMethod, BadRequest, KeyChanged, Kicked, Banned,
	}
}

// Error is what went wrong, in three parts: Code for machines, Message for
// people, and a cause for the log, which is never sent to a client. A program that
// says it in another language than Message goes by Code, Detail and what follows them.
type Error struct {
	Code    Code
	Detail  Detail // which of the code's cases it is; "": not said
	Message string
	Needs   string // on a refusal: the permission that was missing, such as "role:moderator"
	About   string // what of a detail it is about, such as a channel's name or a file; "": not said
	Limit   int    // the bound that was not kept, in the unit of the detail; 0: not said

	// RetryAfter is how long to wait before it may work; 0: not said.
	RetryAfter time.Duration

	// Of [Kicked] and [Banned]: until when, the zero time for good, and the reason
	// that was given, for people.
	Until  time.Time
	Reason string

	cause error
}

// NewError returns an error with a code and a message for people.
func NewError(code Code, message string) *Error {
	return &Error{Code: code, Message: message}
}

// WrapError returns an error with a code, a message for people and the cause
// that belongs in the log. errors.Is and errors.As see the cause too.
func WrapError(code Code, message string, cause error) *Error {
	return &Error{Code: code, Message: message, cause: cause}
}

// With sets the detail of an error that was just made, and returns it.
func (e *Error) With(d Detail) *Error {
	e.Detail = d
	return e
}

// Of sets what an error that was just made is about, and returns it.
func (e *Error) Of(about string) *Error {
	e.About = about
	return e
}

// Refusal returns the [Forbidden] error of someone whose role is too low.
func Refusal(has, needs Role) *Error {
	return &Error{
		Code:    Forbidden,
		Detail:  RoleTooLow,
		Message: "this needs " + needs.the() + "; yours is " + has.String(),
		Needs:   "role:" + needs.String(),
	}
}

// Error gives the message, with the cause behind it where there is one.
func (e *Error) Error() string {
	if e.cause == nil {
		return e.Message
	}
	return e.Message + ": " + e.cause.Error()
}

// Unwrap gives the cause, or nil.
func (e *Error) Unwrap() error { return e.cause }

// Is reports whether target is the error's [Code], or its [Detail].
func (e *Error) Is(target error) bool {
	switch target := target.(type) {
	case Code:
		return target == e.Code
	case Detail:
		return target == e.Detail && target != ""
	}
	return false
}

// LogValue gives the three parts.
func (e *Error) LogValue() slog.Value {
	attrs := []slog.Attr{slog.String("code", string(e.Code)), slog.String("message", e.Message)}
	if e.cause != nil {
		attrs = append(attrs, slog.String("cause", e.cause.Error()))
	}
	return slog.GroupValue(attrs...)
}

// AsError returns the [Error] in err's chain. Anything else becomes one that is
// fit to be sent to a client: [Unavailable] for a context that ended, and
// [Internal], with err as its cause, for the rest. nil stays nil.
func AsError(err error) *Error {
	var e *Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &e):
		return e
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return WrapError(Unavailable, "it was not done in time", err)
	default:
		return WrapError(Internal, "something went wrong in the server", err)
	}
}
