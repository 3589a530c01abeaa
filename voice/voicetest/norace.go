//go:build !race

package voicetest

const raceDetector = false
