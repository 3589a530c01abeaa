//go:build cgo && !nospeex

package speex

// The canceller begins with a filter against direct current that turns the phase of
// all that is below 400 Hz: notchRadius is how far its poles are from the middle,
// notchLower that of the filter that is left when it is undone but for what is
// below 16 Hz.
const (
	notchRadius = 0.992
	notchLower  = 1 - (1-notchRadius)/2
)

// unnotch undoes that filter, for one channel.
type unnotch struct{ z1, z2 float64 }

func (u *unnotch) step(x float64) float64 {
	const (
		a1, a2 = -2 * notchLower, notchLower*notchLower + 0.7*(1-notchLower)*(1-notchLower)
		b1, b2 = -2 * notchRadius, notchRadius*notchRadius + 0.7*(1-notchRadius)*(1-notchRadius)
		gain   = notchLower / notchRadius
	)
	x *= gain
	y := x + u.z1
	u.z1 = b1*x - a1*y + u.z2
	u.z2 = b2*x - a2*y
	return y
}
