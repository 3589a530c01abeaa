// Package bookmarks keeps what a client remembers of servers on its disk. At
// present that is [Pins]: the key of each server that was trusted once, so that
// another server in its place is noticed before a password is sent.
package bookmarks
