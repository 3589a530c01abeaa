//go:build !linux

package main

// There is no systemd.
const nowReady, nowStopping = "", ""

func nowReloading() string { return "" }

func tellSystemd(string) error { return nil }
