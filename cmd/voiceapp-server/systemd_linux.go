package main

import (
	"fmt"
	"net"
	"os"

	"golang.org/x/sys/unix"
)

// What systemd is told, as sd_notify(3) has it.
const (
	nowReady    = "READY=1"
	nowStopping = "STOPPING=1"
)

// nowReloading says since when, as systemd wants it.
func nowReloading() string {
	var now unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_MONOTONIC, &now); err != nil {
		return "RELOADING=1"
	}
	return fmt.Sprintf("RELOADING=1\nMONOTONIC_USEC=%d", now.Nano()/1000)
}

// tellSystemd says how the server is, where systemd has started it.
func tellSystemd(state string) error {
	path := os.Getenv("NOTIFY_SOCKET")
	if path == "" {
		return nil
	}
	c, err := net.Dial("unixgram", path)
	if err != nil {
		return err
	}
	defer c.Close()
	_, err = c.Write([]byte(state))
	return err
}
