package scheme

import "slices"

// measured checks a stage in which teams work and what they reached is measured.
func (c *checker) measured(at string, s Stage) {
	if !s.Public.Empty() {
		c.text(at+".public", s.Public)
	}
	if r := s.Run; r != nil {
		if r.Months < 1 {
			c.add(at+".run.months", "at least one month is expected")
		}
		if r.Each < 0 {
			c.add(at+".run.each", "an amount of 0 or more is expected")
		}
	}
	if d := s.Decide; d != nil && d.Most < 0 {
		c.add(at+".decide.most", "a number of 0 or more is expected")
	}
	t := s.Test
	if t == nil {
		if s.Run != nil && s.Review == nil {
			c.add(at+".test", "teams work in this stage, but nothing measures or judges what they reach: add a test or a review")
		}
		return
	}
	c.text(at+".test.metric", t.Metric)
	if t.Unit == "" {
		c.add(at+".test.unit", "say in which unit is measured")
	}
	if t.Better != "high" && t.Better != "low" {
		c.add(at+".test.better", "%q: high or low is expected", t.Better)
	}
	if t.Best < 1 {
		c.add(at+".test.best", "say how many go on at most: at least one")
	}
	if !slices.Contains([]string{"independent", "agency"}, t.Verifier) {
		c.add(at+".test.verifier", "%q: independent or agency is expected; a team does not verify itself", t.Verifier)
	}
	if t.Days < 1 {
		c.add(at+".test.days", "say how many days measuring takes")
	}
}

// payment checks what is given, and when.
func (c *checker) payment() {
	a := c.d.Award
	if !slices.Contains([]string{"", "signing", "passing"}, a.Pay) {
		c.add("$.award.pay", "%q: signing or passing is expected", a.Pay)
	}
	if a.Prize < 0 {
		c.add("$.award.prize", "an amount of 0 or more is expected")
	}
	if n := len(c.d.Stages); a.Pay == "passing" && n > 0 && c.d.Stages[n-1].Test == nil {
		c.add("$.award.pay", "only who passes is paid, but the last stage has no test")
	}
}
