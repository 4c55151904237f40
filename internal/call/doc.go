// Package call is the invitation to propose: made from a published scheme
// version, with money, dates in a named time zone, and guidance. A draft exists
// only for staff of its agency. Whether a published call is open follows from its
// dates; a deadline is a local time, its zone, and the instant the two give.
package call
