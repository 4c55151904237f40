// Package panel is where people judge together: panels made of a call's proposals,
// their members, what each thinks before the meeting, the discussion, the meeting with
// its order of the day and its votes, and the summary that goes with the decision.
//
// It promises two things. Nobody sees what others think of a proposal before having
// said what they think themselves. And who has a conflict with a proposal learns
// nothing of it: for them its panel is, to the byte, the panel without it: in lists,
// numbers, counts, mails, and in what the live page does and when.
package panel
