package packet_test

import (
	"fmt"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/voice/packet"
)

// One codec frame on its way from a client to the server.
func Example() {
	grant := voiceapp.Grant{Session: 7, Up: voiceapp.Key{1, 2, 3}} // handed out by control

	// The client.
	sealer := packet.NewSealer(grant.Session, grant.Up)
	audio := packet.Audio{Sequence: 1, MediaTime: 960, Level: 30, Payload: []byte("opus")}
	datagram, err := sealer.Seal(nil, audio.AppendTo(nil))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(len(datagram), "bytes")

	// The server.
	header, err := packet.ParseHeader(datagram)
	if err != nil {
		fmt.Println(err)
		return
	}
	opener := packet.NewOpener(grant.Up) // that of header.Session
	frames, newest, err := opener.Open(nil, datagram)
	if err != nil {
		fmt.Println(err)
		return
	}
	_, body, _, err := packet.Next(frames)
	if err != nil {
		fmt.Println(err)
		return
	}
	heard, err := packet.ParseAudio(body)
	fmt.Println(header.Session, header.Counter, newest, heard.MediaTime, string(heard.Payload), err)

	_, _, err = opener.Open(nil, datagram)
	fmt.Println(err)
	// Output:
	// 47 bytes
	// 7 1 true 960 opus <nil>
	// packet: seen before, or too old to tell
}

// Receivers read the frames that they know and skip the others.
func ExampleNext() {
	frames := packet.Probe{Kind: packet.KindProbe, Sent: 42}.AppendTo(nil)
	frames = append(frames, 99, 0, 2, 'h', 'i') // a kind of tomorrow
	frames = packet.Report{Highest: 10, Received: 9}.AppendTo(frames)
	for len(frames) > 0 {
		kind, body, rest, err := packet.Next(frames)
		if err != nil {
			fmt.Println(err)
			return
		}
		frames = rest
		switch kind {
		case packet.KindProbe:
			probe, err := packet.ParseProbe(kind, body)
			fmt.Println("probe", probe.Sent, err)
		case packet.KindReport:
			report, err := packet.ParseReport(body)
			fmt.Println("report", report.Received, "of", report.Highest, err)
		default: // skipped
		}
	}
	// Output:
	// probe 42 <nil>
	// report 9 of 10 <nil>
}
