// Package xinput listens to the keys and buttons of an X server, wherever the focus is, and takes
// them from nobody: a game that has the focus gets its keys all the same. It speaks the few
// requests of the X protocol that this needs, without Xlib.
//
//	conn, err := xinput.Dial(ctx, "")
//	if err != nil {
//		return err
//	}
//	defer conn.Close()
//	for {
//		event, err := conn.Next(time.Time{})
//		...
//	}
//
// The events are the raw ones of the X Input Extension, 2.1 or newer (any server since 2011).
// Unlike a grab (XGrabKey) they don't depend on NumLock or CapsLock, don't repeat, come while
// another program holds a grab, and two programs may listen to one key. Numbers are little endian
// on the wire. The layouts are those of "X Window System Protocol" (X.Org, release 6.8), section 8 and
// appendix B, and of XI2proto.txt.
package xinput
