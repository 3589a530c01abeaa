package load

import (
	"context"
	"strconv"
	"sync"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/control"
)

// eventGrace is how long an event that is awaited may take.
const eventGrace = 10 * time.Second

// Events has the first of the crowd write so many messages, one after the other, and
// measures when each of the others has each: from before it was sent. The error is
// [voiceapp.Unavailable] when some never came.
func (crowd Crowd) Events(ctx context.Context, messages int) (*Times, error) {
	times := new(Times)
	for range messages {
		if err := crowd.event(ctx, times); err != nil {
			return times, err
		}
		if err := pause(ctx, 300*time.Millisecond); err != nil {
			return times, err
		}
	}
	return times, nil
}

// event is one of Events.
func (crowd Crowd) event(ctx context.Context, times *Times) error {
	var hearing sync.WaitGroup
	heard := times.Len() + len(crowd) - 1
	sent := time.Now()
	text := strconv.FormatInt(sent.UnixNano(), 10)
	stop := time.AfterFunc(eventGrace, crowd.Close)
	defer stop.Stop()
	for _, r := range crowd[1:] {
		hearing.Go(func() {
			for e := range r.Events() {
				if chat, ok := e.(control.ChatSent); ok && chat.Text == text {
					times.add(time.Since(sent))
					return
				}
			}
		})
	}
	sent = time.Now()
	_, err := crowd[0].Client().SendChat(ctx, text)
	if err != nil {
		crowd.Close()
	}
	hearing.Wait()
	if err == nil && times.Len() != heard {
		err = voiceapp.NewError(voiceapp.Unavailable, "load: a message did not reach all")
	}
	return err
}

// Storm is what became of a crowd whose server was restarted.
type Storm struct {
	Back    *Times // from the call of Restart to when each was back
	Resumed int    // how many with the session that they had
	Lost    int    // how many did not come back
}

// Restart calls restart and waits until all have come back or given up, or ctx ends.
func (crowd Crowd) Restart(ctx context.Context, restart func() error) (Storm, error) {
	storm := Storm{Back: new(Times)}
	began, resumed := time.Now(), new(Times)
	var returning sync.WaitGroup
	stop := context.AfterFunc(ctx, crowd.Close)
	defer stop()
	for _, r := range crowd {
		returning.Go(func() {
			for e := range r.Events() {
				if back, ok := e.(control.Reconnected); ok {
					storm.Back.add(time.Since(began))
					if back.Resumed {
						resumed.add(0)
					}
					return
				}
			}
		})
	}
	err := restart()
	if err != nil {
		crowd.Close()
	}
	returning.Wait()
	storm.Resumed, storm.Lost = resumed.Len(), len(crowd)-storm.Back.Len()
	return storm, err
}

// Chatter has everyone write about every two seconds and ping in between, and
// measures how long the answers take.
func (crowd Crowd) Chatter(ctx context.Context, d time.Duration) (*Times, error) {
	ctx, cancel := context.WithTimeout(ctx, d)
	defer cancel()
	times := new(Times)
	err := each(len(crowd), len(crowd), func(i int) error {
		if pause(ctx, time.Duration(i)*2*time.Second/time.Duration(len(crowd))) != nil {
			return nil
		}
		return chatter(ctx, crowd[i].Client(), times)
	})
	return times, err
}

// chatter is one of Chatter's.
func chatter(ctx context.Context, c *control.Client, times *Times) error {
	const between = 200 * time.Millisecond
	for n := 0; ; n++ {
		var err error
		sent := time.Now()
		if n%10 == 0 {
			_, err = c.SendChat(ctx, "This is about as long as what people write to each other.")
		} else {
			_, err = c.Ping(ctx)
		}
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return err
		}
		times.add(time.Since(sent))
		if pause(ctx, between) != nil {
			return nil
		}
	}
}
