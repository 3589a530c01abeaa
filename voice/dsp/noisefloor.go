package dsp

const (
	floorSmoothing = 0.8 // of what was, in each step's power
	floorParts     = 8   // that the time is cut into over which the least is sought
	floorSteps     = 19  // of each part: 1.5 s in all

	// floorBias is by how much the least of the smoothed powers is below the mean of
	// the noise.
	floorBias = 1.4
)

// noiseFloor finds the power of the noise that is always there, of the powers of
// steps of 10 ms: somebody who speaks makes pauses.
type noiseFloor struct {
	smoothed float64
	least    [floorParts]float64 // of each part, of those that are over
	parts    int                 // that are over
	steps    int                 // of the part that is under way
	current  float64             // its least
	floor    float64
}

// add takes the power of a step. Digital silence says nothing of the noise.
func (f *noiseFloor) add(power float64) {
	if power == 0 {
		return
	}
	if f.smoothed == 0 {
		f.smoothed, f.current = power, power
	}
	f.smoothed = floorSmoothing*f.smoothed + (1-floorSmoothing)*power
	f.current = min(f.current, f.smoothed)
	if f.steps++; f.steps == floorSteps {
		f.least[f.parts%floorParts] = f.current
		f.parts++
		f.steps, f.current = 0, f.smoothed
	}
	f.floor = f.current
	for _, least := range f.least[:min(f.parts, floorParts)] {
		f.floor = min(f.floor, least)
	}
}

// noise returns the power of the noise; 0 when nothing is known of it.
func (f *noiseFloor) noise() float64 { return floorBias * f.floor }
