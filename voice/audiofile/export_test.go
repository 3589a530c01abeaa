package audiofile

// HeaderOf returns the header that a file has with so much audio.
func HeaderOf(format Format, size int64) []byte {
	format, err := format.withDefaults()
	if err != nil {
		panic(err)
	}
	w := Writer{format: format, size: size}
	return w.appendHeader(nil)
}
