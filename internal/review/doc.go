// Package review is who judges what, and what they say: invitations, declared
// conflicts, the form of the scheme's criteria, and the rule that one sees the
// reviews of others only after one's own. Under dual anonymity a reviewer gets
// the text without its people, and applicants never learn who reviewed: others
// know a reviewer by a letter.
package review
