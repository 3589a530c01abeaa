package control

import (
	"time"

	"github.com/voiceapp-sdk/voiceapp"
)

// From the words of package voiceapp to those of the wire, and back.

func wireGrant(g voiceapp.Grant) voiceGrant {
	return voiceGrant{Session: g.Session, Up: wireKey(g.Up), Down: wireKey(g.Down), Bitrate: g.Bitrate}
}

func (g voiceGrant) grant() voiceapp.Grant {
	return voiceapp.Grant{Session: g.Session, Up: voiceapp.Key(g.Up), Down: voiceapp.Key(g.Down), Bitrate: g.Bitrate}
}

func seconds(d time.Duration) float64 {
	return float64((d + time.Millisecond - 1).Milliseconds()) / 1000
}
