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
// with permission checks at a fixed rate, of which one that is held up by the one
// before counts from when it was due. It starts a goroutine for each reader and
// writer; all have ended when it returns.
package load
