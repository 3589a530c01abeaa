package instance

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
)

// ErrNotRunning is what [Send] returns where no client runs.
var ErrNotRunning = voiceapp.NewError(voiceapp.Unavailable, "voiceapp-desktop is not running")

// answer is what comes back for a command.
type answer struct {
	Text    string        `json:"answer,omitempty"`
	Code    voiceapp.Code `json:"code,omitempty"`
	Message string        `json:"message,omitempty"`
}

// Send tells the client that runs in dir, or in [Dir] for "", what to do, and returns its answer
// for people. It takes two seconds at most. The errors are [ErrNotRunning], a client's refusal
// with its code, and [voiceapp.Unavailable] for one that does not answer.
func Send(ctx context.Context, dir string, c Command) (string, error) {
	path, err := socketIn(dir)
	if err != nil {
		return "", err
	}
	b, err := encode(c)
	if err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(ctx, exchangeTime)
	defer cancel()
	conn, err := (&net.Dialer{}).DialContext(ctx, "unix", path)
	if err != nil {
		if ctx.Err() != nil {
			return "", noAnswer(err)
		}
		return "", ErrNotRunning
	}
	defer conn.Close()
	return exchange(ctx, conn, b)
}

func exchange(ctx context.Context, conn net.Conn, b []byte) (string, error) {
	if err := sameUser(conn); err != nil {
		return "", err
	}
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	defer stop()
	if _, err := conn.Write(b); err != nil {
		return "", noAnswer(err)
	}
	text, err := readLine(conn)
	if err != nil {
		return "", noAnswer(err)
	}
	var a answer
	if err := json.Unmarshal(text, &a); err != nil {
		return "", noAnswer(err)
	}
	if a.Code != "" {
		return "", voiceapp.NewError(a.Code, a.Message)
	}
	return a.Text, nil
}

func noAnswer(err error) error {
	return voiceapp.WrapError(voiceapp.Unavailable, "voiceapp-desktop does not answer", err).With(NoAnswer)
}

// readLine reads one line of at most MaxLine bytes, its end included.
func readLine(r io.Reader) ([]byte, error) {
	b, err := bufio.NewReaderSize(io.LimitReader(r, MaxLine), MaxLine).ReadBytes('\n')
	if err == io.EOF && len(b) == MaxLine {
		return nil, voiceapp.NewError(voiceapp.TooLarge, "the line is too long")
	}
	return b, err
}

// exchangeTime is how long a connection may live.
const exchangeTime = 2 * time.Second
