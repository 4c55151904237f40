package line

// Running is how many lanes carry something.
func (l *Line[P]) Running() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.running
}
