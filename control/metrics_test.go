package control_test

import (
	"fmt"
	"net/netip"
	"regexp"
	"strings"
	"testing"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/control"
)

// metrics returns them by their name and the values of their labels.
func metricsOf(s *control.Server) map[string]voiceapp.Metric {
	all := map[string]voiceapp.Metric{}
	s.Metrics(func(m voiceapp.Metric) {
		for _, l := range m.Labels {
			m.Name += "/" + l.Value
		}
		all[m.Name] = m
	})
	return all
}

func expectMetrics(t *testing.T, s *control.Server, want map[string]float64) {
	t.Helper()
	all := metricsOf(s)
	for name, value := range want {
		if got, ok := all[name]; !ok || got.Value != value {
			t.Errorf("%s is %v, want %v", name, got.Value, value)
		}
	}
}

func TestMetricsOfPeople(t *testing.T) {
	w := newWorld(t, &control.Server{})
	first := w.account("Anna", voiceapp.RoleAdmin)
	second, err := w.login("Anna", "correct horse")
	if err != nil {
		t.Fatal(err)
	}
	guest := w.guest("Ben")
	w.guest("Cleo")
	for _, c := range []*control.Client{first, second} {
		if err := c.Join(t.Context(), lobby); err != nil {
			t.Fatal(err)
		}
	}
	tent, err := first.CreateChannel(t.Context(), voiceapp.Channel{Name: "Tent", Temporary: true}, "")
	if err != nil {
		t.Fatal(err)
	}
	if err := guest.Join(t.Context(), tent.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := first.Ping(t.Context()); err != nil { // a request is counted after its answer, and before the next one's
		t.Fatal(err)
	}
	expectMetrics(t, w.server, map[string]float64{
		"voiceapp_sessions":                                 4,
		"voiceapp_users/account":                            1,
		"voiceapp_users/guest":                              2,
		"voiceapp_channels/permanent":                       3,
		"voiceapp_channels/temporary":                       1,
		"voiceapp_channel_users/1":                          1,
		"voiceapp_channel_users/2":                          0,
		"voiceapp_channel_users/temporary":                  2, // who made it is in it
		"voiceapp_channel_users/other":                      0,
		"voiceapp_channel_users/none":                       1,
		"voiceapp_observers":                                0,
		"voiceapp_control_pending_connections":              0,
		"voiceapp_control_connections_total":                4,
		"voiceapp_control_slow_readers_total":               0,
		"voiceapp_control_password_checks":                  0,
		"voiceapp_control_requests_total/channel.create/ok": 1,
	})
}

// There are more channels than have a figure of their own; nobody is left out.
func TestMetricsOfManyChannels(t *testing.T) {
	channels := make([]voiceapp.Channel, 250)
	for i := range channels {
		channels[i].Name = fmt.Sprint("Room ", i)
	}
	w := newWorld(t, &control.Server{Directory: control.NewMemory(channels...)})
	for i, id := range []voiceapp.ChannelID{1, 200, 201, 250} {
		if err := w.guest(fmt.Sprint("Guest ", i)).Join(t.Context(), id); err != nil {
			t.Fatal(err)
		}
	}
	figures := 0
	for name := range metricsOf(w.server) {
		if strings.HasPrefix(name, "voiceapp_channel_users/") {
			figures++
		}
	}
	if figures != 200+3 {
		t.Errorf("%d figures", figures)
	}
	expectMetrics(t, w.server, map[string]float64{
		"voiceapp_channel_users/1":     1,
		"voiceapp_channel_users/200":   1,
		"voiceapp_channel_users/other": 2,
		"voiceapp_channel_users/none":  0,
	})
}

func TestMetricsOfRequests(t *testing.T) {
	w := newWorld(t, &control.Server{})
	if _, err := w.login("Anna", "not hers"); err == nil {
		t.Fatal("logged in")
	}
	if _, err := w.server.Login(t.Context(), "Anna", "nor this", netip.MustParseAddr("192.0.2.1")); err == nil {
		t.Fatal("logged in")
	}
	y := w.typist()
	y.ask(`{"jsonrpc":"2.0","id":1,"method":"channel.list"}`)
	y.ask(`{"jsonrpc":"2.0","id":2,"method":"no.such"}`)
	y.ask(`{"jsonrpc":"2.0","id":3,"method":"nor.this"}`)
	y.ask(`{"jsonrpc":"2.0","id":4,"method":"session.open","params":{"protocol":1,"name":"Ben"}}`)
	y.ask(`hello`)
	y.ask(`{"jsonrpc":"2.0","id":5,"method":"ping"}`) // those before it are counted
	expectMetrics(t, w.server, map[string]float64{
		"voiceapp_control_requests_total/channel.list/login_required":  1,
		"voiceapp_control_requests_total/channel.list/ok":              0,
		"voiceapp_control_requests_total/unknown/unknown_method":       2,
		"voiceapp_control_requests_total/unknown/bad_request":          1,
		"voiceapp_control_requests_total/session.open/ok":              1,
		"voiceapp_control_requests_total/session.open/bad_credentials": 1,
		"voiceapp_logins_total/ok":                                     1,
		"voiceapp_logins_total/bad_credentials":                        2,
		"voiceapp_control_bad_lines_total":                             1,
	})
	all := metricsOf(w.server)
	if m := all["voiceapp_control_request_seconds"]; m.Count < 6 || m.Sum <= 0 {
		t.Errorf("%+v", m)
	}
	if m := all["voiceapp_control_loop_seconds"]; m.Count == 0 {
		t.Errorf("%+v", m)
	}
}

// Nothing that people have chosen, and nothing of where they come from, is in a
// metric, whatever they try.
func TestMetricsTellNobody(t *testing.T) {
	w := newWorld(t, &control.Server{Name: "The Secret Server"})
	owner := w.account("Ölga \U0001F600", voiceapp.RoleOwner)
	for i, name := range []string{`evil",le="0.1`, "x{y=\"z\"} 1", `back\slash`} {
		made, err := owner.CreateChannel(t.Context(), voiceapp.Channel{Name: strings.ReplaceAll(name, "/", "")}, "")
		if err != nil {
			t.Fatal(err)
		}
		config := w.config(name)
		config.DialContext = w.dialFrom(fmt.Sprintf("203.0.113.%d", i+70))
		c, err := control.Dial(t.Context(), "voice.example", config)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		if err := c.Join(t.Context(), made.ID); err != nil {
			t.Fatal(err)
		}
	}
	y := w.typist()
	y.ask(`{"jsonrpc":"2.0","id":1,"method":"evil\"} 1\n"}`)
	plain := regexp.MustCompile(`^[a-z0-9_.]+$`)
	names := regexp.MustCompile(`^voiceapp_[a-z_]+$`)
	w.server.Metrics(func(m voiceapp.Metric) {
		if !names.MatchString(m.Name) || m.Help == "" {
			t.Errorf("%+v", m)
		}
		for _, l := range m.Labels {
			if !plain.MatchString(l.Name) || !plain.MatchString(l.Value) || strings.Contains(l.Value, "203.0") {
				t.Errorf("%s has the label %q", m.Name, l)
			}
		}
	})
}

func TestMetricsAfterClose(t *testing.T) {
	w := newWorld(t, &control.Server{})
	w.guest("Anna")
	if err := w.server.Close(); err != nil {
		t.Fatal(err)
	}
	expectMetrics(t, w.server, map[string]float64{"voiceapp_logins_total/ok": 1, "voiceapp_sessions": 0})
	var never control.Server
	if n := len(metricsOf(&never)); n != 0 {
		t.Errorf("a server that can't start has %d metrics", n)
	}
}
