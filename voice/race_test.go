//go:build race

package voice_test

const minutes = 1 // of simulated time; the whole promise is tested without the race detector
