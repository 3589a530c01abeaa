package control

import (
	"bytes"
	"encoding/json"
	"errors"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/voiceapp-sdk/voiceapp"
)

const rpcVersion = "2.0"

// message is any line of the protocol: a request, an event, or an answer.
type message struct {
	Version string          `json:"jsonrpc"`
	ID      json.RawMessage `json:"id,omitempty"`
	Method  string          `json:"method,omitempty"`
	Params  json.RawMessage `json:"params,omitempty"`
	Result  json.RawMessage `json:"result,omitempty"`
	Error   *wireError      `json:"error,omitempty"`
}

// wireError is a voiceapp.Error on the wire. Its cause stays in the server.
type wireError struct {
	Number  int       `json:"code"`
	Message string    `json:"message"`
	Data    errorData `json:"data"`
}

type errorData struct {
	Code       voiceapp.Code   `json:"code"`
	Detail     voiceapp.Detail `json:"detail,omitempty"`
	About      string          `json:"about,omitempty"`
	Limit      int             `json:"limit,omitempty"`
	Needs      string          `json:"needs,omitempty"`
	RetryAfter float64         `json:"retry_after,omitempty"` // seconds
	Until      time.Time       `json:"until,omitzero"`
	Reason     string          `json:"reason,omitempty"`
	Hits       *wireHits       `json:"hits,omitempty"`
}

// wireHits is a voiceapp.BanHitsError on the wire.
type wireHits struct {
	Self   bool `json:"self"`
	Others int  `json:"others"`
}

// outgoing is a line to be written, with its parts not yet encoded.
type outgoing struct {
	Version string     `json:"jsonrpc"`
	ID      any        `json:"id,omitempty"`
	Method  string     `json:"method,omitempty"`
	Params  any        `json:"params,omitempty"`
	Result  any        `json:"result,omitempty"`
	Error   *wireError `json:"error,omitempty"`
}

var (
	errNotJSON = errors.New("not JSON")
	nullID     = json.RawMessage("null")
)

// mustEncode gives a message as one line, newline included. All messages of this
// package have JSON, so there is no error.
func mustEncode(m outgoing) []byte {
	m.Version = rpcVersion
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(m); err != nil {
		panic(err)
	}
	return b.Bytes()
}

// decodeLine reads a line of the protocol. The error is [voiceapp.BadRequest].
func decodeLine(line []byte) (message, error) {
	var m message
	if err := checkJSON(line); err != nil {
		return m, err
	}
	if text := bytes.TrimLeft(line, " \t\r"); text[0] != '{' {
		return m, voiceapp.NewError(voiceapp.BadRequest, "a line is one JSON object: no batch, no bare value")
	}
	if err := json.Unmarshal(line, &m); err != nil {
		return m, voiceapp.NewError(voiceapp.BadRequest, "the line is not JSON-RPC 2.0: "+typeMessage(err))
	}
	if m.Version != rpcVersion {
		return m, voiceapp.NewError(voiceapp.BadRequest, `the line is not JSON-RPC 2.0: "jsonrpc" has to be "2.0"`)
	}
	return m, nil
}

var (
	eventBegins = []byte(`{"jsonrpc":"2.0","method":"`)
	paramsBegin = []byte(`","params":`)
)

// quickEvent takes an event apart that is written as this package writes it, without
// a look at its parameters: a client of a thousand people reads a lot of them. ok is
// false for all other lines, and what it takes apart may be none: decodeLine has the
// last word on that whose parameters can't be read.
func quickEvent(line []byte) (m message, ok bool) {
	rest, ok := bytes.CutPrefix(line, eventBegins)
	if !ok {
		return m, false
	}
	method, params, ok := bytes.Cut(rest, paramsBegin)
	if !ok || bytes.ContainsAny(method, `"\`) {
		return m, false
	}
	params, ok = bytes.CutSuffix(bytes.TrimRight(params, "\r\n"), []byte("}"))
	return message{Method: string(method), Params: params}, ok
}

// decodeRequest reads a line that asks for something. The error is
// [voiceapp.BadRequest]; the message then has an id to answer to, null where the
// line had none that is fit.
func decodeRequest(line []byte) (message, error) {
	m, err := decodeLine(line)
	known := validID(m.ID)
	if !known {
		m.ID = nullID
	}
	switch {
	case err != nil:
		return m, err
	case !known:
		return m, voiceapp.NewError(voiceapp.BadRequest, "a request needs an id: a string of at most 64 bytes, or a whole number below 2^53")
	case m.Method == "":
		return m, voiceapp.NewError(voiceapp.BadRequest, "a request needs a method")
	}
	return m, nil
}

const maxIDText = 64

func validID(id json.RawMessage) bool {
	switch {
	case len(id) == 0 || len(id) > maxIDText+2:
		return false
	case id[0] == '"':
		return true
	}
	n, err := strconv.ParseInt(string(id), 10, 64)
	return err == nil && n >= -voiceapp.MaxID && n <= voiceapp.MaxID
}

// decodeParams reads the parameters of a method into the struct that p points to.
// Members that it does not know are skipped. The error is [voiceapp.Invalid].
func decodeParams(params json.RawMessage, p any) error {
	if len(params) == 0 {
		return nil
	}
	if params[0] != '{' {
		return voiceapp.NewError(voiceapp.Invalid, "params is an object")
	}
	if err := json.Unmarshal(params, p); err != nil {
		return voiceapp.NewError(voiceapp.Invalid, "params: "+typeMessage(err))
	}
	return nil
}

// typeMessage says what is wrong in words that show none of the input.
func typeMessage(err error) string {
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) && wrong.Field != "" {
		return strconv.Quote(wrong.Field) + " is of the wrong type or out of range"
	}
	return "a value is of the wrong type or out of range"
}

// errorToWire says what of an error a client may know.
func errorToWire(err error) *wireError {
	e := voiceapp.AsError(err)
	data := errorData{
		Code: e.Code, Detail: e.Detail, About: e.About, Limit: e.Limit,
		Needs: e.Needs, RetryAfter: seconds(e.RetryAfter), Until: e.Until, Reason: e.Reason,
	}
	var hits *voiceapp.BanHitsError
	if errors.As(err, &hits) {
		data.Hits = &wireHits{hits.Self, hits.Others}
	}
	return &wireError{Number: rpcNumber(e), Message: e.Message, Data: data}
}

// err gives the error that the other side sent.
func (w *wireError) err() error {
	if w.Data.Hits != nil {
		return &voiceapp.BanHitsError{Self: w.Data.Hits.Self, Others: w.Data.Hits.Others}
	}
	e := voiceapp.NewError(w.Data.Code, w.Message).With(w.Data.Detail).Of(w.Data.About)
	e.Limit, e.Needs, e.RetryAfter = w.Data.Limit, w.Data.Needs, waitFor(w.Data.RetryAfter)
	e.Until, e.Reason = w.Data.Until, w.Data.Reason
	if e.Code == "" {
		e.Code = voiceapp.Internal
	}
	return e
}

// rpcNumber gives JSON-RPC's own number for an error, -32000 where it has none.
func rpcNumber(e *voiceapp.Error) int {
	if errors.Is(e, errNotJSON) {
		return -32700
	}
	if n, ok := rpcNumbers[e.Code]; ok {
		return n
	}
	return -32000
}

var rpcNumbers = map[voiceapp.Code]int{
	voiceapp.BadRequest:    -32600,
	voiceapp.UnknownMethod: -32601,
	voiceapp.Invalid:       -32602,
	voiceapp.Internal:      -32603,
}

// checkJSON reports, as [voiceapp.BadRequest], why a line can't be one JSON value
// of this protocol: encoding/json alone would mend bad UTF-8, take the last of two
// members with one name, and nest thousands deep.
func checkJSON(line []byte) error {
	if !utf8.Valid(line) {
		return voiceapp.WrapError(voiceapp.BadRequest, "the line is not UTF-8", errNotJSON)
	}
	if !json.Valid(line) {
		return voiceapp.WrapError(voiceapp.BadRequest, "the line is not JSON", errNotJSON)
	}
	if fault := (&shape{text: line}).check(); fault != "" {
		return voiceapp.NewError(voiceapp.BadRequest, fault)
	}
	return nil
}
