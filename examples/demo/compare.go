package main

import (
	"errors"
	"fmt"
	"io"
	"math"
	"time"

	"github.com/voiceapp-sdk/voiceapp/internal/similarity"
	"github.com/voiceapp-sdk/voiceapp/voice/audiofile"
)

// good is the least similarity of clean speech at 64 kbit/s.
const good = 0.95

// speech is a recording.
type speech struct {
	samples  []float32 // mono, similarity.Rate
	duration time.Duration
}

// readSpeech reads a recording as the comparison wants it.
func readSpeech(path string) (*speech, error) {
	file, err := audiofile.Open(path, audiofile.Format{Rate: audiofile.FileRate, Channels: 1})
	if err != nil {
		return nil, err
	}
	defer file.Close()
	var samples []float32
	for block := make([]float32, 4096); ; {
		n, err := file.ReadPCM(block)
		samples = append(samples, block[:n]...)
		if errors.Is(err, io.EOF) {
			return &speech{similarity.Prepare(samples, file.Format().Rate), file.Duration()}, nil
		}
		if err != nil {
			return nil, err
		}
	}
}

// frameMS is the length of a frame, in which concealed sound is counted.
const frameMS = 20

// report is what one listener heard.
type report struct {
	similarity      float64
	mouthToEar      time.Duration
	lost, concealed int
}

func (r report) String() string {
	return fmt.Sprintf("similarity=%.4f mouth_to_ear_ms=%.0f lost=%d concealed=%d", r.similarity, ms(r.mouthToEar), r.lost, r.concealed)
}

// hear waits for a listener to end and compares what it wrote with what was said.
// The recording began with the event "listening"; the speech began at the given
// time and was found lag into the recording.
func (e *ear) hear(said *speech, began time.Time) (report, error) {
	if err := e.process.wait(); err != nil {
		return report{}, err
	}
	listening, err := e.process.seen.at("listening")
	if err != nil {
		return report{}, err
	}
	done, err := e.process.seen.find("done")
	if err != nil {
		return report{}, err
	}
	heard, err := readSpeech(e.path)
	if err != nil {
		return report{}, err
	}
	match, err := similarity.Compare(said.samples, heard.samples)
	if err != nil {
		return report{}, fmt.Errorf("%s: %w", e.path, err)
	}
	return report{match.Similarity, listening.Add(match.Lag).Sub(began), done.Lost, int(math.Ceil(done.Concealed / frameMS))}, nil
}

// summary is the worst of what each listener heard.
type summary struct {
	listeners int
	worst     report
}

func (s *summary) add(r report) {
	if s.listeners == 0 {
		s.worst.similarity = r.similarity
	}
	s.listeners++
	s.worst.similarity = min(s.worst.similarity, r.similarity)
	s.worst.mouthToEar = max(s.worst.mouthToEar, r.mouthToEar)
	s.worst.lost = max(s.worst.lost, r.lost)
	s.worst.concealed = max(s.worst.concealed, r.concealed)
}

func (s summary) String() string { return fmt.Sprintf("demo: listeners=%d %v", s.listeners, s.worst) }

// verdict is an error when the speech was not heard as it was said.
func (s summary) verdict() error {
	if s.worst.similarity < good {
		return fmt.Errorf("what was heard is not what was said: similarity %.4f, at least %.2f is good", s.worst.similarity, good)
	}
	return nil
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
