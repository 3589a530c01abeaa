package load_test

import (
	"context"
	"fmt"
	"net"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/voice/relay"
	"github.com/voiceapp-sdk/voiceapp/voice/relay/load"
)

// Ten users of a relay in the same process, of whom two speak.
func Example() {
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		fmt.Println(err)
		return
	}
	r := relay.New(relay.Config{})
	go func() { _ = r.Serve(conn) }()
	defer func() { _ = r.Close() }()

	var grants []voiceapp.Grant
	for id := range voiceapp.SessionID(10) {
		grant, err := r.AddSession(id + 1)
		if err == nil {
			err = r.SetRoute(id+1, voiceapp.Route{Channel: 1})
		}
		if err != nil {
			fmt.Println(err)
			return
		}
		grant.Addr = conn.LocalAddr().(*net.UDPAddr).AddrPort()
		grants = append(grants, grant)
	}
	result, err := load.Run(context.Background(), grants, load.Config{Speakers: 2, Duration: 200 * time.Millisecond})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(result.Sent, "frames sent,", result.Received, "of", result.Expected, "delivered")
	// Output: 20 frames sent, 180 of 180 delivered
}
