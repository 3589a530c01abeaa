// Package cli is the frame that the programs share: commands with their help,
// settings by package config, exit codes, signals, and what they draw on a
// terminal (a status line with a progress bar or a level meter). Programs run
// inside tests as they run for a user: streams, arguments and context are given.
package cli
