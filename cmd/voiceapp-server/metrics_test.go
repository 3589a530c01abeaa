package main

import (
	"errors"
	"slices"
	"testing"

	"github.com/voiceapp-sdk/voiceapp"
)

func TestMetricsFrom(t *testing.T) {
	for text, want := range map[string][]string{
		"":                               nil,
		"192.0.2.7":                      {"192.0.2.7/32"},
		" 10.0.0.0/8, 2001:db8::1 ,":     {"10.0.0.0/8", "2001:db8::1/128"},
		"::ffff:192.0.2.7,fd00::/8":      {"192.0.2.7/32", "fd00::/8"},
		"prometheus.example.org":         {"invalid"},
		"10.0.0.0/33":                    {"invalid"},
		"127.0.0.1, 10.0.0.0/8 10.1.1.1": {"invalid"},
	} {
		s := defaultSettings()
		s.MetricsFrom = text
		all, err := s.metricsFrom()
		var got []string
		for _, prefix := range all {
			got = append(got, prefix.String())
		}
		if err != nil {
			got = []string{"invalid"}
			if !errors.Is(err, voiceapp.Invalid) || !errors.Is(s.validate(), voiceapp.Invalid) {
				t.Errorf("%q: %v, %v", text, err, s.validate())
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}
