package control

import (
	"net"
	"time"
)

// peerTimeout is how long the other side of a connection may be gone unnoticed.
const peerTimeout = 30 * time.Second

var keepAlive = net.KeepAliveConfig{Enable: true, Idle: 10 * time.Second, Interval: 5 * time.Second, Count: 4}
