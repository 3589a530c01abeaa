package guest

import (
	"encoding/json"
	"unsafe"
)

// memory is what the host has been lent, and not given back, by address.
var memory = map[uint32][]byte{}

// buffer holds a frame of 60 ms in two channels.
var (
	buffer   [2 * 2880]float32
	channels int
)

//go:wasmexport voiceapp_alloc
func alloc(size uint32) uint32 {
	b := make([]byte, max(size, 1))
	at := address(b)
	memory[at] = b
	return at
}

//go:wasmexport voiceapp_free
func free(at, _ uint32) { delete(memory, at) }

func address(b []byte) uint32 { return uint32(uintptr(unsafe.Pointer(unsafe.SliceData(b)))) }

//go:wasmexport voiceapp_settings
func settings(at, size uint32) uint32 {
	var values Values
	if handlers.settings == nil {
		return 0
	}
	if err := json.Unmarshal(memory[at][:size], &values); err != nil {
		return 1
	}
	if err := handlers.settings(values); err != nil {
		Log(Warning, err.Error())
		return 1
	}
	return 0
}

//go:wasmexport voiceapp_audio_open
func audioOpen(rate, count, _ int32) uint32 {
	if handlers.audio == nil || handlers.open != nil && !handlers.open(int(rate), int(count)) {
		return 0
	}
	channels = int(count)
	return uint32(uintptr(unsafe.Pointer(&buffer)))
}

//go:wasmexport voiceapp_audio
func audio(frames, flags int32) int32 {
	if handlers.audio(buffer[:int(frames)*channels], channels, flags&1 != 0) {
		return 1
	}
	return 0
}

//go:wasmexport voiceapp_chat
func chat(at, size uint32) uint64 {
	const unchanged = 0
	var line Line
	if handlers.chat == nil || json.Unmarshal(memory[at][:size], &line) != nil {
		return unchanged
	}
	answer := handlers.chat(line)
	if answer == Unchanged {
		return unchanged
	}
	text, err := json.Marshal(answer)
	if err != nil {
		return unchanged
	}
	given := alloc(uint32(len(text)))
	copy(memory[given], text)
	return uint64(given)<<32 | uint64(len(text))
}

//go:wasmimport voiceapp log
func hostLog(level int32, at unsafe.Pointer, size uint32)

// Log writes a line to the log of the program that runs the plugin: at most 1 KiB, and
// ten a second.
func Log(level int, text string) {
	hostLog(int32(level), unsafe.Pointer(unsafe.StringData(text)), uint32(len(text)))
}
