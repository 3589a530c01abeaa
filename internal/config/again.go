package config

// Again returns a set of the same command line, bound to another struct that settings
// points to, of the same type with the defaults: for reading everything anew while
// the program runs.
func (s *Set) Again(settings any) *Set {
	next := New(s.command, settings)
	next.args = s.args
	for _, a := range s.given {
		next.given = append(next.given, assignment{next.field(a.field.name), a.text})
	}
	return next
}

// Changed compares with an earlier set of the same settings, each after
// [Set.Apply]: the names of those that differ and can change while the program runs
// (the tag `reload:"yes"`), and of those that differ and can't.
func (s *Set) Changed(earlier *Set) (reload, restart []string) {
	for i := range s.fields {
		f := &s.fields[i]
		switch was := earlier.field(f.name); {
		case was.text() == f.text():
		case f.reloads:
			reload = append(reload, f.name)
		default:
			restart = append(restart, f.name)
		}
	}
	return reload, restart
}
