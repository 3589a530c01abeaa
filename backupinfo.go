package voiceapp

import "time"

// BackupInfo is a copy of a server's data.
type BackupInfo struct {
	Name string    `json:"name"` // of the file
	Made time.Time `json:"made"`
	Size int64     `json:"size"` // bytes
}
