package cutset

// A chance is the probability of something and of its opposite, kept apart so that
// neither loses digits when the other is near to one.
type chance struct{ yes, no float64 }

func (c chance) opposite() chance { return chance{c.no, c.yes} }

// chance is that of an event to occur, or not to occur where path sets are asked for.
func (m *Model) chance(event int, paths bool) chance {
	p := m.Events[event].Probability
	if paths {
		return chance{1 - p, p}
	}
	return chance{p, 1 - p}
}

// Probability is the exact probability of the top, up to rounding: a sum of products
// without a subtraction; of path sets, that the top does not occur. An error is
// [ErrNoProbability] or [ErrPartial].
func (a *Analysis) Probability() (float64, error) {
	if a.Order > 0 {
		return 0, ErrPartial
	}
	if err := a.model.missingProbability(); err != nil {
		return 0, err
	}
	return a.chances(a.chance)[a.whole()].yes, nil
}

func (a *Analysis) chance(event int32) chance { return a.model.chance(int(event), a.paths) }

// chances are those of the parts.
func (a *Analysis) chances(event func(int32) chance) []chance {
	made := make([]chance, len(a.parts))
	for i := range a.parts {
		p := &a.parts[i]
		level := p.levels(event, made)
		made[i] = p.bdd.chances(p.root, level).of(p.root)
	}
	return made
}

// levels are the chances of the leaves in their order.
func (p *part) levels(event func(int32) chance, smaller []chance) []chance {
	list := make([]chance, len(p.order))
	for k, l := range p.order {
		if m, ok := asModule(l); ok {
			list[k] = smaller[m]
		} else {
			list[k] = event(l)
		}
	}
	return list
}

// nodeChances are the chances of the nodes of a bdd.
type nodeChances []chance

func (c nodeChances) of(f ref) chance {
	if f&1 != 0 {
		return c[f>>1].opposite()
	}
	return c[f>>1]
}

// chances are those of the nodes up to root (nodes follow what they read).
func (b *bdd) chances(root ref, level []chance) nodeChances {
	c := make(nodeChances, root>>1+1)
	c[0] = chance{1, 0}
	for i := 1; i < len(c); i++ {
		n := &b.nodes[i]
		hi, lo, p := c.of(n.hi), c.of(n.lo), level[n.level]
		c[i] = chance{p.yes*hi.yes + p.no*lo.yes, p.yes*hi.no + p.no*lo.no}
	}
	return c
}
