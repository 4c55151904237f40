// Package measure is the measures of supply and capability that a technology map shows:
// concentration, the EU's supply risk and economic importance, revealed advantage,
// complexity and relatedness, lead and lag.
//
// Shares are from 0 to 1. What is not known is never zero: a measure of data with gaps is
// an [Interval] that holds the true value whatever the gaps are, and a lag that has not
// ended is censored, not a number. No measure adds others up to an index of its own.
package measure

// Interval holds a value that is known within bounds; Low equals High where it is known.
type Interval struct{ Low, High float64 }
