package register

import (
	"context"
	"strings"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/register"
	"github.com/headwater-platform/headwater/internal/web/shell"
)

// mayAdd says whether the viewer is one of those who add organisations.
func mayAdd(ctx context.Context) bool {
	a := shell.Of(ctx).Actor
	return a.HasAny(access.Officer) || a.HasAny(access.Admin)
}

func options(ctx context.Context, group string, codes []string) []shell.Option {
	var list []shell.Option
	for _, c := range codes {
		list = append(list, shell.Option{Value: c, Label: shell.T(ctx, "register."+group+"."+c)})
	}
	return list
}

func organisationFacts(ctx context.Context, v register.OrganisationView) []shell.Fact {
	var list []shell.Fact
	add := func(key, value, href string) {
		switch {
		case value == "":
		case href != "":
			list = append(list, shell.Fact{Name: shell.T(ctx, key), Value: shell.Link(href, value)})
		default:
			list = append(list, shell.Fact{Name: shell.T(ctx, key), Value: shell.Text(value)})
		}
	}
	add("register.kind", shell.T(ctx, "register.kind."+v.Kind), "")
	add("register.acronym", v.Acronym, "")
	add("register.place", v.Place, "")
	add("register.country.name", v.Country, "")
	add("register.parent.name", v.Parent, "/organisations/"+v.ParentID)
	add("register.website.name", v.Website, v.Website)
	if v.ROR != "" {
		add("register.ror.name", v.ROR, "https://ror.org/"+v.ROR)
	}
	for _, m := range v.Merged {
		list = append(list, shell.Fact{Name: shell.T(ctx, "register.ror.of", m.Name), Value: shell.Link("https://ror.org/"+m.Note, m.Note)})
	}
	if v.Approval != "" {
		add("register.approval", shell.T(ctx, "register.approval."+v.Approval), "")
	}
	return list
}

func profileFacts(ctx context.Context, v register.Profile) []shell.Fact {
	var list []shell.Fact
	if v.ORCID != "" {
		list = append(list, shell.Fact{Name: "ORCID", Value: shell.Link("https://orcid.org/"+v.ORCID, v.ORCID)})
	}
	if v.Country != "" {
		list = append(list, shell.Fact{Name: shell.T(ctx, "register.country.name"), Value: shell.Text(v.Country)})
	}
	if len(v.Keywords) > 0 {
		list = append(list, shell.Fact{Name: shell.T(ctx, "register.keywords"), Value: shell.Text(joined(v.Keywords))})
	}
	if len(v.Languages) > 0 {
		list = append(list, shell.Fact{Name: shell.T(ctx, "register.languages"), Value: shell.Text(joined(v.Languages))})
	}
	return list
}

// joined is words as a form takes them.
func joined(words []string) string { return strings.Join(words, ", ") }

// span is from when to when.
func span(ctx context.Context, from, until string) string {
	switch {
	case from == "" && until == "":
		return ""
	case until == "":
		return shell.T(ctx, "register.since", shell.PlainDay(ctx, from))
	case from == "":
		return shell.T(ctx, "register.till", shell.PlainDay(ctx, until))
	}
	return shell.T(ctx, "register.span", shell.PlainDay(ctx, from), shell.PlainDay(ctx, until))
}

func programmes(ctx context.Context, list []register.Programme) []shell.Option {
	out := []shell.Option{{Label: shell.T(ctx, "register.budget.general")}}
	for _, p := range list {
		out = append(out, shell.Option{Value: p.ID, Label: shell.Say(ctx, p.Name)})
	}
	return out
}

func programmeName(ctx context.Context, list []register.Programme, id string) string {
	for _, p := range list {
		if p.ID == id {
			return shell.Say(ctx, p.Name)
		}
	}
	return shell.T(ctx, "register.budget.general")
}
