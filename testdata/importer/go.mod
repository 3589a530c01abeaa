module example.org/importer

go 1.26.0

require github.com/voiceapp-sdk/voiceapp v0.0.0

replace github.com/voiceapp-sdk/voiceapp => ../..
