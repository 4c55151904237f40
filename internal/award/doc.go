// Package award is what was given: an award made by a signed decision, with its
// funding lines, parties as at signing, the report it owes, and what came of it.
// Awards are public from the day of signing unless an embargo holds them back.
package award
