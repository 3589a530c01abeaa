package instance

import (
	"context"
	"net"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
)

// accept takes connections until the listener is closed.
func (i *Instance) accept(ctx context.Context) {
	defer i.serving.Done()
	for {
		conn, err := i.listener.Accept()
		if err != nil {
			return
		}
		select {
		case i.slots <- struct{}{}:
			i.serving.Add(1) // Done by converse; accept itself is counted, so Wait has not returned
			go i.converse(ctx, conn)
		default:
			conn.Close()
		}
	}
}

// converse reads one command and writes its answer.
func (i *Instance) converse(ctx context.Context, conn net.Conn) {
	defer i.serving.Done()
	defer func() { <-i.slots }()
	defer conn.Close()
	ctx, cancel := context.WithTimeout(ctx, exchangeTime)
	defer cancel()
	stop := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) }) // a socket that is closed needs none
	defer stop()
	if sameUser(conn) != nil {
		return
	}
	b, err := encodeLine(i.answer(ctx, conn))
	if err != nil {
		b, _ = encodeLine(answerOf("", err)) // short, and made of strings
	}
	_, _ = conn.Write(b) // whoever has gone needs no answer
}

func (i *Instance) answer(ctx context.Context, conn net.Conn) answer {
	b, err := readLine(conn)
	if err != nil {
		return answerOf("", voiceapp.WrapError(voiceapp.BadRequest, "one line is read, of at most 4096 bytes, within two seconds", err))
	}
	c, err := decode(b)
	if err != nil {
		return answerOf("", err)
	}
	reply := make(chan answer, 1)
	select {
	case i.requests <- request{ctx, c, reply}:
	case <-i.closed:
		return answerOf("", ErrClosed)
	case <-ctx.Done():
		return answerOf("", ctx.Err())
	}
	select {
	case a := <-reply:
		return a
	case <-ctx.Done():
		return answerOf("", ctx.Err())
	}
}
