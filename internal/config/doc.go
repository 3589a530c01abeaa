// Package config fills a program's settings from four places: the struct's own
// values are the defaults, over them a TOML file, over that the environment, over
// that the command line. A setting has one name everywhere: the field tagged
// `name:"log-level"` is the flag --log-level, the variable VOICEAPP_LOG_LEVEL and
// the key log-level. An unknown key, an unknown flag and a value of the wrong type
// are errors that name their place.
//
// Fields may be string, bool, int, time.Duration or an
// encoding.TextUnmarshaler; a duration is written like 90s or 1h30m.
package config
