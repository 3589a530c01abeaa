// Package load puts requests on an admin API and measures how long they take, while
// the server has other things to do.
//
//	api := &load.API{URL: "http://127.0.0.1:7789", Token: token}
//	times, err := api.Steady(ctx, 200, 30*time.Second, "/api/channels", "/api/sessions")
//	fmt.Println(load.Quantile(times, 0.99))
//
// # Goroutines
//
// [API.Steady] starts one for each request, [API.Kick] one; all have ended when they return.
//
// # Honesty
//
// Requests are sent by a clock, not when the one before is answered, and their time
// counts from when they were due: a server that stands still for a second is seen to
// have done so by all who came in that second.
package load
