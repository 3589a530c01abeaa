module example.org/importer

go 1.26.0

require github.com/voiceapp-sdk/voiceapp v0.0.0

require (
	github.com/hraban/opus v0.0.0-20260708213942-bde8e4304501 // indirect
	golang.org/x/crypto v0.58.0 // indirect
	golang.org/x/sys v0.49.0 // indirect
	golang.org/x/text v0.43.0 // indirect
)

replace github.com/voiceapp-sdk/voiceapp => ../..
