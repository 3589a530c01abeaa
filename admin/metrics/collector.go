package metrics

import (
	"fmt"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/voiceapp-sdk/voiceapp"
)

// collector asks the sources each time that Prometheus asks.
type collector []Source

// Describe says nothing: the figures are known when they are collected.
func (collector) Describe(chan<- *prometheus.Desc) {}

// Collect gives the figures of all sources.
func (c collector) Collect(out chan<- prometheus.Metric) {
	for _, source := range c {
		source.Metrics(func(m voiceapp.Metric) { out <- convert(m) })
	}
}

// convert gives a metric in the terms of Prometheus; one that can't be given is an
// error there.
func convert(m voiceapp.Metric) prometheus.Metric {
	names, values := make([]string, len(m.Labels)), make([]string, len(m.Labels))
	for i, l := range m.Labels {
		names[i], values[i] = l.Name, l.Value
	}
	desc := prometheus.NewDesc(m.Name, m.Help, names, nil)
	made, err := newMetric(desc, m, values)
	if err != nil {
		return prometheus.NewInvalidMetric(desc, err)
	}
	return made
}

func newMetric(desc *prometheus.Desc, m voiceapp.Metric, labels []string) (prometheus.Metric, error) {
	switch m.Kind {
	case voiceapp.Gauge:
		return prometheus.NewConstMetric(desc, prometheus.GaugeValue, m.Value, labels...)
	case voiceapp.Counter:
		return prometheus.NewConstMetric(desc, prometheus.CounterValue, m.Value, labels...)
	case voiceapp.Histogram:
		buckets := make(map[float64]uint64, len(m.Buckets))
		for _, b := range m.Buckets {
			buckets[b.UpperBound] = b.Count
		}
		return prometheus.NewConstHistogram(desc, m.Count, m.Sum, buckets, labels...)
	default:
		return nil, fmt.Errorf("%s is of an unknown kind, %d", m.Name, m.Kind)
	}
}
