package council

import (
	"github.com/headwater-platform/headwater/internal/platform/lang"
)

// Minutes are what is kept of a meeting: drafted from the record, and fixed once they are approved.
type Minutes struct {
	Number  string       `json:"number"`
	Day     string       `json:"day"`
	Hours   string       `json:"hours,omitempty"`
	Place   string       `json:"place"`
	Body    lang.Text    `json:"body"`
	Present []Attendance `json:"present"`
	Away    []Attendance `json:"away"`
	Items   []MinuteItem `json:"items"`
}

// Attendance is one person who sits, by name as of then.
type Attendance struct {
	Name string `json:"name"`
	Role string `json:"role"`
}

// MinuteItem is what came of one item.
type MinuteItem struct {
	ID         string            `json:"id"`
	Title      lang.Text         `json:"title"`
	Motion     lang.Text         `json:"motion"`
	Notes      lang.Text         `json:"notes"`
	Records    []MinuteRecord    `json:"records"`
	Recused    []string          `json:"recused"`
	Votes      []MinuteVote      `json:"votes"`
	Conditions []MinuteCondition `json:"conditions"`
}

// MinuteRecord is a record of the dossier with the head of the ledger that it was taken at.
type MinuteRecord struct {
	Kind   string    `json:"kind"`
	ID     string    `json:"id"`
	Number string    `json:"number"`
	Title  lang.Text `json:"title"`
	Size   int64     `json:"ledger_size"`
	Root   string    `json:"ledger_root"`
}

// MinuteVote is one vote with the rule that it was held by.
type MinuteVote struct {
	Round   int          `json:"round"`
	Secret  bool         `json:"secret"`
	Rule    Rule         `json:"rule"`
	Result  Result       `json:"result"`
	Ballots []BallotLine `json:"ballots,omitempty"`
}

// BallotLine is how somebody voted, by name.
type BallotLine struct {
	Name   string `json:"name"`
	Choice string `json:"choice"`
}

// MinuteCondition is a condition as it was set.
type MinuteCondition struct {
	Text lang.Text `json:"text"`
	Name string    `json:"name"`
	Due  string    `json:"due"`
}

// Draft writes the minutes of a meeting from its record.
func Draft(v MeetingView) Minutes {
	m := Minutes{Number: v.Number, Day: v.Day, Hours: v.Hours(), Place: v.Place, Body: v.Body.Name}
	for _, s := range v.Seats {
		line := Attendance{s.Name, s.Role}
		if v.Here[s.Person] {
			m.Present = append(m.Present, line)
		} else {
			m.Away = append(m.Away, line)
		}
	}
	for _, i := range v.Items {
		m.Items = append(m.Items, minuted(i))
	}
	return m
}

func minuted(i ItemView) MinuteItem {
	out := MinuteItem{ID: i.ID, Title: i.Title, Motion: i.Motion, Notes: i.Notes}
	for _, r := range i.Records {
		out.Records = append(out.Records, MinuteRecord{r.Kind, r.ID, r.Number, r.Title, r.Size, r.Root})
	}
	for _, r := range i.Recused {
		out.Recused = append(out.Recused, r.Name)
	}
	for _, v := range i.Votes {
		if v.Running() {
			continue
		}
		line := MinuteVote{Round: v.Round, Secret: v.Secret, Rule: v.Rule, Result: v.Result}
		for _, b := range v.Ballots {
			line.Ballots = append(line.Ballots, BallotLine{b.Name, b.Choice})
		}
		out.Votes = append(out.Votes, line)
	}
	for _, c := range i.Conditions {
		out.Conditions = append(out.Conditions, MinuteCondition{c.Text, c.Name, c.Due})
	}
	return out
}

// without leaves out the items that somebody is recused from, and then the hash too: it is of the whole text,
// and who knows the rest could try out with it what a short item says.
func (e Edition) without(recused map[string]bool) Edition {
	whole := len(e.Minutes.Items)
	if e.Minutes = e.Minutes.without(recused); len(e.Minutes.Items) < whole {
		e.Hash = ""
	}
	return e
}

// without leaves out the items that somebody is recused from.
func (m Minutes) without(recused map[string]bool) Minutes {
	var shown []MinuteItem
	for _, i := range m.Items {
		if !recused[i.ID] {
			shown = append(shown, i)
		}
	}
	m.Items = shown
	return m
}

// approvers says who of those who sit may approve minutes: the chair; where the chair was
// recused from an item, and so cannot read them whole, any member in attendance who was not.
func approvers(seats []Seat, here, recused map[string]bool) map[string]bool {
	out := map[string]bool{}
	for _, s := range seats {
		if s.Role == Chair && !recused[s.Person] {
			return map[string]bool{s.Person: true}
		}
		if (s.Role == Member || s.Role == Substitute) && here[s.Person] && !recused[s.Person] {
			out[s.Person] = true
		}
	}
	return out
}
