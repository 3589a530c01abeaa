// Package audiofile reads and writes WAV files, and the packets of Ogg Opus files.
//
//	r, err := audiofile.Open("speech.wav", audiofile.Format{})   // 48 kHz, mono, whatever the file has
//	w, err := audiofile.Create("heard.wav", audiofile.Format{})  // 48 kHz, mono, 16 bits
//
// A [Reader] is a voice source: it takes PCM of 8, 16, 24 and 32 bits and
// floating point of 32 and 64, plain, extensible or RF64, at 8 to 384 kHz, up to
// 64 channels, and gives what it was asked for: any such rate, mono or stereo.
// Files that were streamed or cut off are played as far as they go. Everything
// else is refused with an error that says in words what is wrong.
//
// A [Writer] is a voice sink: the file is valid at all times, and a crash of the
// program costs at most its last second.
//
// An [OpusReader] gives the packets of an Ogg Opus file as they are, with what of
// each is to be heard; voice/opus decodes them. It is a voice source too, one that
// has Opus ready. An [OpusWriter] writes packets, a page for each second.
//
// Nothing here starts goroutines. A reader or writer belongs to one goroutine at
// a time. Samples are float32 with full scale at -1 and 1, stereo interleaved,
// left first. Memory is bounded whatever a file claims, and nothing is allocated
// for each frame.
package audiofile
