package retention

import (
	"context"
	"slices"
	"strings"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/fault"
)

// part is a way in which people take part in proposals: rows, with the columns of proposal and person.
// Aliases are t, u and who, so that the columns of a query around it can be told from them.
type part struct{ rows, proposal, person string }

// owners are those whose record a proposal is: a hold on one of them is a hold on it.
var owners = []part{
	{"proposal t", "t.id", "t.lead_person"},
	{"proposal t JOIN account who ON who.id = t.created_by", "t.id", "who.person_id"},
	{"proposal_member t", "t.proposal_id", "t.person_id"},
	{"award t", "t.proposal_id", "t.lead_person"},
	{"award_party u JOIN award t ON t.id = u.award_id", "t.proposal_id", "u.person_id"},
}

// others wrote about a proposal, judged it, are named in it or were told of it: with them something of its record goes, and
// with it something of theirs.
var others = []part{
	{"review t", "t.proposal_id", "t.reviewer_person"},
	{"reviewer_suggestion u JOIN review t ON t.id = u.review_id", "t.proposal_id", "u.person_id"},
	{"assignment_wish t", "t.proposal_id", "t.person_id"},
	{"proposal_competitor t", "t.proposal_id", "t.person_id"},
	{"(SELECT subject_id, person_id FROM conflict WHERE subject_kind = 'proposal') t", "t.subject_id", "t.person_id"},
	{"panel_item t JOIN panel_member u ON u.panel_id = t.panel_id", "t.proposal_id", "u.person_id"},
	{"panel_item t", "t.proposal_id", "t.rapporteur_person"},
	{"panel_comment u JOIN panel_item t ON t.id = u.item_id", "t.proposal_id", "u.person_id"},
	{"panel_score u JOIN panel_item t ON t.id = u.item_id", "t.proposal_id", "u.person_id"},
	{"proposal_effort t JOIN account who ON who.id = t.account_id", "t.proposal_id", "who.person_id"},
	{"proposal_approval t JOIN account who ON who.id = t.by_account", "t.proposal_id", "who.person_id"},
	{"similar_verdict t JOIN account who ON who.id = t.by_account", "t.proposal_id", "who.person_id"},
	{"proposal_risk t JOIN account who ON who.id = t.by_account", "t.proposal_id", "who.person_id"},
	{"proposal_bottleneck t JOIN account who ON who.id = t.by_account", "t.proposal_id", "who.person_id"},
	{"decision_dissent t JOIN account who ON who.id = t.account_id", "t.proposal_id", "who.person_id"},
	{"appeal t JOIN account who ON who.id = t.lodged_by", "t.proposal_id", "who.person_id"},
	{"mail_message t JOIN account who ON who.id = t.to_account AND t.about_kind = 'proposal'", "t.about_id", "who.person_id"},
	{"mail_message u JOIN account who ON who.id = u.to_account AND u.about_kind = 'review' JOIN review t ON t.id = u.about_id", "t.proposal_id", "who.person_id"},
	{"mail_message u JOIN account who ON who.id = u.to_account AND u.about_kind = 'award' JOIN award t ON t.id = u.about_id", "t.proposal_id", "who.person_id"},
	// who stands in it by an address only
	{"proposal_member t JOIN person who ON lower(who.email) = lower(t.email) AND who.email <> '' AND t.person_id IS NULL", "t.proposal_id", "who.id"},
	{"proposal_member t JOIN account who ON who.email = lower(t.email) AND t.person_id IS NULL", "t.proposal_id", "who.person_id"},
	{"reviewer_suggestion u JOIN review t ON t.id = u.review_id JOIN person who ON lower(who.email) = lower(u.email) AND who.email <> ''", "t.proposal_id", "who.id"},
	{"reviewer_suggestion u JOIN review t ON t.id = u.review_id JOIN account who ON who.email = lower(u.email)", "t.proposal_id", "who.person_id"},
}

// everybody took part in one way or another.
var everybody = slices.Concat(owners, others)

// byAccount are the ways in which somebody takes part by an account, which need not stand for a person: of these the person is the account.
func byAccount() (ways []part) {
	for _, p := range everybody {
		if p.person == "who.person_id" {
			ways = append(ways, part{p.rows, p.proposal, "who.id"})
		}
	}
	return ways
}

// proposalsOf are the keys of the proposals in which a person took part in one of the ways.
func proposalsOf(ways []part, person string) string {
	var list []string
	for _, p := range ways {
		list = append(list, `SELECT `+p.proposal+` FROM `+p.rows+` WHERE `+p.person+` IN (`+person+`) AND `+p.proposal+` IS NOT NULL`)
	}
	return strings.Join(list, ` UNION `)
}

// reachOfProposals are the records that a hold on proposals can be on, as kind and key: they themselves, their calls and awards, and
// people who took part in one of the ways.
func reachOfProposals(in string, ways []part) []string {
	list := []string{
		`SELECT 'proposal', t.id FROM proposal t WHERE t.id IN (` + in + `)`,
		`SELECT 'call', t.call_id FROM proposal t WHERE t.id IN (` + in + `)`,
		`SELECT 'award', t.id FROM award t WHERE t.proposal_id IN (` + in + `)`,
		`SELECT 'call', t.call_id FROM award t WHERE t.proposal_id IN (` + in + `)`,
	}
	for _, p := range ways {
		list = append(list, `SELECT 'person', `+p.person+` FROM `+p.rows+` WHERE `+p.proposal+` IN (`+in+`)`)
	}
	return list
}

// reachOfAwards are those that a hold on awards can be on, whether these came with a proposal or not.
func reachOfAwards(in string) []string {
	return []string{
		`SELECT 'award', t.id FROM award t WHERE t.id IN (` + in + `)`,
		`SELECT 'call', t.call_id FROM award t WHERE t.id IN (` + in + `)`,
		`SELECT 'person', t.lead_person FROM award t WHERE t.id IN (` + in + `)`,
		`SELECT 'person', t.person_id FROM award_party t WHERE t.award_id IN (` + in + `)`,
		`SELECT 'person', who.person_id FROM mail_message t JOIN account who ON who.id = t.to_account WHERE t.about_kind = 'award' AND t.about_id IN (` + in + `)`,
	}
}

// reachOfPerson are those of which something would go with a person: of a call the place in a pool and what was promised, of
// another person what one of the two said of the other. What the person took part in is asked for its owners only: of
// others in it nothing goes.
func reachOfPerson(id string) []string {
	in := proposalsOf(everybody, id)
	awards := `SELECT t.id FROM award t WHERE t.lead_person = ` + id + ` UNION SELECT t.award_id FROM award_party t WHERE t.person_id = ` + id + `
		UNION ` + mailedAwards(id)
	list := append([]string{`SELECT 'person', t.id FROM person t WHERE t.id = ` + id}, reachOfProposals(in, owners)...)
	return append(append(list, reachOfAwards(awards)...),
		`SELECT 'call', t.call_id FROM reviewer_pool t WHERE t.person_id = `+id,
		`SELECT 'call', t.call_id FROM review_confidentiality t WHERE t.person_id = `+id,
		`SELECT 'call', u.call_id FROM panel_member t JOIN panel u ON u.id = t.panel_id WHERE t.person_id = `+id,
		`SELECT 'person', t.person_id FROM conflict t WHERE t.subject_kind = 'person' AND t.subject_id = `+id,
		`SELECT 'person', t.subject_id FROM conflict t WHERE t.subject_kind = 'person' AND t.person_id = `+id,
		`SELECT 'person', t.person_id FROM person_relation t WHERE t.other_id = `+id,
		`SELECT 'person', t.other_id FROM person_relation t WHERE t.person_id = `+id,
		`SELECT 'person', t.from_person FROM delegation t JOIN account who ON who.id = t.to_account WHERE who.person_id = `+id,
		`SELECT 'person', who.person_id FROM delegation t JOIN account who ON who.id = t.to_account WHERE t.from_person = `+id)
}

// stands is the condition that a hold h stands and stops the erasing of a record, whose key is a parameter. For many records
// there is kept.
func stands(kind, id string) string {
	var reach []string
	switch kind {
	case "proposal":
		reach = reachOfProposals(id, everybody)
	case "award":
		of := `SELECT t.proposal_id FROM award t WHERE t.id = ` + id + ` AND t.proposal_id IS NOT NULL`
		reach = append(reachOfProposals(of, everybody), reachOfAwards(id)...)
	case "person":
		reach = reachOfPerson(id)
	case "account":
		reach = reachOfProposals(proposalsOf(byAccount(), id), owners)
	}
	return `h.until_at IS NULL AND (h.subject_kind, h.subject_id) IN (` + strings.Join(reach, ` UNION ALL `) + `)`
}

// keepsTexts is the condition that a hold h stands and keeps the texts of a record whose key is a parameter, as heldOfKind says.
func keepsTexts(kind, id string) string {
	of, awards := id, `SELECT t.id FROM award t WHERE t.proposal_id = `+id
	if kind == "award" {
		of, awards = `SELECT t.proposal_id FROM award t WHERE t.id = `+id+` AND t.proposal_id IS NOT NULL`, id
	}
	reach := append(reachOfProposals(of, owners), reachOfAwards(awards)...)
	return `h.until_at IS NULL AND (h.subject_kind, h.subject_id) IN (` + strings.Join(reach, ` UNION ALL `) + `)`
}

// kept are the keys of the records of a kind that a hold keeps: those for which stands is true of some hold, asked from the side of
// the holds, which are few, so that a long list of what is due costs no more than a short one. None is null.
func kept(kind string) string {
	person, call := heldOf("person"), heldOf("call")
	var sets []string
	switch kind {
	case "proposal":
		sets = []string{heldProposals(), proposalsOf(others, person)}
	case "award":
		sets = []string{heldAwards(), `SELECT t.id FROM award t WHERE t.proposal_id IN (` + proposalsOf(others, person) + `)`, mailedAwards(person)}
	case "account":
		for _, p := range byAccount() {
			sets = append(sets, `SELECT `+p.person+` FROM `+p.rows+` WHERE `+p.proposal+` IN (`+heldProposals()+`)`)
		}
	case "person":
		sets = []string{person}
		for _, p := range everybody {
			sets = append(sets, `SELECT `+p.person+` FROM `+p.rows+` WHERE `+p.proposal+` IN (`+heldProposals()+`)`)
		}
		awards := heldAwards() + ` UNION ` + mailedAwards(person)
		sets = append(sets,
			`SELECT t.lead_person FROM award t WHERE t.id IN (`+awards+`)`,
			`SELECT t.person_id FROM award_party t WHERE t.award_id IN (`+awards+`)`,
			`SELECT who.person_id FROM mail_message t JOIN account who ON who.id = t.to_account WHERE t.about_kind = 'award' AND t.about_id IN (`+awards+`)`,
			`SELECT t.person_id FROM reviewer_pool t WHERE t.call_id IN (`+call+`)`,
			`SELECT t.person_id FROM review_confidentiality t WHERE t.call_id IN (`+call+`)`,
			`SELECT t.person_id FROM panel_member t JOIN panel u ON u.id = t.panel_id WHERE u.call_id IN (`+call+`)`,
			`SELECT t.subject_id FROM conflict t WHERE t.subject_kind = 'person' AND t.person_id IN (`+person+`)`,
			`SELECT t.person_id FROM conflict t WHERE t.subject_kind = 'person' AND t.subject_id IN (`+person+`)`,
			`SELECT t.other_id FROM person_relation t WHERE t.person_id IN (`+person+`)`,
			`SELECT t.person_id FROM person_relation t WHERE t.other_id IN (`+person+`)`,
			`SELECT who.person_id FROM delegation t JOIN account who ON who.id = t.to_account WHERE t.from_person IN (`+person+`)`,
			`SELECT t.from_person FROM delegation t JOIN account who ON who.id = t.to_account WHERE who.person_id IN (`+person+`)`)
	}
	return `SELECT v.subject_id FROM (SELECT '' AS subject_id UNION ` + strings.Join(sets, ` UNION `) + `) v WHERE v.subject_id <> ''`
}

// mailedAwards are the keys of the awards about which some people were mailed.
func mailedAwards(people string) string {
	return `SELECT t.about_id FROM mail_message t JOIN account who ON who.id = t.to_account WHERE t.about_kind = 'award' AND who.person_id IN (` + people + `)`
}

// heldOf are the keys of the records of a kind on which a hold stands.
func heldOf(kind string) string {
	return `SELECT t.subject_id FROM legal_hold t WHERE t.until_at IS NULL AND t.subject_kind = '` + kind + `'`
}

// heldProposals are the keys of the proposals that are held: by themselves, or with their call, their award or one whose they are.
func heldProposals() string {
	return heldOf("proposal") + ` UNION SELECT t.id FROM proposal t WHERE t.call_id IN (` + heldOf("call") + `)
		UNION SELECT t.proposal_id FROM award t WHERE t.proposal_id IS NOT NULL AND (t.id IN (` + heldOf("award") + `) OR t.call_id IN (` + heldOf("call") + `))
		UNION ` + proposalsOf(owners, heldOf("person"))
}

// heldAwards are the keys of the awards that are held, likewise.
func heldAwards() string {
	return heldOf("award") + ` UNION SELECT t.id FROM award t WHERE t.proposal_id IN (` + heldProposals() + `) OR t.call_id IN (` + heldOf("call") + `) OR t.lead_person IN (` + heldOf("person") + `)
		UNION SELECT t.award_id FROM award_party t WHERE t.person_id IN (` + heldOf("person") + `)`
}

// heldOfKind are the kinds of records whose texts a hold keeps as they are, whoever is named in them, with the keys of those that are held.
var heldOfKind = map[string]string{"proposal": heldProposals(), "award": heldAwards()}

// free is the condition that no hold keeps a row of a table, as the inventory says whose it is.
func (t table) free() (where string) {
	for _, rows := range t.Rows {
		if held := heldOfKind[rows.Of]; held != "" {
			where += " AND CASE WHEN " + strings.ReplaceAll(rows.Where, "= $1", "IN ("+held+")") + " THEN 0 ELSE 1 END = 1"
		}
	}
	return where
}

// freeMail is the condition that no hold keeps a row of mail_message: it neither is about a held record, or what belongs to one, nor went
// to a held person.
func freeMail() string {
	person, call := heldOf("person"), heldOf("call")
	about := func(kind, in string) string { return `about_kind = '` + kind + `' AND about_id IN (` + in + `)` }
	held := []string{
		about("proposal", heldProposals()),
		about("review", `SELECT t.id FROM review t WHERE t.proposal_id IN (`+heldProposals()+`) OR t.reviewer_person IN (`+person+`)`),
		about("award", heldAwards()),
		about("call", call),
		about("panel", `SELECT t.id FROM panel t WHERE t.call_id IN (`+call+`) UNION SELECT t.panel_id FROM panel_item t WHERE t.proposal_id IN (`+heldProposals()+`)`),
		about("assignment", `SELECT t.id FROM assignment_run t WHERE t.call_id IN (`+call+`) UNION SELECT t.id FROM assignment_change t WHERE t.call_id IN (`+call+`)`),
		about("person", person),
		about("request", `SELECT t.id FROM data_request t WHERE t.person_id IN (`+person+`) UNION SELECT t.id FROM mailed_request t WHERE t.person_id IN (`+person+`)`),
		`to_account IN (SELECT t.id FROM account t WHERE t.person_id IN (` + person + `))`,
		`lower(to_email) IN (SELECT lower(t.email) FROM account t WHERE t.person_id IN (` + person + `)
			UNION SELECT lower(t.email) FROM person t WHERE t.id IN (` + person + `) UNION SELECT lower(t.email) FROM proposal_member t WHERE t.person_id IN (` + person + `))`,
	}
	// NOT would keep for good what went to an address without an account.
	return `CASE WHEN ` + strings.Join(held, ` OR `) + ` THEN 0 ELSE 1 END = 1`
}

// stops are the holds that stop the erasing of a record.
func (s *Service) stops(ctx context.Context, kind, id string) ([]Hold, error) {
	if kind == "mail" { // spared one by one
		return nil, nil
	}
	return s.holds(ctx, stands(kind, "$1"), id)
}

// shown are holds without number and reason where a may not see what is held: that it stands must be told, no more.
func (s *Service) shown(ctx context.Context, a access.Actor, list []Hold) ([]Hold, error) {
	for i, h := range list {
		_, err := s.find(ctx, a, "retention.see", h.Kind, h.Subject)
		if fault.Is(err, fault.NotFound) || fault.Is(err, fault.NotAllowed) || fault.Is(err, fault.Invalid) {
			list[i] = Hold{Kind: h.Kind}
		} else if err != nil {
			return nil, err
		}
	}
	return list, nil
}
