package voice_test

import (
	"context"
	"fmt"

	"github.com/voiceapp-sdk/voiceapp/voice"
	"github.com/voiceapp-sdk/voiceapp/voice/opus"
)

// A bot that says back what it hears. client is a *control.Client that has joined
// a channel.
func ExampleJoin() {
	var (
		ctx    context.Context
		client voice.Signaling
	)
	bot := func() error {
		pipe := &voice.Pipe{}
		session, err := voice.Join(ctx, client, voice.Config{
			Codec:  voice.NewCodec(opus.NewEncoder, opus.NewDecoder),
			Source: pipe,
			Sink:   pipe,
		})
		if err != nil {
			return err
		}
		return session.Wait()
	}
	if client != nil {
		fmt.Println(bot())
	}
}

func ExamplePipe() {
	pipe := &voice.Pipe{} // keeps 60 ms in store
	said, heard := make([]float32, 960), make([]float32, 960)
	for i := range 5 {
		said[0] = float32(1 + i)
		_ = pipe.WritePCM(said)
		n, _ := pipe.ReadPCM(heard)
		fmt.Println(n, heard[0])
	}
	// Output:
	// 0 0
	// 0 0
	// 960 1
	// 960 2
	// 960 3
}
