// Package load puts the load of many clients on a control server and measures what
// it does: how long they take to connect, how soon they hear of events, how soon
// they are back after a restart, what one that does not read costs the others, and
// whether a name can be guessed by the time that a login takes.
//
//	crowd, err := load.Connect(ctx, target, load.Guests(1000), 32)
//	if err != nil {
//		return err
//	}
//	defer crowd.Close()
//	times, err := crowd.Events(ctx, 50)
//	fmt.Println(times.Quantile(0.99))
//
// The clients are those of package control, and share this process: what is
// measured is what a user would see, with the client's part in it.
//
// # Goroutines
//
// A function starts one goroutine for each client or worker that it names; all have
// ended when it returns. The clients' own end with [Crowd.Close].
package load
