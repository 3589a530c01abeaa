// Command voiceapp-server is the reference server: control over TLS and voice over
// UDP on one port, with its accounts and channels in an embedded database.
package main

import (
	"context"
	"os"
	"runtime/debug"

	"github.com/voiceapp-sdk/voiceapp/internal/cli"
	"github.com/voiceapp-sdk/voiceapp/internal/config"
	"github.com/voiceapp-sdk/voiceapp/plugin"
)

// garbage is how much memory, in percent of what is in use, may wait to be collected:
// a thousand connections then cost a third less, and voice makes none.
const garbage = 50

func main() {
	plugin.Main() // plugins run in children, which are this program started again
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(garbage)
	}
	program().Main()
}

func program() *cli.Program {
	serve, check, rotate, health, into := defaultSettings(), defaultSettings(), defaultSettings(), defaultSettings(), defaultSettings()
	owner, token := &tokenSettings{settings: *defaultSettings()}, &tokenSettings{settings: *defaultSettings()}
	from := &backupSettings{settings: *defaultSettings()}
	return &cli.Program{
		Name:    "voiceapp-server",
		About:   "voiceapp-server is a self-hosted group voice server.",
		Default: "serve",
		Commands: []cli.Command{
			{
				Name:     "serve",
				Short:    "run the server until it is interrupted",
				Long:     serveHelp,
				Settings: serve,
				File:     settingsFile,
				Run: func(ctx context.Context, streams *cli.Streams, set *config.Set) error {
					serve.fixed = fixedSettings(set)
					return runServer(ctx, streams, serve, set)
				},
			},
			{
				Name:     "check-config",
				Short:    "read the settings, explain those in force and exit",
				Long:     "Reads the settings as serve does, checks them and prints those in force in the form of config.toml, with what\neach is, its default, and where its value is from. The exit code is 0 when serve would accept them.",
				Settings: check,
				File:     settingsFile,
				Run: func(_ context.Context, streams *cli.Streams, set *config.Set) error {
					if err := check.validate(); err != nil {
						return err
					}
					if path, err := settingsFile(set); err == nil && path != "" {
						check.Config = path
					}
					set.Print(streams.Out)
					return nil
				},
			},
			{
				Name:     "backup",
				Args:     "FILE",
				Short:    "write the whole server to one file, while it runs or not",
				Long:     backupHelp,
				Settings: from,
				File:     settingsFile,
				Run: func(ctx context.Context, streams *cli.Streams, set *config.Set) error {
					return backup(ctx, streams, from, set.Args()[0])
				},
			},
			{
				Name:     "restore",
				Args:     "FILE",
				Short:    "put the server of a backup into the data directory",
				Long:     restoreHelp,
				Settings: into,
				File:     settingsFile,
				Run: func(ctx context.Context, streams *cli.Streams, set *config.Set) error {
					return restore(ctx, streams, into, set.Args()[0])
				},
			},
			{
				Name:     "owner-token",
				Short:    "print a new one-time token for the owner's account",
				Long:     "Prints a one-time token with which `voiceapp claim` makes an account the owner's within 24 hours. An earlier\ntoken that was not used is void. The server may be running.",
				Settings: owner,
				File:     settingsFile,
				Run: func(ctx context.Context, streams *cli.Streams, _ *config.Set) error {
					return printOwnerToken(ctx, streams, owner)
				},
			},
			{
				Name:     "healthcheck",
				Short:    "ask the server on this machine whether it can serve",
				Long:     healthHelp,
				Settings: health,
				File:     settingsFile,
				Run: func(ctx context.Context, _ *cli.Streams, _ *config.Set) error {
					return checkHealth(ctx, health)
				},
			},
			{
				Name:     "admin-token",
				Short:    "print a token for the admin API, with an owner's rights",
				Long:     "Prints a token for the admin API that is good for 15 minutes, for whoever owns the data directory. The server may\nbe running. For a program that runs for longer, make an API key in the dashboard.",
				Settings: token,
				File:     settingsFile,
				Run: func(_ context.Context, streams *cli.Streams, _ *config.Set) error {
					return printAdminToken(streams, token)
				},
			},
			{
				Name:     "rotate-admin-key",
				Short:    "make a new key for the tokens of the admin API",
				Long:     "Makes a new key that signs the tokens of the admin API. Tokens of the one before live out their time: 15 minutes,\nfor dashboards until they are renewed. A server that runs takes the new key at SIGHUP. To end all tokens at once,\nremove token.key in the data directory before.",
				Settings: rotate,
				File:     settingsFile,
				Run: func(_ context.Context, streams *cli.Streams, _ *config.Set) error {
					return rotateAdminKey(streams, rotate)
				},
			},
		},
	}
}

// programVersion is this program as archives and clients name it.
func programVersion() string { return "voiceapp-server " + cli.Version() }

const serveHelp = `Starts the server. Without flags its data is in your data directory, and control (TCP) and voice (UDP) listen on
port 7788 of every address. When it is ready it prints one line with its addresses and the fingerprint of its key.

At the first start it makes four channels and prints, once, a token that makes an account the owner's:

  voiceapp claim --server localhost:7788 --name NAME --token-file -

It stops at an interrupt or SIGTERM, after telling the clients to come back. At SIGHUP it reads its settings and the
certificate of the admin API anew; what takes a restart is said in the log.`
