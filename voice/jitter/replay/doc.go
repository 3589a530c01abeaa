// Package replay measures playout: it plays the arrivals of a recorded trace
// through the real jitter buffer, with real stretching, on a simulated clock.
//
//	trace, err := replay.ReadTrace(file)
//	...
//	result, err := replay.Run(trace, replay.Config{Speech: speech})
//	fmt.Println(result)
//
// The same trace, speech and configuration give the same result on any machine.
package replay
