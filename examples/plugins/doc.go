// Package plugins holds example plugins, each with its source, its manifest and what
// was built of it: README.md says how to write one.
package plugins
