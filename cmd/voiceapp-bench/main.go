// Command voiceapp-bench measures: a load of many users on a relay, of many readers
// and writers on the store, recorded arrivals on the jitter buffer, frames on a plugin.
package main

import (
	"context"

	"github.com/voiceapp-sdk/voiceapp/internal/cli"
	"github.com/voiceapp-sdk/voiceapp/internal/config"
	"github.com/voiceapp-sdk/voiceapp/plugin"
)

func main() {
	plugin.Main() // a plugin that is measured in a sandbox runs in a child, which is this program started again
	program().Main()
}

func program() *cli.Program {
	load := defaultRelayLoad()
	clients := defaultControlLoad()
	panel := defaultAdminLoad()
	bare := &bareServer{Rooms: 1}
	long := defaultSoakLoad()
	database := defaultStoreLoad()
	arrivals := defaultJitterReplay()
	frames := defaultPluginLoad()
	return &cli.Program{
		Name:  "voiceapp-bench",
		About: "voiceapp-bench measures voiceapp.",
		Commands: []cli.Command{
			{
				Name:  "relay",
				Short: "put the load of many users on a server and print one line of figures",
				Long: `Connects users, lets some of them speak, and prints one line. Without --addr it starts a server of its own, in another
process. Egress counts the frames delivered to listeners, whatever number of datagrams carried them; server_cpu is in cores, by the
operating system's account of the server's process (--pid, when it is not our own).

  voiceapp-bench relay --users 100 --speakers 4 --dur 10s
  voiceapp-bench relay --addr localhost:7788 --pid $(pgrep -x voiceapp-server) --users 200 --speakers 10`,
				Settings: load,
				Run: func(ctx context.Context, streams *cli.Streams, _ *config.Set) error {
					return load.run(ctx, streams)
				},
			},
			{
				Name:     "jitter",
				Short:    "replay recorded arrivals through the jitter buffer and print one line of figures",
				Long:     jitterHelp,
				Settings: arrivals,
				Run: func(ctx context.Context, streams *cli.Streams, _ *config.Set) error {
					return arrivals.run(ctx, streams)
				},
			},
			{
				Name:     "plugin",
				Short:    "pass frames through a plugin and print one line of figures for each mode",
				Long:     pluginHelp,
				Settings: frames,
				Run: func(ctx context.Context, streams *cli.Streams, _ *config.Set) error {
					return frames.run(ctx, streams)
				},
			},
			{
				Name:     "store",
				Short:    "put readers and writers on the database and print one line of figures",
				Long:     storeHelp,
				Settings: database,
				Run: func(ctx context.Context, streams *cli.Streams, _ *config.Set) error {
					return database.run(ctx, streams)
				},
			},
			{
				Name:  "control",
				Short: "put the load of many clients on a control server and print one line of figures",
				Long: `Starts a voiceapp-server with a data directory of its own and measures: how long guests take to connect, the memory that
they cost it, and how soon a message reaches all of them; how long the refusals of unknown names and wrong passwords take; how soon
everyone is back after a restart, with the sessions that they had; and the 99th percentile of what others wait for an answer without/with
one in their channel who does not read. The clients share this machine, and their part of the time is in the figures.`,
				Settings: clients,
				Run: func(ctx context.Context, streams *cli.Streams, _ *config.Set) error {
					return clients.run(ctx, streams)
				},
			},
			{
				Name:  "admin",
				Short: "put requests on an admin API beside voice and people and print one line of figures",
				Long: `Starts a voiceapp-server with a data directory of its own and measures: the 99th percentile of voice through the relay
without/with requests to the admin API, in pairs, and how long the answers take; and with many sessions how long /metrics takes, and how
long a kick takes until it is answered, from when on the voice is silent, and until the client's connection has ended. All of it shares
this machine.`,
				Settings: panel,
				Run: func(ctx context.Context, streams *cli.Streams, _ *config.Set) error {
					return panel.run(ctx, streams)
				},
			},
			{
				Name:  "soak",
				Short: "let people speak, come and go for long, and print whether the server grows",
				Long: `Starts a server of its own, looks at its memory, goroutines and descriptors all the while, and prints how each has grown
for each minute, with the 95 % confidence interval of that, the first quarter left out. It fails where one of them grows for certain.`,
				Settings: long,
				Run: func(ctx context.Context, streams *cli.Streams, _ *config.Set) error {
					return long.run(ctx, streams)
				},
			},
			{
				Name:     "serve",
				Short:    "a server without a database, as relay starts one",
				Long:     "Serves channels on any free port of 127.0.0.1 until it is interrupted or its standard input ends. Each line there is answered with the number of its goroutines.",
				Settings: bare,
				Run: func(ctx context.Context, streams *cli.Streams, _ *config.Set) error {
					return bare.run(ctx, streams)
				},
			},
		},
	}
}
