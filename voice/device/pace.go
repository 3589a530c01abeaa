package device

import "time"

// pace foretells when a device will have called so many times more: it is looked at then,
// and does not have to wake anybody up. The zero value has seen no call.
type pace struct {
	calls  uint64    // so often the device had called
	at     time.Time // and this was the latest of them, as near as is known
	wanted uint64    // so often it was to have called when it is looked at
	looked time.Time
	vain   bool // but it had not
}

// wait returns after how long to look again whether the device, which has called so many
// times and calls once in a period, has done so n times more. A device that is late is
// looked at less and less often.
func (p *pace) wait(now time.Time, calls uint64, period time.Duration, n int) time.Duration {
	if calls < p.wanted {
		p.vain = true
	} else {
		p.saw(now, calls-p.calls, period)
		p.calls, p.vain = calls, false
	}
	p.looked, p.wanted = now, calls+uint64(n)
	soon := period / 16
	ahead := p.at.Add(time.Duration(p.wanted-p.calls) * period).Sub(now)
	if ahead < 0 {
		return min(max(soon, -ahead/2), period)
	}
	return max(soon, ahead)
}

// saw takes that the device has called so many times more. Who was there in time may have
// been there late, so he is a little earlier the next time, until he is in vain.
func (p *pace) saw(now time.Time, more uint64, period time.Duration) {
	at := now
	if !p.vain {
		at = p.at.Add(time.Duration(min(more, 1000)) * (period - period/256))
	}
	for _, earliest := range []time.Time{now.Add(-period), p.looked} {
		if at.Before(earliest) {
			at = earliest
		}
	}
	if at.After(now) {
		at = now
	}
	p.at = at
}
