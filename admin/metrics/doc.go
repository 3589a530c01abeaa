// Package metrics shows the figures of a server to Prometheus: what its parts give as
// [voiceapp.Metric], those of the process and of the Go runtime, and what was built.
//
//	http.Handle("/metrics", metrics.Handler(metrics.Config{
//		Sources: []metrics.Source{controlServer, relay, store},
//		Version: "1.2.3",
//	}))
//
// The handler asks nobody who he is: whoever serves it does, as package admin. Figures
// tell how many people are here and where, so they are not for everyone.
//
// METRICS.md beside package admin lists all of them; packaging/ has a dashboard for
// Grafana and rules for alerts.
package metrics
