// Package similar compares a proposal with all proposals and awards: what was
// copied, asked for twice, or is being paid for already. It shows passages and lets
// people decide; it decides nothing.
package similar
