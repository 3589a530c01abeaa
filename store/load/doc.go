// Package load puts many readers and writers on a database and measures what it
// does: reads and durable writes a second, how often it was locked, and how long a
// permission check takes beside the writers. The database is any [Target]; [Store]
// is ours.
//
//	target, err := load.Store(ctx, db)
//	result, err := load.Run(ctx, target, load.Config{Duration: 30 * time.Second})
//	fmt.Println(result)
//
// [Run] has three phases: readers and writers as fast as they can; the same readers
// and one writer, whose writes have nobody to share a commit with; and the writers
// with permission checks at a fixed rate, each in a goroutine of its own, so
// that one that waits holds up no other. It starts a goroutine
// for each reader, writer and checker; all have ended when it returns.
package load
