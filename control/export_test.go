package control

import (
	"maps"
	"slices"
)

// Methods returns the names of the methods of the protocol.
func Methods() []string { return slices.Sorted(maps.Keys(methods)) }
