// Command voiceapp is a voice client without a window, for scripts and tests: it
// says a recording, records what it hears, chats, and looks around on a server.
package main

import (
	"context"
	"slices"
	"time"

	"github.com/voiceapp-sdk/voiceapp/internal/cli"
	"github.com/voiceapp-sdk/voiceapp/internal/config"
	"github.com/voiceapp-sdk/voiceapp/plugin"
)

func main() {
	plugin.Main() // plugins run in children, which are this program started again
	program().Main()
}

// runner is the settings of a command that can run.
type runner interface {
	run(ctx context.Context, streams *cli.Streams, args []string) error
}

func command(name, args, short, long string, settings runner) cli.Command {
	return cli.Command{
		Name: name, Args: args, Short: short, Long: long, Settings: settings,
		Run: func(ctx context.Context, streams *cli.Streams, set *config.Set) error {
			return settings.run(ctx, streams, set.Args())
		},
	}
}

func program() *cli.Program {
	return &cli.Program{
		Name:  "voiceapp",
		About: "voiceapp is a voice client without a window.",
		Commands: slices.Concat([]cli.Command{
			command("say", "FILE", "say a WAV file into a channel, in real time",
				"Says a WAV file (any sample rate, mono or stereo) into a channel, at the speed at which it was spoken.\n\n  voiceapp say hello.wav --channel Lobby --user anna",
				&say{member: inChannel(), Frame: 20 * time.Millisecond}),
			command("listen", "", "write what is heard in a channel to a WAV file",
				"Writes what is heard in a channel to a WAV file, in wall-clock time, silence included, from the moment it is\nready until --for is over or it is interrupted.\n\n  voiceapp listen --out heard.wav --for 10s",
				&listen{member: inChannel()}),
			command("talk", "", "talk by microphone and loudspeaker",
				"Talks by the microphone and the loudspeaker of this machine until it is interrupted. Echo, noise and rumble are taken\nout, and all is brought to one level, unless --raw says otherwise.\n\n  voiceapp talk --channel Lobby --user anna\n  voiceapp talk --microphone headset --loudspeaker headset --plugin robot.wasm",
				&talk{member: inChannel(), Frame: 20 * time.Millisecond}),
			command("devices", "", "show microphones and loudspeakers",
				"Shows the sound devices of this machine.\n\n  voiceapp devices",
				&devices{}),
			command("chat", "", "send the lines of standard input, show those of others",
				"Sends each line of standard input to the channel, or by --to to somebody alone, and shows what the others\nwrite, until the input ends.\n\n  echo 'good evening' | voiceapp chat --channel Lobby --history 10\n  voiceapp chat --user anna --password-file secret.txt --to bo",
				&chat{member: inChannel()}),
			command("channels", "", "show the channels and who is in them",
				"Shows the tree of channels, what each one asks for, and who is where.",
				&channels{login: asUser()}),
			command("channels create", "PATH", "make a channel",
				"Makes a channel, the last of its siblings; for admins. The role that may see it is at least that of the one above.\n\n  voiceapp channels create Games/Go --topic '9 by 9' --speak-role member --user anna --password-file secret.txt",
				&createChannel{login: asUser()}),
			command("channels edit", "PATH", "change a channel, with people in it or not",
				"Changes what is named of a channel, at once for those who are in it; for admins.\n\n  voiceapp channels edit Lobby --bitrate 96000 --topic '' --user anna --password-file secret.txt",
				&editChannel{login: asUser()}),
			command("channels move", "PATH", "move a channel in the tree",
				"Moves a channel, with all below it, below another, or to another place among its siblings; for admins.\n\n  voiceapp channels move Chess --to Games --position 1 --user anna --password-file secret.txt",
				&moveChannel{login: asUser()}),
			command("channels delete", "PATH", "delete a channel and what was written to it",
				"Deletes a channel; for admins. Who is in it comes to the one above, or to none.\n\n  voiceapp channels delete Games --recursive --user anna --password-file secret.txt",
				&deleteChannel{login: asUser()}),
			command("channels explain", "PATH", "say what one may do in a channel, and why not",
				"Says whether you, or with --of somebody who is there, may see, join, speak in and write to a channel at present,\nand why not. About others it tells moderators.\n\n  voiceapp channels explain Staff",
				&explain{login: asUser()}),
			command("ping", "", "measure the round trip to the server",
				"Measures the round trip over a control connection, without logging in. With --voice it logs in and\nsays by which way voice goes: UDP, or inside TCP where UDP does not get through.\n\n  voiceapp ping --count 5\n  voiceapp ping --voice",
				&ping{login: asUser(), Count: 3}),
			command("stats", "NAME", "show how somebody's voice fares",
				"Shows the round trip, loss and jitter of those of that name, as the server sees them.\n\n  voiceapp stats anna",
				&voiceStats{login: asUser()}),
			command("priority", "NAME", "have the others turned down while somebody speaks",
				"Gives somebody priority, or takes it away with --off: the others are turned down while he speaks. For moderators.\n\n  voiceapp priority anna --user bo --password-file secret.txt",
				&priority{login: asUser()}),
			command("claim", "", "become the owner by the token that the server printed",
				"Makes an account with the owner's role by the one-time token, which the server prints at its first start and\nvoiceapp-server owner-token prints again. The new password is the second line of the token's file, unless\n--password-file names another file.\n\n  voiceapp claim --name anna --token-file token.txt",
				&claim{reach: anyServer()}),
			command("register", "", "make an account",
				"Makes an account, where the server lets everyone, or by an invite. The link of an invite names the server and\nits key.\n\n  voiceapp register --invite 'voiceapp://...' --name anna --password-file -",
				&register{reach: anyServer()}),
			command("invite", "", "invite people, by a link",
				"Makes an invite and prints its link, which is shown this once; for admins.\n\n  voiceapp invite --user anna --password-file secret.txt --uses 5 --for 48h",
				newInvite()),
			command("password", "", "change the password of one's account",
				"Changes the password. The new one is the second line of the old one's file, unless --new-file names another.\n\n  voiceapp password --user anna --password-file -",
				&password{login: asUser()}),
		}, bookmarkCommands(), moderation(), pluginCommands()),
	}
}
