package control

// lru is a table of at most limit entries: one more takes the place of that which
// was not used for longest. The zero value with a limit is ready. It is used by one
// goroutine at a time.
type lru[K comparable, V any] struct {
	limit int

	entries map[K]*lruEntry[K, V]
	ends    lruEntry[K, V] // newer is the oldest entry, older the newest: a ring
}

type lruEntry[K comparable, V any] struct {
	key          K
	value        V
	older, newer *lruEntry[K, V]
}

// get returns the value of a key, which counts as a use, or nil. It is valid until
// the next put.
func (t *lru[K, V]) get(key K) *V {
	e := t.entries[key]
	if e == nil {
		return nil
	}
	t.unlink(e)
	t.link(e)
	return &e.value
}

// put returns the value of a key, a zero one where there was none. It is valid
// until the next put.
func (t *lru[K, V]) put(key K) *V {
	if value := t.get(key); value != nil {
		return value
	}
	if t.entries == nil {
		t.entries = make(map[K]*lruEntry[K, V])
		t.ends.older, t.ends.newer = &t.ends, &t.ends
	}
	e := new(lruEntry[K, V])
	if len(t.entries) >= t.limit {
		e = t.ends.newer
		t.unlink(e)
		delete(t.entries, e.key)
		*e = lruEntry[K, V]{}
	}
	e.key = key
	t.entries[key] = e
	t.link(e)
	return &e.value
}

// link makes an entry the newest.
func (t *lru[K, V]) link(e *lruEntry[K, V]) {
	e.older, e.newer = t.ends.older, &t.ends
	e.older.newer, e.newer.older = e, e
}

func (t *lru[K, V]) unlink(e *lruEntry[K, V]) {
	e.older.newer, e.newer.older = e.newer, e.older
}
