package voiceapp

// MetricKind says how a [Metric] behaves over time.
type MetricKind int

// The kinds.
const (
	Gauge     MetricKind = iota // goes up and down
	Counter                     // only rises, from 0 at the program's start
	Histogram                   // counts what it has seen, by size; only rises
)

// Metric is one figure of a part of the program at one moment. Its name and its help
// follow the conventions of Prometheus: base units (seconds, bytes), counters end in
// "_total". Metrics of one name differ in the values of their labels, and have the
// same help, kind and names of labels. No label says who somebody is.
type Metric struct {
	Name   string // such as "voiceapp_voice_dropped_total"
	Help   string // one sentence for people, without a full stop at the end
	Kind   MetricKind
	Labels []Label // in the same order in all metrics of one name; none is fine

	Value float64 // of a gauge or a counter

	// Of a histogram. The slice is not altered by either side.
	Count   uint64
	Sum     float64
	Buckets []Bucket
}

// Label parts the metrics of one name.
type Label struct{ Name, Value string }

// Bucket counts what a histogram has seen that is not above a bound.
type Bucket struct {
	UpperBound float64
	Count      uint64 // with those of the smaller buckets
}
