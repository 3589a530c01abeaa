//go:build !race

package voice_test

const minutes = 10 // of simulated time
