package control

import (
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"testing"

	"github.com/voiceapp-sdk/voiceapp"
)

// treeModel plays a script of changes on a server without a network.
type treeModel struct {
	*testing.T
	server   *Server
	memory   *Memory
	sessions []*session
}

func newTreeModel(t *testing.T, cert tls.Certificate) *treeModel {
	memory := NewMemory(
		voiceapp.Channel{Name: "Lobby"},
		voiceapp.Channel{Name: "Quiet", Parent: 1, MaxUsers: 1},
		voiceapp.Channel{Name: "Attic", SeeRole: voiceapp.RoleModerator},
	)
	m := &treeModel{T: t, memory: memory, server: &Server{
		Directory: memory, Certificate: cert, Logger: slog.New(slog.DiscardHandler), Limits: Limits{MaxChannels: 12},
	}}
	if err := m.server.Reload(t.Context()); err != nil {
		t.Fatal(err)
	}
	for i, role := range []voiceapp.Role{voiceapp.RoleGuest, voiceapp.RoleMember, voiceapp.RoleAdmin, voiceapp.RoleOwner} {
		_ = m.server.roster.do(func(r *roster) error {
			s := testSession(t, r, string(rune('A'+i)))
			s.role, s.conn.server, s.conn.session = role, m.server, s
			m.sessions = append(m.sessions, s)
			return nil
		})
	}
	return m
}

// play does what four bytes say.
func (m *treeModel) play(op []byte) {
	who := m.sessions[op[0]>>4%4]
	by := voiceapp.Actor{Session: who.id}
	id, parent := voiceapp.ChannelID(op[1]%16), voiceapp.ChannelID(op[2]%16)
	role, flag := voiceapp.Role(op[3]%5)*10, op[3]&0x80 != 0
	name := string(rune('a' + op[3]%8))
	ctx := m.Context()
	var err error
	switch op[0] % 8 {
	case 0:
		_, err = m.server.CreateChannel(ctx, by, voiceapp.Channel{Name: name, Parent: parent, RequiredRole: role, Temporary: flag}, "")
	case 1:
		_, err = m.server.EditChannel(ctx, by, id, voiceapp.ChannelEdit{SeeRole: &role, Temporary: &flag}, "")
	case 2:
		_, err = m.server.EditChannel(ctx, by, id, voiceapp.ChannelEdit{Name: &name, RequiredRole: &role}, "")
	case 3:
		_, err = m.server.MoveChannel(ctx, by, id, parent, int(op[3]%4), "")
	case 4:
		err = m.server.DeleteChannel(ctx, by, id, flag, "")
	case 5, 6:
		err = (&call{conn: who.conn}).join(ctx, joinParams{id})
	case 7:
		err = (&call{conn: who.conn}).leaveChannel(ctx, empty{})
	}
	if e := voiceapp.AsError(err); e != nil && (e.Code == voiceapp.Internal || e.Code == voiceapp.Unavailable) {
		m.Fatalf("%v: %v", op, err)
	}
}

// check fails when the server, the directory and who is where do not fit together.
func (m *treeModel) check() {
	if err := m.server.takeTurn(m.Context()); err != nil {
		m.Fatal(err)
	}
	defer m.server.endTurn()
	kept, err := m.memory.Channels(m.Context())
	if err != nil {
		m.Fatal(err)
	}
	err = m.server.roster.do(func(r *roster) error {
		if !slices.Equal(kept, r.tree.channels) {
			return fmt.Errorf("the directory has %+v, the server %+v", kept, r.tree.channels)
		}
		return errors.Join(checkTree(r.tree), m.checkPeople(r))
	})
	if err != nil {
		m.Fatal(err)
	}
}

func checkTree(t *tree) error {
	above := map[voiceapp.ChannelID]voiceapp.Channel{0: {}}
	for _, ch := range t.channels {
		parent, ok := above[ch.Parent]
		switch {
		case !ok:
			return fmt.Errorf("%+v stands before its parent", ch)
		case ch.SeeRole < parent.SeeRole:
			return fmt.Errorf("%+v shows what is below %+v", ch, parent)
		case parent.Temporary && !ch.Temporary:
			return fmt.Errorf("%+v lasts below %+v", ch, parent)
		}
		if above[ch.ID] = ch; ch.Check() != nil {
			return fmt.Errorf("%+v: %w", ch, ch.Check())
		}
	}
	return nil
}

func (m *treeModel) checkPeople(r *roster) error {
	placed := 0
	for _, s := range m.sessions {
		s.conn.out.lines, s.conn.out.bytes = nil, 0
		if s.channel == 0 {
			continue
		}
		placed++
		ch, ok := r.tree.channel(s.channel)
		if !ok || !ch.Permissions(s.role).Join.Allowed || !slices.Contains(r.members[s.channel], s) {
			return fmt.Errorf("%s, a %v, is in %+v (%v) with %d others", s.name, s.role, ch, ok, len(r.members[s.channel]))
		}
	}
	for _, members := range r.members {
		placed -= len(members)
	}
	if placed != 0 {
		return fmt.Errorf("the lists of members have %d people too many", -placed)
	}
	return nil
}

// Whatever is done to the tree by whom, in whatever order, it stays a tree, the same
// in the directory and for everyone, and nobody is where he may not be.
func FuzzTree(f *testing.F) {
	f.Add([]byte{0x20, 0, 1, 0x00, 0x23, 4, 4, 0, 0x23, 1, 4, 1, 0x24, 1, 0, 0x80})
	f.Add([]byte{0x10, 0, 1, 0x81, 0x15, 4, 0, 0, 0x17, 0, 0, 0, 0x05, 4, 0, 0})
	f.Add([]byte{0x05, 2, 0, 0, 0x21, 1, 0, 3, 0x15, 2, 0, 0, 0x33, 3, 1, 0, 0x34, 1, 0, 0x80})
	f.Add([]byte{0x10, 0, 1, 0x82, 0x20, 0, 4, 0x83, 0x10, 0, 5, 0x84, 0x25, 1, 0, 0, 0x17, 0, 0, 0})
	cert, _, err := NewIdentity()
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, script []byte) {
		m := newTreeModel(t, cert)
		defer m.server.Close()
		for op := range slices.Chunk(script[:min(len(script), 400)/4*4], 4) {
			m.play(op)
			m.check()
		}
	})
}
