// Package register is who takes part: organisations, people, agencies with
// their programmes and budgets. Keys are never rewritten: what is merged
// redirects. A person decides field by field what is shown; an e-mail address is never public.
package register
