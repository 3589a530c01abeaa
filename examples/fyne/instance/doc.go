// Package instance lets one client run for each user, and lets other programs tell it
// what to do: a browser that follows a voiceapp:// link, and a compositor whose keys are
// bound to "voiceapp-desktop ptt on".
//
//	command, err := instance.Parse(os.Args[1:])
//	if err != nil {
//		return err
//	}
//	answer, err := instance.Send(ctx, "", command)
//	if errors.Is(err, instance.ErrNotRunning) && command.Starts() {
//		one, err := instance.Start("")
//		...
//		defer one.Close()
//		return one.Serve(ctx, client.do)
//	}
//
// # Who may talk to it
//
// The client listens on a Unix socket (0600) in a folder of its user (0700), see [Dir]. On
// Linux and macOS each side asks the kernel who the other is, and hangs up on anybody else.
// A connection carries one line of at most [MaxLine] bytes, has two seconds for it, and there
// are eight at most.
//
// # One of them
//
// A lock on a file beside the socket says who runs. The kernel lets go of it when its program
// ends, in whatever way, so a socket that was left behind by kill -9 is taken over, and of two
// that start at once one wins.
//
// # A key whose release is lost
//
// The microphone's gate lives in the client that runs, so the end of whoever sent "ptt on" opens
// nothing. But a compositor may lose the release of a key. So "ptt on" holds for [DefaultHold]
// unless it says for how long, and [Instance.Serve] then says "ptt off" by itself.
// "ptt toggle" has no end: it is what people use who don't hold a key.
package instance
