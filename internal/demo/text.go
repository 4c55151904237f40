package demo

import (
	"fmt"
	"strings"
)

// sketch is the text of one proposal before it is put into a form.
type sketch struct {
	topic                               topic
	title                               string
	summary, aim, approach, risks, data string
	keywords                            []string
}

var titleShapes = []func(t topic) string{
	func(t topic) string { return fmt.Sprintf("%s: can we %s?", upper(t.Thing), t.Idea) },
	func(t topic) string { return fmt.Sprintf("On %s in %s", t.Part, t.Thing) },
	func(t topic) string {
		return fmt.Sprintf("%s: a measurement of %s", upper(t.Thing), quantity(t.Measure))
	},
	func(t topic) string { return fmt.Sprintf("A way to %s", t.Idea) },
	func(t topic) string { return fmt.Sprintf("%s for %s", upper(t.Works), t.Use) },
	func(t topic) string { return fmt.Sprintf("%s and %s", upper(t.Part), t.Thing) },
	func(t topic) string { return fmt.Sprintf("Before it is too late: %s in %s", t.Part, t.Thing) },
	func(t topic) string { return fmt.Sprintf("%s with %s", upper(t.Thing), t.Methods[0]) },
}

func article(s string) string { return strings.TrimPrefix(s, "the ") }

// quantity is a measure without its unit: "elongation at break in per cent" without the last three words.
func quantity(measure string) string {
	q, _, _ := strings.Cut(measure, " in per cent")
	q, _, _ = strings.Cut(q, " in parts per million")
	return q
}

var (
	openings = []string{
		"In %[2]s, %[1]s %[3]s. Everybody in the field knows it, and the usual answer is to accept it.",
		"In %[2]s, %[1]s %[3]s. What that costs has been counted twice; nobody has found the cause.",
		"In %[2]s, %[1]s %[3]s. We have looked at this for four years and now believe that it can be avoided.",
	}
	aims = []string{
		"We will %s. If that works, %s should improve by at least %d per cent, and it will be plain why.",
		"The plan is to %s. We ask one thing: does the figure that counts (%s) change by %d per cent or more, in conditions as they are outside a laboratory?",
		"Our idea is to %s. We call it a success if %s gets better by %d per cent in a test that others can repeat.",
	}
	stops = []string{
		"We stop after %d months if the first method shows no effect twice the size of its error; the money left goes back.",
		"The turning point is month %d: without a first signal we change to the second method and say so.",
		"If month %d brings no usable sample, the third part falls away and the report will say what was learned.",
	}
	dataPlans = []string{
		"Raw data go to a public archive within three months of each campaign, under CC BY 4.0, with the programs that read them.",
		"All measurements are kept with their calibration. They become public with the first paper, or after two years at the latest.",
		"Data that concern persons stay in the registry; tables without persons are public from the start.",
	}
)

// write makes the text of a proposal on t. The same dice give the same text.
func write(d *dice, t topic) sketch {
	s := sketch{topic: t, title: pick(d, titleShapes)(t)}
	opening := fmt.Sprintf(pick(d, openings), t.Part, t.Thing, t.Trouble)
	gain := d.between(2, 12) * 5
	s.summary = fmt.Sprintf("In %s, %s %s. We want to %s. First use: %s.", t.Thing, t.Part, t.Trouble, t.Idea, t.Use)
	s.aim = opening + " " + fmt.Sprintf(pick(d, aims), t.Idea, quantity(t.Measure), gain)
	s.approach = fmt.Sprintf("First, %s gives us the samples and the base line (months 1 to %d). Then %s shows where the effect sits; this is the part that decides, and it takes the most time. "+
		"Last, %s tells whether it holds outside our own rooms. Each step ends with a figure for %s and its uncertainty, and each is worth having if the next one fails.",
		t.Methods[0], d.between(5, 10), t.Methods[1], t.Methods[2], t.Measure)
	s.risks = fmt.Sprintf("The greatest risk is that %s works only on samples made for it. ", t.Methods[1]) + fmt.Sprintf(pick(d, stops), d.between(8, 16))
	s.data = pick(d, dataPlans)
	s.keywords = []string{t.Works, article(t.Thing), t.Field}
	return s
}

// verdicts are review words by how good a score is, from 1 to 6, about something.
var verdicts = map[int][]string{
	1: {"What is proposed does not answer its own question about %s; more would have to come first.", "Between the measurement and the claim on %s I cannot find the step that is needed."},
	2: {"The question matters, yet the plan does not reach %s in the time it has.", "Of the three methods two are not at hand for work on %s, as far as I can tell."},
	3: {"Sound in parts, though for %s the second step carries everything and is worked out least.", "Worth asking of %s; the sample seems too small for the effect that is claimed."},
	4: {"Good work that would tell us something of %s. I would take more care with the base line.", "The plan is clear; for %s I miss a word on what happens when the first method fails."},
	5: {"One question on %s, one measure, and an honest way to be wrong: a strong proposal.", "Very well thought out. A test of %s outside the laboratory is what the field lacks."},
	6: {"No better treatment of %s has come to me in years. It should be done.", "Original on %s, feasible, plain. I would give the team freedom in the third year."},
}

// opinion is a review's text for a score.
func opinion(d *dice, t topic, criterion string, score int) string {
	score = min(6, max(1, score))
	about := []string{t.Thing, t.Part, t.Works}[len(criterion)%3]
	verdict := fmt.Sprintf(pick(d, verdicts[score]), about)
	return pick(d, []string{
		fmt.Sprintf("On %s: %s is the right thing to measure.", criterion, t.Measure),
		fmt.Sprintf("On %s: I would begin with %s and not with the model.", criterion, t.Methods[0]),
		fmt.Sprintf("On %s: the use for %s is real, the date is hopeful.", criterion, t.Use),
		fmt.Sprintf("On %s: the earlier work on %s is used fairly.", criterion, t.Works),
	}) + " " + verdict
}
