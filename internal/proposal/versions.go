package proposal

import (
	"bytes"
	"context"
	"encoding/json"
	"reflect"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/diff"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/scheme"
)

// Unsent is the number of the text as it stands, which only its team sees.
const Unsent = 0

// VersionText is the proposal as it was in one version, to read or print: a
// submission by its number, or Unsent for the text as it stands.
// Errors: NotFound for a version that is not there, and for Unsent where a is not in the team.
func (s *Service) VersionText(ctx context.Context, a access.Actor, id string, number int) (View, Submission, error) {
	v, err := s.Get(ctx, a, id)
	if err != nil || v.Form == nil { // a record from elsewhere has one text only
		return v, Submission{}, err
	}
	sub, err := s.version(ctx, v, number)
	if err != nil {
		return v, sub, err
	}
	v.Answers = map[string]Answer{}
	for name, value := range sub.Content.Answers {
		v.Answers[name] = Answer{Value: value}
	}
	v.Team = withMembers(v.Team, sub.Content.Team)
	return v, sub, nil
}

// Latest is the number of the version to read where none is named: the last
// submission, or Unsent where nothing was submitted.
func Latest(list []Submission) int {
	if len(list) == 0 {
		return Unsent
	}
	return list[0].Number
}

func (s *Service) version(ctx context.Context, v View, number int) (Submission, error) {
	list, err := s.submissions(ctx, v.ID)
	if err != nil {
		return Submission{}, err
	}
	if number == Unsent {
		// What was taken in as handed in has no submission: it is what it stands as.
		if v.State != Draft && len(list) > 0 && !v.Set.Any(insiders) {
			return Submission{}, fault.Missing()
		}
		content, _, hash, err := s.content(ctx, v)
		return Submission{Hash: hash, Content: content}, err
	}
	for _, sub := range list {
		if sub.Number == number {
			return sub, nil
		}
	}
	return Submission{}, fault.Missing()
}

// withMembers is the team as it was submitted, with what the record knows of each.
func withMembers(team []Member, submitted []ContentMember) []Member {
	var out []Member
	for _, c := range submitted {
		m := Member{PersonID: c.Person, Name: c.Name, Role: c.Role, OrganisationID: c.Organisation, Share: c.Share, State: "confirmed"}
		for _, known := range team {
			if known.PersonID == c.Person && known.OrganisationID == c.Organisation {
				m.Organisation = known.Organisation
			}
		}
		out = append(out, m)
	}
	return out
}

// Difference is one field of two versions.
type Difference struct {
	Field         *scheme.Field
	Before, After json.RawMessage
	FileChanged   bool       // another file stands there
	Words         []diff.Run // of texts: what was taken out and put in
}

// Comparison is what is different between two versions of one proposal.
type Comparison struct {
	View
	From, To     Submission
	Fields       []Difference // those that differ, in the order of the form
	Joined, Left []ContentMember
	Moved        []ContentMember // as they are in To: another role, share or organisation
	Same         int             // fields that say the same in both
}

// Compare tells what is different in version to from version from.
// Errors: NotFound as of VersionText.
func (s *Service) Compare(ctx context.Context, a access.Actor, id string, from, to int) (Comparison, error) {
	v, err := s.Get(ctx, a, id)
	if err != nil {
		return Comparison{}, err
	}
	if v.Form == nil {
		return Comparison{}, fault.Missing()
	}
	c := Comparison{View: v}
	if c.From, err = s.version(ctx, v, from); err != nil {
		return c, err
	}
	if c.To, err = s.version(ctx, v, to); err != nil {
		return c, err
	}
	for _, f := range v.Form.Ordered() {
		d := Difference{Field: f, Before: c.From.Content.Answers[f.Name], After: c.To.Content.Answers[f.Name],
			FileChanged: c.From.Content.Files[f.Name] != c.To.Content.Files[f.Name]}
		if equal(d.Before, d.After) && !d.FileChanged {
			c.Same++
			continue
		}
		before, was := textOf(d.Before)
		after, is := textOf(d.After)
		if was && is && (f.Widget == "text" || f.Widget == "longtext") {
			d.Words = diff.Words(before, after)
		}
		c.Fields = append(c.Fields, d)
	}
	c.Joined, c.Left, c.Moved = members(c.From.Content.Team, c.To.Content.Team)
	return c, nil
}

// textOf is a text answer; no answer is an empty text.
func textOf(value json.RawMessage) (text string, ok bool) {
	if empty(value) {
		return "", true
	}
	return text, json.Unmarshal(value, &text) == nil
}

func empty(value json.RawMessage) bool {
	t := bytes.TrimSpace(value)
	return len(t) == 0 || bytes.Equal(t, []byte("null")) || bytes.Equal(t, []byte(`""`)) || bytes.Equal(t, []byte("[]"))
}

// equal compares what two answers say, not how their JSON is written.
func equal(a, b json.RawMessage) bool {
	if empty(a) || empty(b) {
		return empty(a) && empty(b)
	}
	var x, y any
	return json.Unmarshal(a, &x) == nil && json.Unmarshal(b, &y) == nil && reflect.DeepEqual(x, y)
}

func members(before, after []ContentMember) (joined, left, moved []ContentMember) {
	at := map[string]ContentMember{}
	for _, m := range before {
		at[m.Person] = m
	}
	for _, m := range after {
		switch was, there := at[m.Person]; {
		case !there:
			joined = append(joined, m)
		case was != m:
			moved = append(moved, m)
		}
		delete(at, m.Person)
	}
	for _, m := range before {
		if _, gone := at[m.Person]; gone {
			left = append(left, m)
		}
	}
	return joined, left, moved
}
