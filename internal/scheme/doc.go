// Package scheme is how awards are made, as data: forms, eligibility, stages,
// review plan, decision rule, award terms and reports of one way of giving
// money. A definition is a YAML file with its forms as JSON Schema; rules are
// CEL, typed from the form, so that a wrong name is found when the scheme is
// checked and not when a person applies. Publishing gives a definition a number
// and a hash; calls and proposals are pinned to it.
package scheme
