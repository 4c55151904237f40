// Package chart draws the few charts that pages need as SVG on the server.
//
// A chart is a Go value: numbers with the text in which people read them, labels
// already in the reader's language, and the finding in a sentence. It gives two
// things that say the same: SVG, the drawing, and Table, its numbers. The
// drawings use the classes and patterns of the style sheet, so that dark pages
// and print follow; they hold no style attribute, no script and nothing from
// outside, and escape every text they are given. A drawing depends on its value
// alone: equal values give equal bytes.
//
//	@shell.Figure(title, caption, chart.Drawing(bars), head, rows)
//
// The page must define the patterns p-diag, p-dots, p-cross and p-lines once; the
// layout does.
package chart
