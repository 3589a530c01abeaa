package session

// Add adds a line to a conversation, as one that has come.
func (s *Session) Add(t Topic, line Line) { s.chat.add(t, line, false) }

// Older puts lines in front of a conversation, as those that were asked for.
func (s *Session) Older(t Topic, lines []Line) { s.chat.before(t, lines, false) }
