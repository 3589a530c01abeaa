package similarity

// Prepare brings mono samples of any rate to [Rate], in the way that belongs to
// the definition: each sample is the mean of those that it stands for, or lies on
// the line between two when there are fewer. That is no good filter, and costs
// some similarity (up to 0.01) where what was said and what was heard have
// different rates; but figures can only be compared when they were all made like
// this. rate is positive; the result is new.
func Prepare(samples []float32, rate int) []float32 {
	step := float64(rate) / Rate
	prepared := make([]float32, int(float64(len(samples))/step))
	for i := range prepared {
		if step <= 1 {
			prepared[i] = between(samples, float64(i)*step)
		} else {
			prepared[i] = mean(samples, float64(i)*step, float64(i+1)*step)
		}
	}
	return prepared
}

// between returns the value at a position, on the line between its neighbours.
func between(samples []float32, at float64) float32 {
	i := int(at)
	if i+1 == len(samples) {
		return samples[i]
	}
	share := at - float64(i)
	return float32(float64(samples[i])*(1-share) + float64(samples[i+1])*share)
}

// mean returns the mean from the sample that begin is in up to end.
func mean(samples []float32, begin, end float64) float32 {
	var sum, n float64
	for i := int(begin); float64(i) < end && i < len(samples); i++ {
		sum += float64(samples[i])
		n++
	}
	return float32(sum / n)
}
