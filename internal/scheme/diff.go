package scheme

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/headwater-platform/headwater/internal/platform/lang"
)

// Change is one difference between two definitions.
type Change struct {
	Kind     string // added, removed, changed
	What     string // scheme, form, field, rule, criterion, stage, award, approval, conflict, changes, report
	Name     string // id or path of what changed: proposal.budget
	Part     string // which part of it changed, "" for all of it
	Old, New string // as written in the definition, "" where there is none
}

// Says is the difference in one sentence.
func (c Change) Says() lang.Msg {
	what := lang.M("scheme.diff.what." + c.What)
	if c.Kind != "changed" {
		return lang.M("scheme.diff."+c.Kind, what, c.Name)
	}
	return lang.M("scheme.diff.changed", what, c.Name, c.Part, c.Old, c.New)
}

// Diff lists what is different in b, in the order of the definition: what
// belongs together by its id is compared, so that moving a line is no change.
func Diff(a, b *Definition) []Change {
	var out []Change
	head := func(d *Definition) any {
		return map[string]any{"title": d.Title, "summary": d.Summary, "hours": d.Hours, "hidden": d.Hidden, "competitors": d.Competitors}
	}
	out = append(out, parts("scheme", a.Scheme, head(a), head(b))...)
	out = append(out, named("form", byKey(a.Forms), byKey(b.Forms))...)
	for _, name := range keys(a.forms) {
		if b.forms[name] != nil {
			out = append(out, fieldChanges(name, a.forms[name], b.forms[name])...)
		}
	}
	out = append(out, named("rule", byID(a.Eligible, func(r Rule) string { return r.Rule }), byID(b.Eligible, func(r Rule) string { return r.Rule }))...)
	out = append(out, named("criterion", byID(a.Criteria, func(c Criterion) string { return c.ID }), byID(b.Criteria, func(c Criterion) string { return c.ID }))...)
	out = append(out, named("stage", byID(a.Stages, func(s Stage) string { return s.ID }), byID(b.Stages, func(s Stage) string { return s.ID }))...)
	out = append(out, parts("award", a.Award.Kind, a.Award, b.Award)...)
	out = append(out, parts("approval", a.Scheme, a.Approval, b.Approval)...)
	out = append(out, named("conflict", byKey(a.Bars()), byKey(b.Bars()))...)
	out = append(out, parts("changes", a.Scheme, a.Changes, b.Changes)...)
	return append(out, named("report", byID(a.Reports, func(r Report) string { return r.Kind }), byID(b.Reports, func(r Report) string { return r.Kind }))...)
}

func fieldChanges(form string, a, b *Form) []Change {
	before, after := map[string]any{}, map[string]any{}
	for name, f := range a.Fields {
		before[form+"."+name] = f
	}
	for name, f := range b.Fields {
		after[form+"."+name] = f
	}
	return named("field", before, after)
}

func byKey[V any](m map[string]V) map[string]any {
	out := map[string]any{}
	for k, v := range m {
		out[k] = v
	}
	return out
}

func byID[V any](list []V, id func(V) string) map[string]any {
	out := map[string]any{}
	for _, v := range list {
		out[id(v)] = v
	}
	return out
}

func named(what string, a, b map[string]any) []Change {
	var out []Change
	for _, name := range keys(a) {
		if _, ok := b[name]; !ok {
			out = append(out, Change{Kind: "removed", What: what, Name: name})
			continue
		}
		out = append(out, parts(what, name, a[name], b[name])...)
	}
	for _, name := range keys(b) {
		if _, ok := a[name]; !ok {
			out = append(out, Change{Kind: "added", What: what, Name: name})
		}
	}
	return out
}

// parts compares two things by the leaves of their JSON.
func parts(what, name string, a, b any) []Change {
	before, after := map[string]string{}, map[string]string{}
	leaves("", plain(a), before)
	leaves("", plain(b), after)
	paths := keys(before)
	for _, p := range keys(after) {
		if _, ok := before[p]; !ok {
			paths = append(paths, p)
		}
	}
	slices.Sort(paths)
	var out []Change
	for _, p := range paths {
		if before[p] != after[p] {
			out = append(out, Change{Kind: "changed", What: what, Name: name, Part: p, Old: before[p], New: after[p]})
		}
	}
	return out
}

// plain is v as JSON decodes it.
func plain(v any) any {
	text, err := json.Marshal(v)
	var out any
	if err != nil || json.Unmarshal(text, &out) != nil {
		return nil
	}
	return out
}

func leaves(path string, v any, out map[string]string) {
	switch v := v.(type) {
	case map[string]any:
		for k, x := range v {
			leaves(strings.TrimPrefix(path+"."+strings.TrimPrefix(k, "x-"), "."), x, out)
		}
	case []any:
		list := make([]string, len(v))
		for i, x := range v {
			if _, deep := x.(map[string]any); deep {
				leaves(fmt.Sprintf("%s[%d]", path, i), x, out)
				continue
			}
			list[i] = fmt.Sprint(x)
		}
		if s := strings.Join(list, ", "); strings.Trim(s, ", ") != "" {
			out[path] = s
		}
	case nil:
	default:
		if s := fmt.Sprint(v); s != "" && s != "false" {
			out[path] = s
		}
	}
}

// Carried says what becomes of answers to form a when they are brought to form b.
type Carried struct {
	Kept  []string // asked in the same way: the answer stays
	Check []string // still asked, but with other limits or options: the answer stays and is checked again
	Lost  []string // no longer asked, or as another kind of answer: kept with the old version only
	New   []string // asked for the first time
}

// Carry compares what two versions of a form ask, in the order of their fields.
func Carry(a, b *Form) Carried {
	var c Carried
	for _, f := range a.Ordered() {
		g := b.Fields[f.Name]
		switch {
		case g == nil || g.Widget != f.Widget:
			c.Lost = append(c.Lost, f.Name)
		case reflect.DeepEqual(f, g):
			c.Kept = append(c.Kept, f.Name)
		default:
			c.Check = append(c.Check, f.Name)
		}
	}
	for _, g := range b.Ordered() {
		if f := a.Fields[g.Name]; f == nil || f.Widget != g.Widget {
			c.New = append(c.New, g.Name)
		}
	}
	return c
}

// Answers are the ones that a proposal keeps when it goes over to b.
func (c Carried) Answers(answers map[string]any) map[string]any {
	out := map[string]any{}
	for _, name := range slices.Concat(c.Kept, c.Check) {
		if v, ok := answers[name]; ok {
			out[name] = v
		}
	}
	return out
}
