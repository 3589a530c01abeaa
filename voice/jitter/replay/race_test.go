//go:build race

package replay

// slower is how much slower everything is.
const slower = 20
