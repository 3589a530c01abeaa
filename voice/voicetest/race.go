//go:build race

package voicetest

const raceDetector = true
